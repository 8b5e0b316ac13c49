"""Pages by position, over real rows: cases with and without a due time."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import signing
from django.db.models import Q

from casework.models import Case
from core.keyset import SIGNER, Keyset
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2023, 2, 20, 4, tzinfo=UTC)
NEWEST, URGENT, LATEST = ("-opened_at", "-pk"), ("due_at", "pk"), ("-due_at", "-pk")


@pytest.fixture
def make(tree):
    """Cases opened at, and due after, so many hours; None: without a limit."""
    reporter = UserFactory()

    def build(*hours, due=()):
        due = due or (None,) * len(hours)
        return [
            Case.objects.create(
                number=f"X-{number:04d}",
                kind="ticket",
                title="t",
                status="reported",
                status_since=NOON,
                area=tree["005001"],
                path=tree["005001"].code,
                reporter=reporter,
                opened_at=NOON + timedelta(hours=opened),
                due_at=None if after is None else NOON + timedelta(hours=after),
            ).pk
            for number, (opened, after) in enumerate(zip(hours, due, strict=True))
        ]

    return build


def walk(order=(), per_page=2, parts=()):
    """All pages from the first to the last, then back to the first."""
    there, back = [], []
    keyset = Keyset(Case.objects.all(), order=order, parts=parts, per_page=per_page)
    page = keyset.page(None)
    assert not page.before
    while True:
        there.append([case.pk for case in page])
        if not page.after:
            break
        page = keyset.page(page.after)
    while True:
        back.insert(0, [case.pk for case in page])
        if not page.before:
            break
        page = keyset.page(page.before)
    return there, back


def flat(pages):
    return [pk for page in pages for pk in page]


def test_pages_hold_every_row_once_in_order_and_lead_back_the_same_way(make):
    made = make(0, 1, 2, 3, 4)
    there, back = walk(NEWEST)
    assert there == [[made[4], made[3]], [made[2], made[1]], [made[0]]]
    assert flat(back) == flat(there)


def test_equal_values_are_told_apart_by_the_last_column(make):
    made = make(1, 1, 1, 1, 1, 1, 1)
    there, back = walk(NEWEST, per_page=3)
    assert flat(there) == made[::-1]
    assert flat(back) == flat(there)


@pytest.mark.parametrize("per_page", [1, 2, 3, 4, 6, 7])
def test_rows_without_a_value_come_last_when_it_ascends(make, per_page):
    made = make(0, 0, 0, 0, 0, 0, due=(5, None, 3, None, 5, None))
    there, back = walk(URGENT, per_page)
    assert flat(there) == [made[i] for i in (2, 0, 4, 1, 3, 5)]
    assert flat(back) == flat(there)


@pytest.mark.parametrize("per_page", [1, 2, 4])
def test_rows_without_a_value_come_last_when_it_descends(make, per_page):
    made = make(0, 0, 0, 0, 0, due=(5, None, 3, None, 9))
    there, back = walk(LATEST, per_page)
    assert flat(there) == [made[i] for i in (4, 0, 2, 3, 1)]
    assert flat(back) == flat(there)


@pytest.mark.parametrize("per_page", [1, 2, 3, 4, 6, 7])
def test_parts_follow_one_another_each_in_its_own_order(make, per_page):
    made = make(0, 1, 2, 3, 4, 5, due=(5, None, 3, None, 9, None))
    late = NOON + timedelta(hours=4)
    parts = [
        (("due_at", "pk"), Q(due_at__gte=late)),
        (("-opened_at", "-pk"), Q(due_at__isnull=True)),
        (("due_at", "pk"), Q(due_at__lt=late)),
    ]
    there, back = walk(per_page=per_page, parts=parts)
    assert flat(there) == [made[i] for i in (0, 4, 5, 3, 1, 2)]
    assert flat(back) == flat(there)


def test_a_part_is_read_only_when_the_page_reaches_it(make, django_assert_num_queries):
    make(*range(6))
    parts = [(NEWEST, Q(closed_at__isnull=True)), (NEWEST, Q(closed_at__isnull=False))]
    with django_assert_num_queries(1):
        Keyset(Case.objects.all(), parts=parts, per_page=2).page(None)


def test_a_full_last_page_has_no_next_page(make):
    make(0, 1, 2, 3)
    there, _back = walk(NEWEST)
    assert [len(page) for page in there] == [2, 2]


def test_a_row_that_arrives_does_not_shift_the_pages(make):
    first = make(0, 1, 2, 3)
    keyset = Keyset(Case.objects.all(), order=NEWEST, per_page=2)
    cursor = keyset.page(None).after
    Case.objects.filter(pk=first[0]).update(opened_at=NOON + timedelta(days=9))
    assert [case.pk for case in keyset.page(cursor)] == [first[1]]


def test_an_empty_list_is_one_page_without_neighbours():
    page = Keyset(Case.objects.all(), order=NEWEST).page(None)
    assert (len(page), page.after, page.before) == (0, "", "")


def test_a_position_whose_rows_are_gone_leads_to_the_first_page(make):
    made = make(0, 1, 2)
    keyset = Keyset(Case.objects.all(), order=NEWEST, per_page=2)
    cursor = keyset.page(None).after
    Case.objects.filter(pk=made[0]).delete()
    assert [case.pk for case in keyset.page(cursor)] == [made[2], made[1]]


@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense",
        "a:b:c",
        "\x00",
        "x" * 5000,
        SIGNER.sign_object(["f", "-opened_at,-pk", 0, ["no date", "1"]]),
        SIGNER.sign_object(["f", "-opened_at,-pk", 0, ["2023-02-20T12:00:00+08:00"]]),
        SIGNER.sign_object(["f", "-opened_at,-pk", 1, ["2023-02-20T12:00:00+08:00", "1"]]),
        SIGNER.sign_object(["f", "-opened_at,-pk", ["2023-02-20T12:00:00+08:00", "1"]]),
        SIGNER.sign_object(["f", "due_at,pk", 1, ["1"]]),
        signing.Signer(salt="another").sign_object(
            ["f", "-opened_at,-pk", 0, ["2023-02-20T12:00:00+08:00", "1"]]
        ),
    ],
    # A signature holds the time: it must not be part of the test's name.
    ids=[
        "words",
        "colons",
        "nul",
        "long",
        "no date",
        "too short",
        "no such part",
        "as written before",
        "other order",
        "other salt",
    ],
)
def test_a_cursor_that_is_not_ours_leads_to_the_first_page(make, cursor):
    made = make(0, 1, 2)
    page = Keyset(Case.objects.all(), order=NEWEST, per_page=2).page(cursor)
    assert [case.pk for case in page] == [made[2], made[1]]
    assert not page.before


def test_a_tampered_cursor_leads_to_the_first_page(make):
    make(0, 1, 2)
    keyset = Keyset(Case.objects.all(), order=NEWEST, per_page=2)
    cursor = keyset.page(None).after
    assert not keyset.page(cursor[:-1] + ("A" if cursor[-1] != "A" else "B")).before


def test_only_the_first_column_may_be_nullable():
    with pytest.raises(ValueError, match="nullable"):
        Keyset(Case.objects.all(), order=("-opened_at", "due_at"))


def test_a_deep_page_is_one_range_of_the_index(make, django_assert_num_queries):
    make(*range(6))
    keyset = Keyset(Case.objects.all(), order=NEWEST, per_page=2)
    cursor = keyset.page(keyset.page(None).after).after
    with django_assert_num_queries(1) as seen:
        keyset.page(cursor)
    assert '"opened_at" <= ' in seen.captured_queries[0]["sql"]
