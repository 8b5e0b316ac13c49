"""The question a restored site is asked: do rows, tallies, timelines and files agree?"""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from casework.models import Attachment, Case, ClosedTally
from casework.photos import stage_photo
from requests_.services import archive_closed_tickets
from tests.factories.requests import accept, dispatch, finish, picture, report, take

pytestmark = pytest.mark.django_db


@pytest.fixture
def lived(tree, grid_leader, grid_worker, officer, secretary):
    """Closed late and archived, closed in time, reopened, declined, secret and closed, and one open."""

    def closed(days=0, **fields):
        then, now = timezone.now() - timedelta(days=60), timezone.now() - timedelta(days=days)
        ticket = accept(report(officer, tree["00500101"], now=then, **fields), officer, now=then)
        ticket = dispatch(ticket, officer, grid_worker, now=then)
        ticket = finish(take(ticket, "sign", grid_worker, now=then), grid_worker, now=now if days else then)
        ticket = take(ticket, "pass_review", officer, now=now)
        if ticket.closed_at is None:
            ticket = take(ticket, "callback", officer, solved="yes", satisfaction="satisfied", now=now)
        return ticket

    archived = closed(days=40)
    assert archive_closed_tickets() == 1
    kept = closed()
    take(closed(), "reopen", officer, reason="又坏了")
    take(
        report(officer, tree["00500101"]),
        "decline",
        officer,
        decline_reason="not_ours",
        told_how="已电话告知",
    )
    closed(is_secret=True)
    report(officer, tree["00500101"])
    assert set(ClosedTally.objects.filter(count__gt=0).values_list("status", "on_time", "count")) == {
        ("closed", False, 1), ("closed", True, 1), ("declined", True, 1)
    }  # fmt: skip
    return archived, kept


def asked(capsys):
    """What the check says, line by line; it ends with 1 when it says anything."""
    capsys.readouterr()
    code = 0
    try:
        call_command("check_consistency")
    except SystemExit as stopped:
        code = stopped.code
    said = capsys.readouterr().out.splitlines()
    assert code == int(bool(said))
    return said


def test_what_was_done_step_by_step_agrees(lived, capsys):
    assert asked(capsys) == []


def test_a_tally_that_the_cases_do_not_add_up_to_is_named(lived, capsys):
    tally = ClosedTally.objects.get(on_time=False)
    ClosedTally.objects.filter(pk=tally.pk).update(count=3)
    ClosedTally.objects.filter(status="declined").delete()
    wrong, gone = asked(capsys)
    assert f"{tally.day}" in wrong
    assert "closed" in wrong
    assert "3" in wrong
    assert "declined" in gone


def test_a_case_that_was_never_closed_by_a_step_is_named(lived, capsys):
    Case.objects.filter(status="reported").update(closed_at=timezone.now())
    assert len(asked(capsys)) == 1


def test_a_case_whose_timeline_ends_elsewhere_is_named(lived, capsys):
    _archived, kept = lived
    Case.objects.filter(pk=kept.pk).update(status="handling")
    assert asked(capsys) == [f"{kept.number}当前为“handling”，而办理记录显示为“closed”。"]


def test_a_picture_whose_file_is_gone_is_named_also_before_its_form_is_sent(lived, officer, capsys):
    picture_of_case = Attachment.objects.first()
    waiting = stage_photo(owner=officer, upload=picture())
    assert asked(capsys) == []
    picture_of_case.thumbnail.storage.delete(picture_of_case.thumbnail.name)
    waiting.file.storage.delete(waiting.file.name)
    said = asked(capsys)
    assert [picture_of_case.thumbnail.name in said[0], waiting.file.name in said[1], len(said)] == [
        True,
        True,
        2,
    ]
