"""The calendar changes: open limits that touch the day are counted again, with an event where one moved."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from casework import recount as module
from casework.letters import compose
from casework.models import Case, Deadline, InboxItem, Message, RecountOrder, Reminder
from casework.recount import recount, run_recounts
from casework.reminders import deliver_all, sentence
from casework.rules import calendar_provisional
from grids.calendar_files import DayRow
from grids.calendar_keeping import import_year, set_workday
from tests.factories.requests import accept, dispatch, finish, report, take

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2023, 2, 20, 10, tzinfo=ZONE)


@pytest.fixture
def tickets(micro_grid_worker, officer, grid_worker, tree):
    made = []
    for _n in range(3):
        ticket = report(micro_grid_worker, tree["00500101"], category="dispute", now=MONDAY)
        accept(ticket, officer, "grid", now=MONDAY)
        made.append(dispatch(ticket, officer, grid_worker, now=MONDAY))
    return made


def set_day(administrator, day, is_workday):
    """What the administration does; the recount it orders is carried out at once (tests run tasks eagerly)."""
    set_workday(actor=administrator, day=day, is_workday=is_workday, name="调整", source="测试通知")


def due_days(step="handle"):
    rows = Deadline.objects.filter(step=step).order_by("pk").values_list("due_at", flat=True)
    return [timezone.localtime(moment).date() for moment in rows]


def test_a_new_day_off_moves_what_touches_it_and_says_so(
    tickets, system_admin, django_capture_on_commit_callbacks
):
    assert due_days() == [date(2023, 2, 27)] * 3
    with django_capture_on_commit_callbacks(execute=True):
        set_day(system_admin, date(2023, 2, 24), False)
    assert due_days() == [date(2023, 2, 28)] * 3
    case = Case.objects.get(pk=tickets[0].pk)
    assert timezone.localtime(case.due_at).date() == date(2023, 2, 28)
    event = case.events.order_by("-seq").first()
    assert (event.verb, event.actor, event.facts["step"]) == ("recounted", None, "handle")
    order = RecountOrder.objects.get()
    assert (order.moved, order.done_at is not None) == (3, True)


def test_a_day_outside_every_limit_moves_nothing(tickets, system_admin, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        set_day(system_admin, date(2023, 3, 10), False)
        set_day(system_admin, date(2023, 2, 17), False)
    assert due_days() == [date(2023, 2, 27)] * 3
    assert not Case.objects.filter(events__verb="recounted").exists()


def test_a_worked_weekend_brings_the_due_day_forward(tickets, system_admin):
    set_day(system_admin, date(2023, 2, 25), True)
    run_recounts(now=MONDAY)
    assert due_days() == [date(2023, 2, 25)] * 3


def earlier():
    rows = Reminder.objects.filter(rule="due_moved").order_by("pk")
    return [(row.recipient.name, row.case.number, row.facts["step"]) for row in rows.select_related("case")]


def test_a_limit_that_comes_earlier_is_told_once_to_the_handler_with_both_days(
    tickets, system_admin, grid_worker
):
    set_day(system_admin, date(2023, 2, 25), True)
    for _time in range(2):
        run_recounts(now=MONDAY)
    assert earlier() == [("王工", ticket.number, "handle") for ticket in tickets]
    deliver_all(now=MONDAY)
    line = sentence(InboxItem.objects.filter(rule="due_moved").latest("pk"))
    assert "2月27日" in line
    assert "2月25日" in line


def test_many_limits_that_come_earlier_are_one_morning_list_with_both_days(
    tickets, system_admin, grid_worker
):
    type(grid_worker).objects.filter(pk=grid_worker.pk).update(email="worker@example.org")
    set_day(system_admin, date(2023, 2, 25), True)
    run_recounts(now=MONDAY)
    deliver_all(now=MONDAY)
    (message,) = Message.objects.filter(lines__rule="due_moved").distinct()
    lines = compose(message, now=MONDAY).letter.lines
    assert len(lines) == 3
    assert all("2月27日" in line.text and "2月25日" in line.text for line in lines)


def test_what_nobody_handles_and_comes_earlier_is_told_to_its_desk(
    micro_grid_worker, officer, grid_leader, system_admin, tree
):
    ticket = report(micro_grid_worker, tree["00500101"], category="dispute", now=MONDAY)
    accept(ticket, officer, "community", now=MONDAY)
    set_day(system_admin, date(2023, 2, 25), True)
    run_recounts(now=MONDAY)
    assert earlier() == [("赵专干", ticket.number, "handle")]


def test_a_limit_that_comes_later_is_told_to_nobody(tickets, system_admin):
    set_day(system_admin, date(2023, 2, 24), False)
    assert run_recounts(now=MONDAY) == 3
    assert earlier() == []


def test_an_earlier_limit_of_a_case_that_was_given_away_is_not_sent_to_who_had_it(
    tickets, system_admin, grid_worker, neighbour
):
    type(grid_worker).objects.filter(pk=grid_worker.pk).update(email="worker@example.org")
    set_day(system_admin, date(2023, 2, 25), True)
    run_recounts(now=MONDAY)
    deliver_all(now=MONDAY)
    Case.objects.filter(pk__in=[ticket.pk for ticket in tickets]).update(handler_user=neighbour)
    message = Message.objects.filter(lines__rule="due_moved").first()
    assert compose(message, now=MONDAY).letter is None


def test_what_is_finished_or_suspended_is_left_alone(tickets, system_admin, grid_worker, officer, secretary):
    done, held, _runs = tickets
    take(done, "sign", grid_worker, now=MONDAY)
    finish(done, grid_worker, now=MONDAY)
    take(held, "sign", grid_worker, now=MONDAY)
    take(held, "propose_suspension", officer, reason="等待", review_on=date(2023, 3, 10), now=MONDAY)
    take(held, "suspend", secretary, now=MONDAY)
    set_day(system_admin, date(2023, 2, 24), False)
    run_recounts(now=MONDAY)
    assert due_days() == [date(2023, 2, 27), date(2023, 2, 27), date(2023, 2, 28)]


def test_a_lost_order_is_carried_out_by_the_next_run_and_twice_is_harmless(tickets, system_admin):
    set_day(system_admin, date(2023, 2, 24), False)
    assert due_days() == [date(2023, 2, 27)] * 3  # the task never ran
    moved = run_recounts(now=MONDAY)
    assert (moved, run_recounts(now=MONDAY)) == (3, 0)
    assert recount(date(2023, 2, 24), date(2023, 2, 24), now=MONDAY) == 0
    assert Case.objects.get(pk=tickets[0].pk).events.filter(verb="recounted").count() == 1


def test_a_day_off_after_the_end_moves_when_half_as_long_again_is_over(tickets, system_admin):
    """Dispatched on Monday; Thursday 2 March lies behind the five workdays and inside the three after them."""
    half_over = Deadline.objects.filter(step="handle").values_list("half_over_at", flat=True)
    assert timezone.localtime(half_over[0]).date() == date(2023, 3, 2)
    set_day(system_admin, date(2023, 3, 2), False)
    assert run_recounts(now=MONDAY) == 0
    assert timezone.localtime(half_over.all()[0]).date() == date(2023, 3, 3)


def test_batches_reach_everything(tickets, system_admin, monkeypatch):
    monkeypatch.setattr(module, "BATCH", 2)
    set_day(system_admin, date(2023, 2, 24), False)
    assert run_recounts(now=MONDAY) == 3


def test_an_official_year_takes_the_estimate_away(micro_grid_worker, officer, system_admin, tree):
    ticket = report(micro_grid_worker, tree["00500101"], category="dispute", now=MONDAY)
    december = datetime(2026, 12, 28, 10, tzinfo=ZONE)
    ticket = accept(ticket, officer, "grid", now=december)
    assert ticket.due_is_provisional
    days = [date(2027, 1, 1) + timedelta(days=n) for n in range(365)]
    rows = [
        DayRow(day, day.weekday() < 5 and day != date(2027, 1, 1), "元旦" if day == days[0] else "")
        for day in days
    ]
    import_year(actor=system_admin, year=2027, rows=rows, source="官方通知")
    run_recounts(now=december)
    case = Case.objects.get(pk=ticket.pk)
    assert not case.due_is_provisional
    assert timezone.localtime(case.due_at).date() == date(2027, 1, 5)


def test_next_year_being_estimated_is_told_to_administrators_weekly_from_november(system_admin, officer):
    def told(moment):
        calendar_provisional(moment)
        return Reminder.objects.filter(rule="calendar_provisional", recipient=system_admin).count()

    assert told(datetime(2026, 10, 31, 10, tzinfo=ZONE)) == 0
    assert told(datetime(2026, 11, 2, 10, tzinfo=ZONE)) == 1
    assert told(datetime(2026, 11, 6, 10, tzinfo=ZONE)) == 1
    assert told(datetime(2026, 11, 9, 10, tzinfo=ZONE)) == 2
    assert told(datetime(2025, 11, 10, 10, tzinfo=ZONE)) == 2  # 2026 is official
    assert not Reminder.objects.filter(recipient=officer).exists()


def test_the_running_year_being_estimated_is_told_weekly_too(system_admin):
    """A list that never came does not come by itself on 1 January."""

    def told(moment):
        calendar_provisional(moment)
        calendar_provisional(moment)
        rows = Reminder.objects.filter(rule="calendar_provisional", recipient=system_admin)
        return sorted(rows.values_list("facts__year", flat=True))

    assert told(datetime(2026, 1, 5, 10, tzinfo=ZONE)) == []
    assert told(datetime(2027, 1, 4, 10, tzinfo=ZONE)) == [2027]
    assert told(datetime(2027, 1, 11, 10, tzinfo=ZONE)) == [2027, 2027]
    assert told(datetime(2027, 11, 1, 10, tzinfo=ZONE)) == [2027, 2027, 2027, 2028]


def test_other_office_hours_move_the_limits_of_their_area(tickets, system_admin, client_for, tree, settings):
    settings.ADMIN_SECOND_FACTOR = False
    fields = {
        "area": tree["005"].pk, "morning_from": "09:00", "morning_to": "12:00", "afternoon_from": "13:00",
        "afternoon_to": "17:30", "cut_off": "16:30", "quiet_from": "21:00", "quiet_to": "08:00",
        "digest_at": "08:40", "basis": "社区作息",
    }  # fmt: skip
    answer = client_for(system_admin).post(reverse("admin:grids_officehours_add"), fields)
    assert answer.status_code == 302
    assert run_recounts(now=MONDAY) > 0
    case = Case.objects.get(pk=tickets[0].pk)
    assert timezone.localtime(case.due_at).strftime("%m-%d %H:%M") == "02-27 17:30"
