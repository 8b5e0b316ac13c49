"""The question a restored site is asked: do rows, tallies, timelines and files agree?"""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone

from casework.models import Attachment, Case, ClosedTally, Deadline, NumberSeries, ServiceLevel
from casework.photos import stage_photo
from requests_.services import archive_closed_tickets
from tests.factories.requests import accept, dispatch, finish, picture, report, take

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    """Other tests leave files whose rows were rolled back."""
    settings.MEDIA_ROOT = tmp_path


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
    assert set(ClosedTally.objects.filter(count__gt=0).values_list("status", "handling_kept", "count")) == {
        ("closed", 0, 1), ("closed", 1, 1), ("declined", 0, 1)
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
    tally = ClosedTally.objects.get(status="closed", handling_kept=0, count=1)
    ClosedTally.objects.filter(pk=tally.pk).update(count=3)
    ClosedTally.objects.filter(status="declined").delete()
    wrong, gone = asked(capsys)
    assert f"{tally.day}" in wrong
    assert "closed" in wrong
    assert "3" in wrong
    assert "declined" in gone


def test_a_tally_whose_limits_the_cases_do_not_add_up_to_is_named(lived, capsys):
    ClosedTally.objects.filter(handling_kept=1).update(handling_kept=0, acceptance_kept=0)
    (wrong,) = asked(capsys)
    assert "acceptance 0/1, signing 1/1, handling 0/1" in wrong
    assert "acceptance 1/1, signing 1/1, handling 1/1" in wrong


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


def test_an_open_case_whose_limit_was_deleted_is_named(lived, capsys):
    waiting = Case.objects.get(status="reported")
    Deadline.objects.filter(case=waiting).delete()
    assert asked(capsys) == [f"{waiting.number}处于“待受理”，但没有“受理”时限。"]


@pytest.mark.parametrize("step", ["sign", "return", "handle", "first_contact"])
def test_each_limit_that_begins_with_a_status_is_missed(
    step, tree, grid_leader, grid_worker, micro_grid_worker, capsys
):
    ticket = report(micro_grid_worker, tree["00500101"], caller_phone="13900000000")
    dispatch(accept(ticket, grid_leader), grid_leader, grid_worker)
    assert asked(capsys) == []
    Deadline.objects.filter(step=step).delete()
    assert [ticket.number in sentence for sentence in asked(capsys)] == [True]


def test_a_case_opened_before_its_limit_was_in_force_may_lack_it(lived, capsys):
    Deadline.objects.filter(case__status="reported").delete()
    ServiceLevel.objects.filter(step="accept").update(valid_from=timezone.localdate())
    Case.objects.filter(status="reported").update(opened_at=timezone.now() - timedelta(days=1))
    assert asked(capsys) == []


def test_a_case_that_shows_another_due_time_than_its_limit_is_named(lived, capsys):
    waiting = Case.objects.get(status="reported")
    Case.objects.filter(pk=waiting.pk).update(due_at=waiting.due_at + timedelta(days=1))
    assert [waiting.number in sentence for sentence in asked(capsys)] == [True]


@pytest.mark.parametrize("how", ["behind", "deleted"])
def test_a_number_series_behind_the_numbers_in_use_is_named(how, lived, secretary, capsys):
    waiting = Case.objects.get(status="reported")
    tomorrow = timezone.now() + timedelta(days=1)
    take(waiting, "supervise", secretary, leader=secretary, answer_by=tomorrow, demand="尽快")
    assert asked(capsys) == []
    if how == "behind":
        NumberSeries.objects.update(last=0)
    else:
        NumberSeries.objects.all().delete()
    last = {f"DB-{timezone.localdate().year}": 1}
    for number in Case.objects.order_by("number").values_list("number", flat=True):  # of two years in January
        series, _dash, place = number.rpartition("-")
        last[series] = int(place)
    assert asked(capsys) == [f"{series}编号已用到{most}，编号序列仍停在0。" for series, most in last.items()]


def test_a_file_without_a_byte_is_named(lived, capsys):
    name = Attachment.objects.first().file.name
    Path(default_storage.path(name)).write_bytes(b"")
    assert asked(capsys) == [f"文件{name}为空文件。"]


@pytest.mark.parametrize(("hours", "is_named"), [(0, False), (2, True)])
def test_a_file_that_belongs_to_no_picture_is_named_once_it_is_no_longer_new(hours, is_named, lived, capsys):
    name = default_storage.save("cases/2026/03/left.jpg", ContentFile(b"left over"))
    written_at = (timezone.now() - timedelta(hours=hours)).timestamp()
    os.utime(default_storage.path(name), (written_at, written_at))
    assert asked(capsys) == ([f"文件{name}不属于任何图片。"] if is_named else [])
