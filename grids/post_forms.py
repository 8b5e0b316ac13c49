"""Input of the page where posts are given, handed over and ended."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.forms import StyledForm
from grids.choices import DUTY_LEVELS, Duty, Level, Specialty
from grids.models import Area


class FromDay(StyledForm):
    """From which day on; today unless said otherwise."""

    on = forms.DateField(
        label=_("From"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        initial=timezone.localdate,
    )


class EndPostForm(FromDay):
    """The first day on which the post is no longer held; `asks` when something would be left behind."""

    read = forms.BooleanField(label=_("I have read what lies there; end the post all the same"))

    def __init__(self, *args: Any, asks: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks:
            del self.fields["read"]


class HandOverForm(FromDay):
    """Who takes the post, and from which day."""

    to = forms.ModelChoiceField(label=_("Hand over to"), queryset=User.objects.none())
    field_order = ("to", "on")

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        to: Any = self.fields["to"]
        to.queryset = people


class GivePostForm(FromDay):
    """A new post in an area; only the duties held at its level are offered."""

    user = forms.ModelChoiceField(label=_("Person"), queryset=User.objects.none())
    duty = forms.ChoiceField(label=_("Duty"))
    is_deputy = forms.BooleanField(label=_("Deputy"), required=False)
    specialty = forms.ChoiceField(label=_("Specialty"), choices=Specialty.choices, required=False)
    field_order = ("user", "duty", "is_deputy", "specialty", "on")

    def __init__(self, *args: Any, area: Area, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held_here = [duty for duty in Duty if Level(area.level) in DUTY_LEVELS[duty]]
        user: Any = self.fields["user"]
        duty_field: Any = self.fields["duty"]
        user.queryset = people
        duty_field.choices = [(duty.value, duty.label) for duty in held_here]
