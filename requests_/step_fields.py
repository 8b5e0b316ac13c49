"""The inputs of the steps of tickets and topics: name of the input → the field, built for the case and the person."""

from collections.abc import Callable
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from casework.choices import LEVELS_UPWARDS, HandlingLevel, Rating, Urgency, WhistleGround
from casework.forms import PhotosField
from casework.limit_models import parameter
from core.forms import is_key
from grids.office_calendar import calendar_for
from grids.posts import posts_over
from requests_.callbacks import waiting
from requests_.choices import CalledBy, DeclineReason, Satisfaction, Solved
from requests_.correction_fields import CORRECTION_FIELDS
from requests_.models import Ticket
from requests_.selectors import handlers_for, leaders_for, leads_for, mergeable_into, people_to_name
from requests_.time_effects import due_if_extended, extension_until

# No rule of any office: it only catches a mistyped year.
A_YEAR = timedelta(days=366)
MINUTE_FORMAT = "%Y-%m-%dT%H:%M"


class HandlerField(forms.ChoiceField):
    """A person or an organisation; cleans to (person, None) or (None, organisation).

    All of them are read when they are shown; of what was sent only the one.
    """

    def __init__(self, *, people: Any, organisations: Any, path: str, **kwargs: Any) -> None:
        self.people, self.organisations, self.path = people, organisations, path
        super().__init__(choices=lambda: self.offered, **kwargs)

    @cached_property
    def offered(self) -> list[Any]:
        """The choices: who serves the place with the posts there, other people, organisations."""
        posts = posts_over(self.people, self.path)
        here = [(f"person:{p.pk}", f"{p.name} · {posts[p.pk]}") for p in self.people if p.pk in posts]
        others = [
            (f"person:{p.pk}", f"{p.name} · {p.get_role_display()}") for p in self.people if p.pk not in posts
        ]
        organisations = [(f"organisation:{o.pk}", o.name) for o in self.organisations]
        groups = (
            (_("Serve this place"), here),
            (_("Other people"), others),
            (_("Departments and units"), organisations),
        )
        return [("", _("Choose …")), *[group for group in groups if group[1]]]

    def clean(self, value: Any) -> tuple[User | None, Organisation | None]:
        key = self.to_python(value)
        forms.Field.validate(self, key)
        kind, _colon, number = key.partition(":")
        source = {"person": self.people, "organisation": self.organisations}.get(kind)
        found = source.filter(pk=number).first() if source is not None and is_key(number) else None
        if key and found is None:
            raise ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice", params={"value": key}
            )
        return (found, None) if kind == "person" else (None, found)


def _text(label: Any, *, rows: int = 3, length: int = 500, help_text: Any = "") -> Callable[..., forms.Field]:
    def build(form: Any, required: bool) -> forms.Field:
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
    def build(form: Any, required: bool) -> forms.Field:
        start = initial(form.case) if initial else None
        blank = [] if start else [("", _("Choose …"))]
        return forms.ChoiceField(label=label, required=required, choices=[*blank, *choices], initial=start)

    return build


def _handler(form: Any, required: bool) -> forms.Field:
    people, organisations = handlers_for(form.user, form.case)
    return HandlerField(
        label=_("Handler"),
        required=required,
        people=people,
        organisations=organisations,
        path=form.case.path,
    )


def _person(form: Any, required: bool) -> forms.Field:
    return forms.ModelChoiceField(
        queryset=people_to_name(form.case), label=_("Person"), required=required, empty_label=_("Choose …")
    )


def _photos(form: Any, required: bool) -> forms.Field:
    needed = required or form.case.category.photo_needed
    return PhotosField(owner=form.user, label=_("Photos of the result"), required=needed)


def _main_ticket(form: Any, required: bool) -> forms.Field:
    nearby = mergeable_into(form.user, form.case)
    return MainTicketField(tickets=nearby, label=_("Main ticket"), required=required, max_length=20)


def _contacted(form: Any, required: bool) -> forms.Field:
    return forms.ChoiceField(
        label=_("Resident contacted"),
        required=required,
        widget=forms.RadioSelect,
        choices=[("yes", _("Yes")), ("no", _("No")), ("not_needed", _("Nobody to contact"))],
    )


def _report(form: Any, required: bool) -> forms.Field:
    """Whose call it was: a reporter who waits for an answer, masked; nothing to choose while there is only one."""
    lines = waiting(form.callback_lines)
    names = [
        (line.report.number, f"{line.report.masked_caller} {line.report.number}".strip()) for line in lines
    ]
    if len(lines) == 1:
        return forms.ChoiceField(choices=names, required=False, initial=names[0][0], widget=forms.HiddenInput)
    return forms.ChoiceField(label=_("Whom you called"), choices=[("", _("Choose …")), *names])


def _called_by(form: Any, required: bool) -> forms.Field:
    """Who asked the resident; only what 12345 sent is called back by 12345."""
    is_asked = any(line.report.is_from_hotline for line in form.callback_lines)
    hidden = None if is_asked else forms.HiddenInput
    return forms.ChoiceField(
        label=_("Who called the resident?"),
        required=required,
        choices=CalledBy.choices,
        initial=CalledBy.COMMUNITY.value,
        widget=hidden,
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


def _opinion(form: Any, required: bool) -> forms.Field:
    """Who grants more time reads when the ticket would be due."""
    later = due_if_extended(form.case) if form.step.verb == "approve_extension" else None
    hint: Any = _("Approved, it is due on %(moment)s.") % {"moment": _moment(later)} if later else ""
    return _text(_("Opinion"), help_text=hint)(form, required)


def _demand(form: Any, required: bool) -> forms.Field:
    label = _("What is needed") if form.step.verb == "whistle" else _("What is demanded")
    return _text(label, rows=2)(form, required)


def _workdays(form: Any, required: bool) -> forms.Field:
    most, until = parameter("extension_max_workdays"), extension_until(form.case)
    words: Any = _("1 to %(most)s.")
    if until is not None:
        words = _("1 to %(most)s, counted from when it is due now. To be asked for before %(until)s.")
    return forms.IntegerField(
        label=_("Workdays"),
        required=required,
        min_value=1,
        max_value=most,
        help_text=words % {"most": most, "until": _moment(until)},
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


def _review_on(form: Any, required: bool) -> forms.Field:
    most = parameter("suspension_max_days")
    return forms.DateField(
        label=_("Review on"),
        required=required,
        widget=_day_input(timedelta(days=1), timedelta(days=most)),
        help_text=_("After today, at most %(most)s days ahead.") % {"most": most},
    )


def _leader(form: Any, required: bool) -> forms.Field:
    return forms.ModelChoiceField(
        queryset=leaders_for(form.case),
        label=_("Responsible leader"),
        required=required,
        empty_label=_("Choose …"),
    )


def _lead(form: Any, required: bool) -> forms.Field:
    return forms.ModelChoiceField(
        queryset=leads_for(form.case),
        label=_("Who leads"),
        required=required,
        empty_label=_("Choose …"),
    )


class EndOfDayField(forms.DateField):
    """A day within the next year; cleans to the moment the office of the case closes on it."""

    def __init__(self, *, path: str, **kwargs: Any) -> None:
        self.path = path
        super().__init__(widget=_day_input(timedelta(), A_YEAR), **kwargs)

    def clean(self, value: Any) -> datetime | None:
        day = super().clean(value)
        return _within_a_year(calendar_for(self.path).closing(day)) if day else None


class MomentField(forms.DateTimeField):
    """A day and time within the next year, chosen with the browser's own control."""

    def __init__(self, **kwargs: Any) -> None:
        now = timezone.localtime()
        limits = {"min": f"{now:{MINUTE_FORMAT}}", "max": f"{now + A_YEAR:{MINUTE_FORMAT}}"}
        attrs = {"type": "datetime-local", **limits}
        super().__init__(widget=forms.DateTimeInput(format=MINUTE_FORMAT, attrs=attrs), **kwargs)

    def clean(self, value: Any) -> datetime | None:
        moment = super().clean(value)
        return _within_a_year(moment) if moment else None


def _within_a_year(moment: datetime) -> datetime:
    """Refuses a year that was mistyped; whether the moment is too early is for the step to say."""
    if moment > timezone.now() + A_YEAR:
        raise ValidationError(_("At most a year ahead."), code="far")
    return moment


def _end_of_day(label: Any) -> Callable[..., forms.Field]:
    def build(form: Any, required: bool) -> forms.Field:
        return EndOfDayField(path=form.case.path, label=label, required=required)

    return build


def _organisations(form: Any, required: bool) -> forms.Field:
    """Those that are not called already; who is, and not rated yet, stands in the hint."""
    takers = Organisation.objects.active().filter(takes_cases=True)
    called = Organisation.objects.filter(pk__in=form.case.whistles).values_list("name", flat=True)
    hint: Any = _("Called already: %(names)s.") % {"names": "、".join(called)} if called else ""
    return forms.ModelMultipleChoiceField(
        queryset=takers.exclude(pk__in=form.case.whistles),
        label=_("Departments called"),
        required=required,
        widget=forms.CheckboxSelectMultiple,
        help_text=hint,
    )


def _respond_by(form: Any, required: bool) -> forms.Field:
    return MomentField(label=_("Report in before"), required=required)


def _call(form: Any, required: bool) -> forms.Field:
    return forms.ModelChoiceField(
        queryset=form.case.whistle_calls.to_rate(timezone.now()).select_related("organisation"),
        label=_("Department"),
        required=required,
        empty_label=None,
    )


def _day_input(first: timedelta, last: timedelta) -> forms.DateInput:
    """A day from so many days ahead to so many; the browser offers no other."""
    today = timezone.localdate()
    limits = {"min": (today + first).isoformat(), "max": (today + last).isoformat()}
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", **limits})


def _moment(moment: datetime | None) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT") if moment else ""


FIELDS: dict[str, Callable[[Any, bool], forms.Field]] = {
    "opinion": _opinion,
    "reason": _text(_("Reason")),
    "note": _text(_("Note"), rows=2, length=200),
    "result": _text(_("Result"), length=2000),
    "told_how": _text(_("How the resident was told"), rows=2, length=200),
    "decline_reason": _choice(_("Reason for declining"), DeclineReason.choices),
    "urgency": _choice(_("Urgency"), Urgency.choices, attrgetter("urgency")),
    "handling_level": _choice(_("Handling level"), [(v.value, v.label) for v in ACCEPT_LEVELS], _usual_level),
    "report": _report,
    "called_by": _called_by,
    "solved": _choice(_("Is it solved?"), Solved.choices),
    "satisfaction": _choice(_("Is the resident satisfied?"), Satisfaction.choices),
    "handler": _handler,
    "photos": _photos,
    "person": _person,
    "main_ticket": _main_ticket,
    "contacted": _contacted,
    "workdays": _workdays,
    "review_on": _review_on,
    "leader": _leader,
    "lead": _lead,
    "plan": _text(_("What will be done"), length=1000),
    "answer_by": _end_of_day(_("Answer before the end of")),
    "demand": _demand,
    "answer": _text(_("Outcome"), rows=2),
    "outcome": _text(_("What was done on the spot"), rows=2),
    "organisations": _organisations,
    "ground": _choice(_("Ground"), WhistleGround.choices),
    "respond_by": _respond_by,
    "call": _call,
    "rating": _choice(_("Rating"), Rating.choices),
    "rating_note": _text(_("Why"), rows=2, length=200),
    **CORRECTION_FIELDS,
}
