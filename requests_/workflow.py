"""The whole life of a ticket on one screen (domain page 12.5). Pure data.

`who` names capacities defined in requests_/permissions.py, inputs are built in requests_/step_fields.py, what a step
does beside changing the status stands in requests_/effects.py, time_effects.py or whistle_effects.py under the verb's
name.
"""

from operator import attrgetter

from django.utils.translation import gettext_lazy as _

from casework.choices import Step
from casework.workflow import Clock, Workflow
from casework.workflow import Transition as T
from requests_.choices import CLOSED_STATUSES, PAUSED_STATUSES, TERMINAL_STATUSES
from requests_.choices import TicketStatus as S

SYSTEM = "system"

OPEN = tuple(status.value for status in S if status not in CLOSED_STATUSES)

# fmt: off
TRANSITIONS = (
    # verb, label, from, to, who, required, optional
    T("accept", _("Accept"), (S.REPORTED,), (S.TO_DISPATCH,), ("accepter",),
      ("urgency", "handling_level"), ("opinion",), style="primary"),
    T("settle_on_spot", _("Settle on the spot"), (S.REPORTED,), (S.TO_REVIEW,), ("small_settler",),
      ("result", "photos"), style="success"),
    T("decline", _("Decline"), (S.REPORTED,), (S.DECLINED,), ("officer",),
      ("decline_reason", "told_how"), style="danger"),
    T("merge", _("Merge into another"), (S.REPORTED, S.TO_DISPATCH), (S.MERGED,), ("officer",),
      ("main_ticket",), ("opinion",)),
    T("dispatch", _("Dispatch"), (S.TO_DISPATCH,), (S.TO_SIGN,), ("dispatcher",),
      ("handler", "opinion"), style="primary"),
    T("sign", _("Sign for it"), (S.TO_SIGN,), (S.HANDLING,), ("handler",), style="primary"),
    T("record_contact", _("Record the first contact"), (S.TO_DISPATCH, S.TO_SIGN, S.HANDLING, S.SUSPENDED), (),
      ("contacter",), (), ("note",), hint=_("The resident was spoken to: the time is written down.")),
    T("request_extension", _("Ask for an extension"), (S.HANDLING,), (), ("extension_requester",),
      ("workdays", "reason"), hint=_("Before the office's cut-off on the day it is due.")),
    T("approve_extension", _("Approve the extension"), (S.HANDLING,), (), ("extension_decider",),
      (), ("opinion",), style="primary"),
    T("refuse_extension", _("Refuse the extension"), (S.HANDLING,), (), ("extension_decider",), ("reason",)),
    T("propose_suspension", _("Propose to suspend"), (S.HANDLING,), (), ("suspension_proposer",),
      ("reason", "review_on"), hint=_("For what cannot be settled now for a cause nobody here can remove.")),
    T("suspend", _("Approve the suspension"), (S.HANDLING,), (S.SUSPENDED,), ("suspension_decider",),
      (), ("opinion",), style="primary"),
    T("refuse_suspension", _("Refuse the suspension"), (S.HANDLING,), (), ("suspension_decider",), ("reason",)),
    T("resume", _("Resume"), (S.SUSPENDED,), (S.HANDLING,), ("resumer",), (), ("opinion",), style="primary",
      hint=_("The time that was left runs again from now.")),
    T("whistle", _("Blow the whistle"), (S.HANDLING,), (), ("whistler",),
      ("organisations", "ground", "demand", "respond_by"), hint=_("Departments are called to the spot and report in.")),
    T("report_in", _("Report in"), OPEN, (), ("called",), (), ("note",), style="primary"),
    T("answer_whistle", _("Dealt with on the spot"), OPEN, (), ("reported_in",), ("outcome",), style="primary"),
    T("rate_whistle", _("Rate the department"), (*OPEN, S.CLOSED), (), ("whistle_rater",),
      ("call", "rating"), ("rating_note",)),
    T("finish", _("Finish"), (S.HANDLING,), (S.TO_REVIEW,), ("handler",),
      ("result", "contacted"), ("photos",), style="primary"),
    T("send_back", _("Send back"), (S.TO_SIGN, S.HANDLING), (S.TO_DISPATCH,), ("handler",),
      ("reason",), hint=_("Possible for a short time after dispatch. Sent back often, it goes to the secretary.")),
    T("reassign", _("Reassign"), (S.TO_SIGN, S.HANDLING), (S.TO_SIGN,), ("reassigner",), ("handler", "reason")),
    T("request_escalation", _("Ask to escalate"), (S.TO_DISPATCH, S.HANDLING), (), ("escalation_requester",),
      ("reason",), hint=_("The secretary decides whether it goes to the subdistrict.")),
    T("escalate", _("Escalate"), (S.TO_DISPATCH, S.HANDLING), (S.TO_DISPATCH,), ("escalator",), ("reason",)),
    T("pass_review", _("Pass the review"), (S.TO_REVIEW,), (S.TO_CALL_BACK, S.CLOSED), ("reviewer", SYSTEM),
      (), ("opinion",), style="primary"),
    T("rework", _("Return for rework"), (S.TO_REVIEW,), (S.HANDLING,), ("reviewer",), ("reason",)),
    T("callback", _("Record the callback"), (S.TO_CALL_BACK,), (S.CLOSED, S.HANDLING, S.TO_CALL_BACK), ("officer",),
      ("solved", "satisfaction"), ("report", "called_by", "opinion"), style="primary"),
    T("try_contact", _("Not reached"), (S.TO_CALL_BACK,), (), ("officer",), (), ("report", "note")),
    T("close_unreached", _("Close as not reached"), (S.TO_CALL_BACK,), (S.CLOSED,), ("officer",), (), ("opinion",)),
    T("reopen", _("Reopen"), (S.CLOSED,), (S.TO_DISPATCH,), ("reopener",), ("reason",)),
    T("cancel", _("Cancel ticket"), (S.REPORTED, S.TO_DISPATCH), (S.CANCELLED,), ("officer",), ("reason",),
      style="danger"),
    T("supervise", _("Supervise"), OPEN, (), ("supervisor", SYSTEM), ("leader", "answer_by", "demand"),
      hint=_("A supervision sheet with a number and a named leader is issued.")),
    T("lift_supervision", _("Lift the supervision"), (*OPEN, S.CLOSED), (), ("supervision_lifter",), ("answer",)),
    T("name_person", _("Let a person see it"), OPEN, (), ("secret_keeper",), ("person",),
      hint=_("A secret case is seen by its reporter, its handler, the secretary and the people named on it.")),
    T("unlink_repeat", _("Not a repeat"), (*OPEN, S.CLOSED), (), ("repeat_unlinker",), ("reason",),
      hint=_("The link to the earlier reports ends; the numbers of later ones stay as they are.")),
    T("correct", _("Correct place or category"), OPEN, (), ("corrector",), ("reason",),
      ("category", "place", "entrance", "place_text", "position", "area"),
      hint=_("Limits, desk and map follow; the timeline says what it was and what it is.")),
    T("archive", _("Archive"), (S.CLOSED,), (S.ARCHIVED,), (SYSTEM,)),
)

HANDLED_IN = (S.TO_DISPATCH, S.TO_SIGN, S.HANDLING, S.SUSPENDED)
CLOCKS = (
    Clock(Step.ACCEPT, (S.REPORTED,), done_by=("accept", "settle_on_spot", "decline", "merge", "cancel"), is_main=True),
    Clock(Step.HANDLE, HANDLED_IN, done_by=("finish",), is_main=True,
          limit_after={"rework": Step.REWORK, "callback": Step.REWORK}),
    Clock(Step.SIGN, (S.TO_SIGN,), anew=True, done_by=("sign",)),
    Clock(Step.RETURN, (S.TO_SIGN, S.HANDLING, S.SUSPENDED), starts_in=(S.TO_SIGN,), anew=True, is_duty=False),
    Clock(Step.FIRST_CONTACT, (*HANDLED_IN, S.TO_REVIEW, S.TO_CALL_BACK), done_by=("record_contact",),
          wanted=attrgetter("wants_first_contact")),
    Clock(Step.REVIEW, (S.TO_REVIEW,), done_by=("pass_review", "rework"), is_main=True),
    Clock(Step.CALLBACK, (S.TO_CALL_BACK,), done_by=("close_unreached",), is_main=True),
)
# fmt: on

TICKET_WORKFLOW = Workflow(
    statuses=S,
    initial=S.REPORTED,
    closed=CLOSED_STATUSES,
    terminal=TERMINAL_STATUSES,
    transitions=TRANSITIONS,
    paused=PAUSED_STATUSES,
)
