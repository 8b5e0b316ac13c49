"""Forms of the administration: limits with the kinds' own words, robots whose address is written and never shown."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.choices import flatten_choices
from django.utils.translation import gettext_lazy as _

from casework.channels.addresses import check_webhook_url
from casework.channels.base import GiveUp
from casework.choices import HandlingLevel, Urgency
from casework.models import EscalationStep, Robot, ServiceLevel
from casework.registry import kind_of, kinds

ANY = ("", _("Any"))


def kind_choices() -> list[tuple[str, Any]]:
    return [(kind.name, kind.label) for kind in kinds()]


def subject_names(kind: str) -> dict[str, Any]:
    """The names of the categories and types of a kind, by the code a limit is given for."""
    return dict(flatten_choices(kind_of(kind).subject_choices()))


def subject_choices() -> list[Any]:
    """Categories and types of every kind, in the groups of each."""
    found: list[Any] = [ANY]
    for kind in kinds():
        for label, group in kind.subject_choices():
            is_group = isinstance(group, list | tuple)
            found.append((f"{kind.label} · {label}", group) if is_group else (label, group))
    return found


class KindForm(forms.ModelForm):
    """The kind is one of those that are registered."""

    kind = forms.ChoiceField(label=_("kind"), choices=kind_choices)


class LimitForm(KindForm):
    """A limit: category and type belong to its kind."""

    subject = forms.ChoiceField(label=_("category or type"), choices=subject_choices, required=False)
    urgency = forms.ChoiceField(label=_("urgency"), choices=[ANY, *Urgency.choices], required=False)
    level = forms.ChoiceField(
        label=_("handling level"), choices=[ANY, *HandlingLevel.choices], required=False
    )

    class Meta:
        model = ServiceLevel
        fields = (
            *("kind", "step", "subject", "urgency", "level"),
            *("amount", "unit", "cut_off", "valid_from", "basis"),
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("valid_from", timezone.localdate())
        # A limit of a category that is no longer offered stays readable and may be kept.
        kept = self.instance.subject
        if kept and kept not in dict(flatten_choices(self.fields["subject"].choices)):
            self.fields["subject"].choices = [*self.fields["subject"].choices, (kept, kept)]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        kind, subject = data.get("kind"), data.get("subject")
        if kind and subject and subject != self.instance.subject and subject not in subject_names(kind):
            self.add_error("subject", _("This category or type does not belong to the chosen kind."))
        return data


class EscalationForm(KindForm):
    """Whom lateness reaches."""

    class Meta:
        model = EscalationStep
        fields = ("kind", "step", "after_workdays", "tell", "basis")


class WriteOnlyInput(forms.TextInput):
    """What is typed into it is never written into a page, not even after a refusal."""

    def __init__(self) -> None:
        super().__init__({"class": "vURLField", "autocomplete": "off", "spellcheck": "false"})

    def format_value(self, value: Any) -> None:
        return None


class RobotForm(forms.ModelForm):
    """SECURITY: address and secret are written and never shown; left empty they stay what they are."""

    url = forms.CharField(
        label=_("webhook address"),
        max_length=300,
        required=False,
        widget=WriteOnlyInput,
        help_text=_(
            "Paste it from the group's settings. It is not shown again; empty keeps the one that is there."
        ),
    )
    secret = forms.CharField(
        label=_("signing secret"),
        max_length=120,
        required=False,
        widget=WriteOnlyInput,
        help_text=_(
            "DingTalk shows it beside the option to sign. It is not shown again; empty keeps the one there."
        ),
    )
    drop_secret = forms.BooleanField(label=_("take the secret away"), required=False)

    class Meta:
        model = Robot
        fields = ("name", "channel", "area", "url", "secret", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["url"] = self.initial["secret"] = ""
        if self.instance.pk is None:
            self.fields["url"].required = True
        if not self.instance.secret and "drop_secret" in self.fields:
            self.fields["drop_secret"].widget = forms.HiddenInput()

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"] or self.instance.url
        try:
            check_webhook_url(url)
        except GiveUp as refused:
            raise ValidationError(str(refused)) from None
        return url

    def clean_secret(self) -> str:
        secret: str = self.cleaned_data["secret"] or self.instance.secret
        return secret

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("drop_secret"):
            data["secret"] = ""
        return data
