"""Form pieces of the desk: photos that survive a refused form, notes, reveal, saved filters."""

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from casework.images import PictureRefused
from casework.models import StagedPhoto
from casework.photos import stage_photo, staged_by_keys
from core.forms import StyledForm

MAX_PHOTOS = 9
# What the page answers when a picture was refused for this reason; 400 for any other.
STATUS_OF_CODE = {"too_large": 413, "no_room": 507}
CODES = {status: code for code, status in STATUS_OF_CODE.items()}


class PhotosInput(forms.FileInput):
    """A file input for several pictures, with those already staged shown and carried along as hidden keys."""

    template_name = "casework/widgets/photos.html"
    allow_multiple_selected = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        # Plain: with a list of types the control stays dead in some browsers inside WeChat.
        super().__init__({"accept": "image/*", "multiple": True, **(attrs or {})})
        self.staged: list[StagedPhoto] = []

    def value_from_datadict(self, data: Any, files: Any, name: str) -> tuple[list[Any], list[str]]:
        uploads = files.getlist(name) if hasattr(files, "getlist") else [f for f in [files.get(name)] if f]
        keys = data.getlist(f"{name}_staged") if hasattr(data, "getlist") else data.get(f"{name}_staged", [])
        return uploads, keys

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in files and f"{name}_staged" not in data

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        context["staged"] = self.staged
        if self.staged:
            context["widget"]["attrs"].pop("required", None)
        return context


class PhotosField(forms.Field):
    """Cleans to a list of the owner's `StagedPhoto`: each upload is re-encoded and kept at once."""

    widget = PhotosInput

    def __init__(self, *, owner: Any, **kwargs: Any) -> None:
        self.owner = owner
        kwargs.setdefault("help_text", _("JPEG, PNG, WebP or HEIC, up to 15 MB each, nine at most."))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> list[StagedPhoto]:
        uploads, keys = value or ([], [])
        photos = staged_by_keys(owner=self.owner, keys=_uuids(keys))
        problems = []
        for upload in uploads[: MAX_PHOTOS + 1]:
            try:
                photos.append(stage_photo(owner=self.owner, upload=upload))
            except PictureRefused as error:
                # No params: Django would read a "%" in the file's name as a place for one of them.
                problems.append(ValidationError(str(error), code=CODES.get(error.status, "picture")))
        self.widget.staged = photos
        if len(photos) > MAX_PHOTOS:
            self.widget.staged = photos[:MAX_PHOTOS]
            problems.append(
                ValidationError(_("Nine photos at most; the first nine were kept."), code="too_many")
            )
        if problems:
            raise ValidationError(problems)
        if self.required and not photos:
            raise ValidationError(_("Add at least one photo."), code="required")
        return photos


def _uuids(keys: list[str]) -> list[uuid.UUID]:
    """The keys that are UUIDs; anything else was not made by our form."""
    found = []
    for key in keys[:MAX_PHOTOS]:
        try:
            found.append(uuid.UUID(key))
        except ValueError:
            continue
    return found


def refusal_status(form: forms.BaseForm) -> int:
    """The HTTP answer for a refused form: 413 when a picture was too large, 507 when there was no room, else 400."""
    return next((status for code, status in STATUS_OF_CODE.items() if form.has_error("photos", code)), 400)


class CreatingForm(StyledForm):
    """A form that makes something, once, however often it is sent: its key tells."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def renew_key(self) -> None:
        """The form comes back with everything typed and a key of its own."""
        data: Any = self.data
        data = data.copy()
        data["key"] = str(uuid.uuid4())
        self.data = data


class NoteForm(CreatingForm):
    """A note on a case."""

    text = forms.CharField(
        label=_("Note"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Everybody who sees the case reads it."),
    )

    def __init__(self, *args: Any, owner: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="note_%s", **kwargs)
        self.fields["photos"] = PhotosField(owner=owner, label=_("Photos"), required=False)
        self.style_widgets()


class RevealForm(StyledForm):
    """Why the whole contact is needed."""

    reason = forms.CharField(
        label=_("Reason"),
        min_length=2,
        max_length=120,
        help_text=_("Your name, the time and the reason are written down."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="reveal_%s", **kwargs)


class FilterNameForm(StyledForm):
    """The name of a saved filter."""

    name = forms.CharField(label=_("Name"), max_length=30)


class SavedFilterForm(FilterNameForm):
    """A name for the present filter of the queue."""

    query = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="save_%s", **kwargs)
