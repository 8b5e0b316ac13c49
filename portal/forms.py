"""What may be asked of the top pages by their address, and what a person chooses for reminders."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.gis.geos import Polygon
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from casework.choices import Channel, Mode, Topic
from casework.preferences import Cell
from casework.searching import read_query
from core.forms import StyledForm
from portal.topics import LOOKS, Look


class SearchForm(StyledForm):
    """`?q=`: two characters at least, one finds too much to help."""

    q = forms.CharField(
        label=_("Number, headline, address, description, handler or area"),
        min_length=2,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search"}),
        error_messages={"min_length": _("Enter two characters or more.")},
    )

    def clean_q(self) -> str:
        return read_query(self.cleaned_data["q"])

    @property
    def is_short(self) -> bool:
        """Whether no more is wrong than that too little was entered: a hint is the answer to that."""
        return self.has_error("q", "min_length") or self.has_error("q", "required")


class ViewField(forms.CharField):
    """`west,south,east,north` in degrees, as a polygon."""

    def clean(self, value: str) -> Polygon:
        try:
            west, south, east, north = (float(edge) for edge in super().clean(value).split(","))
        except ValueError as error:
            raise ValidationError(_("The view must be four numbers: west, south, east, north.")) from error
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            raise ValidationError(_("The view lies outside of the world."))
        view = Polygon.from_bbox((west, south, east, north))
        view.srid = 4326
        return view


class ViewForm(forms.Form):
    """The part of the map in sight."""

    bbox = ViewField(max_length=100)


@dataclass(frozen=True)
class PreferenceRow:
    """One topic with a field for each channel."""

    topic: Topic
    look: Look
    fields: list[Any]


class PreferencesForm(StyledForm):
    """The own address, and how to hear of each topic through each channel."""

    email = forms.EmailField(
        label=_("My e-mail address"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("Empty: nothing is sent by e-mail."),
    )

    def __init__(self, *args: Any, modes: Mapping[Cell, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = {cell: "-".join(cell) for cell in modes}
        for (topic, channel), mode in modes.items():
            label = format_lazy("{}: {}", LOOKS[topic].word, Channel(channel).label)
            self.fields[self.names[topic, channel]] = forms.ChoiceField(
                label=label, choices=Mode.choices, initial=mode
            )
        self.style_widgets()

    @property
    def rows(self) -> list[PreferenceRow]:
        """The fields as the page shows them: a row for each topic, a field for each channel."""
        return [
            PreferenceRow(
                topic,
                LOOKS[topic],
                [(Channel(c).label, self[n]) for (t, c), n in self.names.items() if t == topic],
            )
            for topic in Topic
        ]

    @property
    def modes(self) -> dict[Cell, str]:
        """What was chosen, once the form is valid."""
        return {cell: self.cleaned_data[name] for cell, name in self.names.items()}
