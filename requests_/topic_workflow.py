"""The whole life of a proactive topic on one screen (domain page 2.3). Pure data, read like requests_/workflow.py.

The system raises it; what a step does beside changing the status stands in requests_/topic_effects.py.
"""

from django.utils.translation import gettext_lazy as _

from casework.choices import Step
from casework.workflow import Clock, Workflow
from casework.workflow import Transition as T
from requests_.choices import TOPIC_CLOSED_STATUSES
from requests_.choices import TopicStatus as S

# fmt: off
TRANSITIONS = (
    # verb, label, from, to, who, required, optional
    T("take_up", _("Take it up"), (S.TO_TAKE_UP,), (S.IN_HAND,), ("officer",), ("lead", "plan"), style="primary",
      hint=_("Name who leads, and what will be done so that nobody has to complain again.")),
    T("report_progress", _("Report progress"), (S.IN_HAND,), (), ("lead",), ("note",)),
    T("finish", _("Finish"), (S.IN_HAND,), (S.TO_REVIEW,), ("lead",), ("result",), style="primary"),
    T("pass_review", _("Pass the review"), (S.TO_REVIEW,), (S.CLOSED,), ("reviewer",), (), ("opinion",),
      style="primary"),
    T("rework", _("Return for rework"), (S.TO_REVIEW,), (S.IN_HAND,), ("reviewer",), ("reason",)),
    T("dismiss", _("Dismiss"), (S.TO_TAKE_UP, S.IN_HAND), (S.DISMISSED,), ("dismisser",), ("reason",), style="danger",
      hint=_("The tickets go their own ways; the topic is closed without being handled.")),
)

CLOCKS = (
    Clock(Step.HANDLE, (S.TO_TAKE_UP, S.IN_HAND), done_by=("finish",), is_main=True),
    Clock(Step.REVIEW, (S.TO_REVIEW,), done_by=("pass_review", "rework"), is_main=True),
)
# fmt: on

TOPIC_WORKFLOW = Workflow(
    statuses=S,
    initial=S.TO_TAKE_UP,
    closed=TOPIC_CLOSED_STATUSES,
    terminal=TOPIC_CLOSED_STATUSES,
    transitions=TRANSITIONS,
)
