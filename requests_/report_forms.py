"""The report on one screen: what is wrong, where, and who said so."""

import math
import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.gis.geos import Point
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from casework.choices import Urgency
from casework.forms import CreatingForm, PhotosField
from core.phones import PhoneFormField
from core.texts import has_words
from grids.models import Building, Compound
from grids.scope import community_codes
from requests_.choices import TicketSource, TicketType
from requests_.external_numbers import entered_before, entered_sentence, read_external_number
from requests_.permissions import can_mark_secret, can_report_in
from requests_.reporting import Found, Place, compounds, entrances, find_area, find_place, micro_grids
from requests_.selectors import category_choices, offered_categories
from requests_.services import Report


class PlaceField(forms.ChoiceField):
    """A compound or one of its buildings; cleans to (compound, building or None), (None, None) when empty.

    All of them are read when they are shown; of what was sent only the one.
    """

    def __init__(self, *, user: Any, **kwargs: Any) -> None:
        self.user = user
        self.found: dict[str, tuple[Compound | None, Building | None] | None] = {"": (None, None)}
        super().__init__(choices=lambda: self.offered, **kwargs)

    @cached_property
    def offered(self) -> list[Any]:
        """The choices, compound by compound."""
        groups: list[Any] = [("", _("Choose …"))]
        for compound in compounds(self.user):
            options = [(f"compound:{compound.code}", _("%(name)s, whole compound") % {"name": compound.name})]
            for building in sorted(compound.buildings.all(), key=lambda b: (len(b.no), b.no)):
                building.compound = compound
                options.append((f"building:{building.pk}", str(building)))
            groups.append((compound.name, options))
        return groups

    def find(self, value: str) -> tuple[Compound | None, Building | None] | None:
        """What the value names; None for what is not offered. Looked up once."""
        if value not in self.found:
            self.found[value] = find_place(self.user, value)
        return self.found[value]

    def clean(self, value: Any) -> tuple[Compound | None, Building | None]:
        key = self.to_python(value)
        found = self.find(key)
        if found is None:
            raise forms.ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice", params={"value": key}
            )
        return found


class KeyField(forms.ChoiceField):
    """A choice among objects by a key that is not their primary key; cleans to the object or None.

    The objects are read when the field is shown or a value was sent, not before.
    """

    def __init__(self, *, load: Callable[[], dict[str, Any]], blank: Any, **kwargs: Any) -> None:
        self.load, self.blank = load, blank
        super().__init__(choices=self._choices, **kwargs)

    @cached_property
    def objects(self) -> dict[str, Any]:
        return self.load()

    def _choices(self) -> list[Any]:
        return [("", self.blank), *self.options()]

    def options(self) -> list[Any]:
        """The choices without the empty one."""
        return [(key, str(value)) for key, value in self.objects.items()]

    def clean(self, value: Any) -> Any:
        key = super().clean(value)
        return self.objects[key] if key else None


class CategoryField(KeyField):
    """Second-level categories under their groups."""

    def options(self) -> list[Any]:
        return category_choices(self.objects.values())


class MetresField(forms.FloatField):
    """What the browser says of its position: no person typed it, so what cannot be read counts as nothing."""

    def clean(self, value: Any) -> float | None:
        try:
            metres = super().clean(value)
        except forms.ValidationError:
            return None
        return metres if metres is not None and math.isfinite(metres) and metres > 0 else None


class ReportForm(CreatingForm):
    """A report. Beside its fields it reads what a person answered to its questions (requests_/views.py): `seen` names
    the nearby tickets they were shown, `far_ok` confirms a place outside all areas, `border` is the micro-grid they
    chose near a border, `sure` confirms what contradicts itself.
    """

    place_text = forms.CharField(
        label=_("Floor, room or place in words"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": _("For example: 2nd floor, by the stairs")}),
    )
    latitude = forms.FloatField(min_value=-90, max_value=90, required=False, widget=forms.HiddenInput)
    longitude = forms.FloatField(min_value=-180, max_value=180, required=False, widget=forms.HiddenInput)
    accuracy = MetresField(required=False, widget=forms.HiddenInput)
    description = forms.CharField(
        label=_("What is wrong?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The first sentence becomes the headline. No names or phones of residents here."),
    )
    urgency = forms.ChoiceField(label=_("Urgency"), choices=Urgency.choices, initial=Urgency.NORMAL)
    type = forms.ChoiceField(label=_("Type"), choices=TicketType.choices, initial=TicketType.HELP)
    source = forms.ChoiceField(label=_("Source"), choices=TicketSource.choices, initial=TicketSource.PATROL)
    caller_name = forms.CharField(label=_("Name of the resident"), max_length=40, required=False)
    caller_phone = PhoneFormField(label=_("Phone of the resident"), required=False)
    external_number = forms.CharField(label=_("External number (12345)"), max_length=40, required=False)
    is_secret = forms.BooleanField(label=_("Secret: visible to the people named on it only"), required=False)

    def __init__(self, data: Any = None, files: Any = None, *, user: Any, **kwargs: Any) -> None:
        self.user = user
        self.found: Found | None = None
        initial = {"key": uuid.uuid4(), **(kwargs.pop("initial", None) or {})}
        super().__init__(data, files, initial=initial, **kwargs)
        self.fields["photos"] = PhotosField(owner=user, label=_("Photos"), required=False)
        self._add_places(user)
        self.fields["category"] = CategoryField(
            load=lambda: {category.code: category for category in offered_categories()},
            blank=_("Choose …"),
            label=_("Category"),
        )
        if not any(can_mark_secret(user, code) for code in community_codes(user)):
            del self.fields["is_secret"]
        self.style_widgets()

    def _add_places(self, user: Any) -> None:
        places = PlaceField(user=user, label=_("Compound or building"), required=False)
        self.fields["place"] = places
        self.fields["entrance"] = KeyField(
            load=lambda: {entrance.no: entrance for entrance in entrances(self._building(places))},
            blank=_("Not sure"),
            label=_("Entrance"),
            required=False,
        )
        self.fields["area"] = KeyField(
            load=lambda: {area.code: area for area in micro_grids(user)},
            blank=_("Found by itself"),
            label=_("Micro-grid"),
            required=False,
            help_text=_("Choose it only when it is not found by itself."),
        )

    def _building(self, places: PlaceField) -> Building | None:
        """The building that was sent; its entrances are offered even while the rest of the form is wrong."""
        found = places.find(self.data.get("place", ""))
        return found[1] if found else None

    def clean_description(self) -> str:
        text: str = self.cleaned_data["description"]
        if not has_words(text):
            raise forms.ValidationError(_("Say in words what is wrong."), code="no_words")
        return text

    def clean_external_number(self) -> str:
        number = read_external_number(self.cleaned_data["external_number"])
        if (first := entered_before(number)) is not None:
            raise forms.ValidationError(entered_sentence(self.user, first), code="entered")
        return number

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("source") == TicketSource.HOTLINE and data.get("external_number") == "":
            self.add_error("external_number", _("What 12345 sent has a number there; enter it."))
        if {"place", "entrance", "area", "latitude", "longitude"} & set(self.errors):
            return data
        found = find_area(self.where, border=self.data.get("border", ""))
        self.found = found and found.among(lambda area: can_report_in(self.user, area.code))
        if self.found is None:
            self.add_error("place", _("Choose a building, use your position, or choose a micro-grid."))
        elif not can_report_in(self.user, self.found.area.code):
            message = _(
                "%(area)s is outside the communities you serve. Choose a building or micro-grid there."
            )
            self.add_error("place", message % {"area": self.found.area})
        return data

    @property
    def where(self) -> Place:
        """The place as far as it was said and is valid."""
        data = self.cleaned_data
        compound, building = data.get("place") or (None, None)
        latitude, longitude = data.get("latitude"), data.get("longitude")
        point = None if latitude is None or longitude is None else Point(longitude, latitude, srid=4326)
        return Place(compound, building, data.get("entrance"), point, data.get("area"), data.get("accuracy"))

    @property
    def mark(self) -> str:
        """What `sure` confirms: this micro-grid for this place and position, and no other."""
        where = self.where
        position = f"{where.point.y:.6f},{where.point.x:.6f}" if where.point else ""
        place = where.compound.code if where.compound else ""
        return f"{self.found.area.code if self.found else ''}|{place}|{position}"

    @property
    def report(self) -> Report:
        """What the service takes; call it on a valid form."""
        data, where = self.cleaned_data, self.where
        if self.found is None:
            raise ValueError("The form is not valid.")
        return Report(
            category=data["category"],
            area=self.found.area,
            description=data["description"],
            source=data["source"],
            type=data["type"],
            urgency=data["urgency"],
            compound=where.compound,
            building=where.building,
            entrance=where.entrance,
            place_text=data["place_text"],
            point=where.best_point,
            caller_name=data["caller_name"],
            caller_phone=data["caller_phone"],
            external_number=data["external_number"],
            is_secret=data.get("is_secret", False),
        )
