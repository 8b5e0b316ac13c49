"""The form of one step of a ticket or a topic."""

from typing import Any

from django import forms
from django.utils.functional import cached_property

from accounts.models import User
from casework.workflow import Transition
from core.forms import StyledForm
from requests_.callbacks import Line, lines_of
from requests_.step_fields import FIELDS


class StepForm(StyledForm):
    """The form of one step, built from the inputs the transition names. `version` tells a stale page."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, step: Transition, case: Any, user: User, **kwargs: Any) -> None:
        self.step, self.case, self.user = step, case, user
        super().__init__(*args, initial={"version": case.version}, auto_id=f"{step.verb}_%s", **kwargs)
        for name in step.inputs:
            self.fields[name] = FIELDS[name](self, name in step.required)
        self.order_fields(["version", "report"])
        self.style_widgets()

    @cached_property
    def callback_lines(self) -> list[Line]:
        """Whom a ticket is called back about, read once for the fields that ask."""
        return lines_of(self.case)
