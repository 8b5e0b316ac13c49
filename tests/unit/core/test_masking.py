"""What is shown of a name and a phone to those who do not need them whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.masking import mask_name, mask_phone
from requests_.models import Ticket


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三", "张*"),
        ("李小龙", "李**"),
        ("欧阳明", "欧阳*"),
        ("司马相如", "司马**"),
        ("诸葛亮", "诸葛*"),
        ("尉迟敬德", "尉迟**"),
        ("欧阳", "欧*"),
        ("第五琦", "第五*"),
        ("欧 阳 明", "欧阳*"),
        ("歐陽明", "歐陽*"),
        ("阿依·买提", "阿****"),
        ("王", "王"),
        ("", ""),
        ("王欧阳", "王**"),
        ("𠮷野家", "𠮷**"),
    ],
)
def test_of_a_name_the_surname_is_shown_also_a_compound_one(name, shown):
    assert mask_name(name) == shown


@given(st.text("欧阳司马张王明·", min_size=2, max_size=8))
def test_no_name_of_two_characters_or_more_is_shown_whole(name):
    assert mask_name(name).endswith("*")
    assert len(mask_name(name)) == len(name)


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812345678", "138****5678"),
        ("0931-8412345", "093****2345"),
        ("0931-8412345转801", "093****2345"),
        ("12345", ""),
        ("", ""),
    ],
)
def test_of_a_phone_the_ends_are_shown(phone, shown):
    assert mask_phone(phone) == shown


def test_the_resident_of_a_ticket_is_masked_by_the_same_rule():
    ticket = Ticket(caller_name="欧阳明", caller_phone="0931-8412345转801")
    assert ticket.masked_caller == "欧阳* 093****2345"
