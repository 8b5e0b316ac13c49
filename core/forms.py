"""Base forms in the site's look: every widget gets its Tabler class, errors stand beside their field."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.files import is_lost

NO_ROOM = _("The server has no room for %(name)s at the moment. Send it again later.")
CSS = {
    forms.CheckboxInput: "form-check-input",
    forms.RadioSelect: "form-check-input",
    forms.CheckboxSelectMultiple: "form-check-input",
    forms.Select: "form-select",
    forms.SelectMultiple: "form-select",
}


def is_key(text: str) -> bool:
    """Whether what was sent can be a row's key at all; anything longer would be refused by the database."""
    return text.isdecimal() and len(text) < 10


class StyledMixin:
    """Adds the classes once, when the form is made; marks invalid fields for the style sheet and readers."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.style_widgets()

    def style_widgets(self) -> None:
        """Call it again after adding fields; a widget that has its class keeps it.

        A long text keeps its end: a browser would cut what is pasted without a word, the form says what is too much.
        """
        for field in self.fields.values():
            if isinstance(field.widget, forms.Textarea):
                field.widget.attrs.pop("maxlength", None)
            css = next((c for kind, c in CSS.items() if isinstance(field.widget, kind)), "form-control")
            classes = field.widget.attrs.get("class", "").split()
            if css not in classes:
                field.widget.attrs["class"] = " ".join([*classes, css])


class UploadField(forms.FileField):
    """A file; one that the server had no room for is said to be that, not to be empty."""

    def to_python(self, data: Any) -> Any:
        if is_lost(data):
            raise ValidationError(NO_ROOM % {"name": data.name}, code="no_room")
        return super().to_python(data)


class StyledForm(StyledMixin, forms.Form):
    """A plain form in the site's look."""


class StyledModelForm(StyledMixin, forms.ModelForm):
    """A model form in the site's look."""
