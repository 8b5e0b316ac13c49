"""Phone numbers: one reading, one stored form; what is no number is refused in words."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Organisation, User
from core.phones import clean_phone, read_phone

MOBILE = "13812345678"


@pytest.mark.parametrize(
    "written",
    [
        "13812345678",
        " 138 1234 5678 ",
        "138-1234-5678",
        "+86 138 1234 5678",
        "+8613812345678",
        "86 13812345678",
        "0086 138 1234 5678",
        "（+86）138-1234-5678",
        "１３８１２３４５６７８",
        "＋８６－１３８１２３４５６７８",
        "138\u00a01234\u00a05678",
        "138\t1234\t5678",
        "138\u30001234\u30005678",
        "138\u20111234\u20135678",
        "138—1234—5678",
        "\u202d13812345678\u202c",
        "013812345678",
        "138.1234.5678",
    ],
)
def test_a_mobile_number_is_the_same_however_it_is_written(written):
    assert read_phone(written) == MOBILE


@pytest.mark.parametrize(
    "written",
    [
        "0931-8412345",
        "09318412345",
        "(0931) 841 2345",
        "（0931）8412345",
        "+86 931 8412345",
        "+86 0931-8412345",
        "０９３１－８４１２３４５",
        "0931—8412345",
        "8412345",
        "841-2345",
    ],
)
def test_a_landline_is_the_same_with_and_without_the_area_code_of_the_city(written):
    assert read_phone(written) == "0931-8412345"


@pytest.mark.parametrize(
    "written",
    [
        "0931-8412345转801",
        "0931-8412345 转 801",
        "09318412345-801",
        "(0931)8412345-801",
        "0931-8412345 ext 801",
        "0931-8412345 Ext. 801",
        "0931-8412345#801",
        "0931-8412345x801",
        "0931-8412345分机801",
        "8412345转８０１",
        "0931-8412345，801",
    ],
)
def test_an_extension_is_kept_in_one_form(written):
    assert read_phone(written) == "0931-8412345转801"


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("12345", "12345"),
        ("110", "110"),
        ("120", "120"),
        ("12319", "12319"),
        ("95598", "95598"),
        ("967788", "967788"),
        ("400-123-4567", "4001234567"),
        ("4001234567", "4001234567"),
        ("010-12345678", "010-12345678"),
        ("02885552222", "028-85552222"),
        ("+852 2123 4567", "+85221234567"),
        ("19912345678", "19912345678"),
        ("13812345678转2", "13812345678转2"),
    ],
)
def test_service_numbers_other_cities_and_other_countries_are_read(written, stored):
    assert read_phone(written) == stored


@pytest.mark.parametrize(
    "written",
    [
        "138001380001",
        "1380013800",
        "12",
        "123456789",
        "abc",
        "张三",
        "13812345678 张三",
        "13812345678/13912345678",
        "13812345678 13912345678",
        "1-800-FLOWERS",
        "+999 123",
        "0931",
        "----",
        "62010220000101123X",
        "23812345678",
        "0931-8412345转1234567",
    ],
)
def test_what_is_no_number_is_refused_with_a_sentence(written):
    with pytest.raises(ValidationError, match="11"):
        clean_phone(written)


@given(st.text(max_size=25))
def test_any_text_is_a_number_in_its_stored_form_or_refused(text):
    try:
        stored = read_phone(text)
    except ValueError:
        return
    assert read_phone(stored) == stored
    assert len(stored) <= 20


@given(st.integers(10**9, 2 * 10**9 - 1))
def test_the_stored_form_of_every_mobile_number_is_itself(rest):
    number = f"1{3 + rest % 7}{rest % 10**9:09}"
    assert read_phone(number) == number


@pytest.mark.parametrize("model", [User, Organisation])
def test_a_person_and_an_office_keep_the_stored_form(model):
    assert model._meta.get_field("phone").clean("（0931）841 2345-801", None) == "0931-8412345转801"
    with pytest.raises(ValidationError):
        model._meta.get_field("phone").clean("138001380001", None)


def test_no_phone_is_no_mistake():
    assert clean_phone(" \t") == ""
