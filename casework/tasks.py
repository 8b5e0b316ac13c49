"""Celery entry points; each may run twice harmlessly. The time is the database's: clocks of machines differ."""

from functools import partial

from celery import shared_task

from casework.outbox import channels_due, send_due
from casework.photos import drop_stale_photos
from casework.planning import sweep
from casework.recount import run_recounts
from casework.reminders import database_now, deliver_all
from casework.robot_lists import plan_robot_messages
from core.worker import ask_worker


class RulesFailed(Exception):
    """These rules were not planned, all else was; the log says why."""


@shared_task
def sweep_reminders() -> None:
    """Every minute: plan what is due, deliver everything planned, and ask for what has to leave the house.

    Raises RulesFailed at the end when a rule could not be planned.
    """
    now = database_now()
    swept = sweep(now=now, also=[("group robots", partial(plan_robot_messages, now=now))])
    deliver_all(now=now)
    for channel in channels_due(now=now):
        ask_worker(deliver_messages, channel)
    if swept.failed:
        raise RulesFailed(", ".join(swept.failed))


@shared_task
def deliver_reminders() -> None:
    """Right after a step: deliver its news. Where letters are going out already, the next sweep asks for these."""
    now = database_now()
    deliver_all(now=now)
    for channel in channels_due(now=now, idle_only=True):
        ask_worker(deliver_messages, channel)


@shared_task
def deliver_messages(channel: str) -> None:
    """Sends what is due through one channel; a channel that hangs holds up no other."""
    send_due(channel, now=database_now())


@shared_task
def recompute_deadlines() -> None:
    """Counts open limits again after the calendar changed."""
    run_recounts(now=database_now())


@shared_task
def drop_photos() -> None:
    """Nightly: pictures of forms nobody finished."""
    drop_stale_photos()
