"""The whole life of a ticket on one screen (domain page 12.5). Pure data.

`who` names capacities defined in requests_/permissions.py, inputs are built in requests_/forms.py, what a step
does beside changing the status stands in requests_/effects.py under the verb's name.
"""

from django.utils.translation import gettext_lazy as _

from casework.workflow import Transition as T
from casework.workflow import Workflow
from requests_.choices import CLOSED_STATUSES, TERMINAL_STATUSES
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
    T("finish", _("Finish"), (S.HANDLING,), (S.TO_REVIEW,), ("handler",),
      ("result", "contacted"), ("photos",), style="primary"),
    T("send_back", _("Send back"), (S.TO_SIGN, S.HANDLING), (S.TO_DISPATCH,), ("handler",),
      ("reason",), hint=_("Send it back soon. The third time the secretary decides.")),
    T("reassign", _("Reassign"), (S.HANDLING,), (S.TO_SIGN,), ("reassigner",), ("handler", "reason")),
    T("request_escalation", _("Ask to escalate"), (S.TO_DISPATCH, S.HANDLING), (), ("escalation_requester",),
      ("reason",), hint=_("The secretary decides whether it goes to the subdistrict.")),
    T("escalate", _("Escalate"), (S.TO_DISPATCH, S.HANDLING), (S.TO_DISPATCH,), ("escalator",), ("reason",)),
    T("pass_review", _("Pass the review"), (S.TO_REVIEW,), (S.TO_CALL_BACK, S.CLOSED), ("reviewer", SYSTEM),
      (), ("opinion",), style="primary"),
    T("rework", _("Return for rework"), (S.TO_REVIEW,), (S.HANDLING,), ("reviewer",), ("reason",)),
    T("callback", _("Record the callback"), (S.TO_CALL_BACK,), (S.CLOSED, S.HANDLING), ("officer",),
      ("solved", "satisfaction"), ("opinion",), style="primary"),
    T("try_contact", _("Not reached"), (S.TO_CALL_BACK,), (), ("officer",), (), ("note",)),
    T("close_unreached", _("Close as not reached"), (S.TO_CALL_BACK,), (S.CLOSED,), ("officer",), (), ("opinion",)),
    T("reopen", _("Reopen"), (S.CLOSED,), (S.TO_DISPATCH,), ("reopener",), ("reason",)),
    T("cancel", _("Cancel ticket"), (S.REPORTED, S.TO_DISPATCH), (S.CANCELLED,), ("officer",), ("reason",),
      style="danger"),
    T("name_person", _("Let a person see it"), OPEN, (), ("secret_keeper",), ("person",),
      hint=_("A secret case is seen by its reporter, its handler, the secretary and the people named on it.")),
    T("archive", _("Archive"), (S.CLOSED,), (S.ARCHIVED,), (SYSTEM,)),
)
# fmt: on

TICKET_WORKFLOW = Workflow(
    statuses=S,
    initial=S.REPORTED,
    closed=CLOSED_STATUSES,
    terminal=TERMINAL_STATUSES,
    transitions=TRANSITIONS,
)
