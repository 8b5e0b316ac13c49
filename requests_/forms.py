"""Forms of a ticket: the report, and one form per step built from the step's inputs."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from casework.choices import LEVELS_UPWARDS, HandlingLevel, Urgency
from casework.forms import PhotosField
from casework.workflow import Transition
from core.forms import StyledForm
from requests_.choices import DeclineReason, Satisfaction, Solved
from requests_.models import Ticket
from requests_.selectors import handlers_for, mergeable_into


class HandlerField(forms.ChoiceField):
    """A person or an organisation; cleans to (person, None) or (None, organisation)."""

    def __init__(self, *, people: Any, organisations: Any, **kwargs: Any) -> None:
        self.people = {f"person:{p.pk}": p for p in people}
        self.organisations = {f"organisation:{o.pk}": o for o in organisations}
        groups: list[Any] = [("", _("Choose …"))]
        if self.people:
            groups.append(
                (_("People"), [(k, f"{p.name} · {p.get_role_display()}") for k, p in self.people.items()])
            )
        if self.organisations:
            groups.append((_("Departments and units"), [(k, o.name) for k, o in self.organisations.items()]))
        super().__init__(choices=groups, **kwargs)

    def clean(self, value: Any) -> tuple[User | None, Organisation | None]:
        key = super().clean(value)
        return self.people.get(key), self.organisations.get(key)


def _text(label: Any, *, rows: int = 3, length: int = 500, help_text: Any = "") -> Callable[..., forms.Field]:
    def build(form: "StepForm", required: bool) -> forms.Field:
        return forms.CharField(
            label=label,
            required=required,
            max_length=length,
            widget=forms.Textarea(attrs={"rows": rows}),
            help_text=help_text,
        )

    return build


def _choice(
    label: Any, choices: Any, initial: Callable[[Ticket], Any] | None = None
) -> Callable[..., forms.Field]:
    def build(form: "StepForm", required: bool) -> forms.Field:
        start = initial(form.case) if initial else None
        blank = [] if start else [("", _("Choose …"))]
        return forms.ChoiceField(label=label, required=required, choices=[*blank, *choices], initial=start)

    return build


def _handler(form: "StepForm", required: bool) -> forms.Field:
    people, organisations = handlers_for(form.user, form.case)
    return HandlerField(label=_("Handler"), required=required, people=people, organisations=organisations)


def _person(form: "StepForm", required: bool) -> forms.Field:
    people, _organisations = handlers_for(form.user, form.case)
    return forms.ModelChoiceField(
        queryset=people, label=_("Person"), required=required, empty_label=_("Choose …")
    )


def _photos(form: "StepForm", required: bool) -> forms.Field:
    needed = required or form.case.category.photo_needed
    return PhotosField(owner=form.user, label=_("Photos of the result"), required=needed)


def _main_ticket(form: "StepForm", required: bool) -> forms.Field:
    nearby = mergeable_into(form.user, form.case)
    return MainTicketField(tickets=nearby, label=_("Main ticket"), required=required, max_length=20)


def _contacted(form: "StepForm", required: bool) -> forms.Field:
    return forms.ChoiceField(
        label=_("Resident contacted"),
        required=required,
        widget=forms.RadioSelect,
        choices=[("yes", _("Yes")), ("no", _("No")), ("not_needed", _("Nobody to contact"))],
    )


class MainTicketField(forms.CharField):
    """The number of an open ticket the person sees; cleans to the ticket."""

    def __init__(self, *, tickets: Any, **kwargs: Any) -> None:
        self.tickets = tickets
        super().__init__(help_text=_("Its number, such as T-2023-000123."), **kwargs)

    def clean(self, value: Any) -> Ticket | None:
        number = super().clean(value).strip().upper()
        if not number:
            return None
        found: Ticket | None = self.tickets.filter(number=number).first()
        if found is None:
            raise ValidationError(_("No open ticket with this number in your community."), code="unknown")
        return found


# Accepting sends a ticket at most to the community level; higher only by escalation.
ACCEPT_LEVELS = LEVELS_UPWARDS[:2]


def _usual_level(ticket: Ticket) -> str:
    level = HandlingLevel(ticket.category.default_level)
    return level.value if level in ACCEPT_LEVELS else HandlingLevel.COMMUNITY.value


FIELDS: dict[str, Callable[["StepForm", bool], forms.Field]] = {
    "opinion": _text(_("Opinion")),
    "reason": _text(_("Reason")),
    "note": _text(_("Note"), rows=2, length=200),
    "result": _text(_("Result"), length=2000),
    "told_how": _text(_("How the resident was told"), rows=2, length=200),
    "decline_reason": _choice(_("Reason for declining"), DeclineReason.choices),
    "urgency": _choice(_("Urgency"), Urgency.choices, attrgetter("urgency")),
    "handling_level": _choice(_("Handling level"), [(v.value, v.label) for v in ACCEPT_LEVELS], _usual_level),
    "solved": _choice(_("Is it solved?"), Solved.choices),
    "satisfaction": _choice(_("Is the resident satisfied?"), Satisfaction.choices),
    "handler": _handler,
    "photos": _photos,
    "person": _person,
    "main_ticket": _main_ticket,
    "contacted": _contacted,
}


class StepForm(StyledForm):
    """The form of one step, built from the inputs the transition names. `version` tells a stale page."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, step: Transition, case: Ticket, user: User, **kwargs: Any) -> None:
        self.step, self.case, self.user = step, case, user
        super().__init__(*args, initial={"version": case.version}, auto_id=f"{step.verb}_%s", **kwargs)
        for name in step.inputs:
            self.fields[name] = FIELDS[name](self, name in step.required)
        self.style_widgets()
