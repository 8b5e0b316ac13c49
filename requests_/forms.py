"""The form of one step of a ticket or a topic."""

from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from accounts.models import User
from casework.workflow import Transition
from core.forms import StyledForm
from grids.posts import serves
from requests_.callbacks import Line, lines_of
from requests_.models import Ticket
from requests_.step_fields import FIELDS
from requests_.whistle_effects import open_calls

# Steps that finish or may close a ticket.
ENDING = frozenset({"finish", "pass_review", "callback", "close_unreached"})


class StepForm(StyledForm):
    """The form of one step, built from the inputs the transition names. `version` tells a stale page."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, step: Transition, case: Any, user: User, **kwargs: Any) -> None:
        self.step, self.case, self.user = step, case, user
        super().__init__(*args, initial={"version": case.version}, auto_id=f"{step.verb}_%s", **kwargs)
        for name in step.inputs:
            self.fields[name] = FIELDS[name](self, name in step.required)
        self.order_fields(["version", "report"])
        self._ask_about_calls()
        self.style_widgets()

    def _ask_about_calls(self) -> None:
        """A ticket that is finished or closed while a department's call is open: only with a word about it."""
        if self.step.verb in ENDING and isinstance(self.case, Ticket) and (calls := open_calls(self.case)):
            label = _("These departments are called and not rated: %(calls)s. Go on all the same")
            self.fields["calls_seen"] = forms.BooleanField(label=label % {"calls": calls})

    def clean(self) -> dict[str, Any]:
        """A handler without a post over the place is asked about first."""
        data = super().clean() or self.cleaned_data
        person = (data.get("handler") or (None, None))[0]
        if person is not None and not serves(person, self.case.path):
            label = _("%(name)s has no post in this place. Give it to them all the same")
            self.fields["outside_ok"] = forms.BooleanField(label=label % {"name": person}, required=False)
            self.style_widgets()
            if self.data.get("outside_ok") != "on":
                self.add_error("outside_ok", _("Confirm it, or choose somebody who serves the place."))
        return data

    @cached_property
    def callback_lines(self) -> list[Line]:
        """Whom a ticket is called back about, read once for the fields that ask."""
        return lines_of(self.case)
