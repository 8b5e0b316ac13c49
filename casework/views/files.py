"""Pictures are served through the case they belong to, never from a public folder."""

from typing import Any
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from casework.selectors import attachments_of, staged_photos_of, visible_cases


@require_safe
def attachment(request: HttpRequest, number: str, key: UUID) -> FileResponse:
    return _picture(_attachment(request, number, key).file, f"{number}-{str(key)[:8]}.jpg")


@require_safe
def thumbnail(request: HttpRequest, number: str, key: UUID) -> FileResponse:
    return _picture(_attachment(request, number, key).thumbnail, f"{number}-{str(key)[:8]}-small.jpg")


@require_safe
def staged_photo(request: HttpRequest, key: UUID) -> FileResponse:
    """A picture of a form not saved yet, for its owner alone."""
    return _picture(get_object_or_404(staged_photos_of(request.user), key=key).thumbnail, "staged.jpg")


def _attachment(request: HttpRequest, number: str, key: UUID) -> Any:
    case = get_object_or_404(visible_cases(request.user), number=number)
    return get_object_or_404(attachments_of(case), key=key)


def _picture(file: Any, name: str) -> FileResponse:
    """SECURITY: always as a JPEG of our own encoding, whatever was uploaded."""
    try:
        opened = file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    answer = FileResponse(opened, content_type="image/jpeg", filename=name)
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
