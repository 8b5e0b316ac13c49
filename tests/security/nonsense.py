"""What is typed, pasted or forged into fields and addresses that were made for something else."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

NASTY = {
    "nul": "a\x00b",
    "sql": "'; DROP TABLE requests_ticket; --",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "template": "{{ settings.SECRET_KEY }}{% load x %}",
    "emoji": "😀𠮷𪚥" * 3,
    "long": "长" * 20_000,
    "negative": "-1",
    "huge": "9" * 4_000,
    "percent": "%s%(x)s%%",
    "surrogate": "\\ud800",
    "right-to-left": "\u202egnp.exe",
    "unknown key": "person:999999999999999999999999",
    "far day": "9999-12-31",
    "first day": "0001-01-01",
    "no such day": "2023-02-30",
}
# What no field takes: its characters, its length, or both.
WORST = ("nul", "long", "huge")
DAYS = ("far day", "first day", "no such day")


def shows(response: Any) -> bool:
    """Whether the nonsense stands in the page as markup instead of as text."""
    content = response.content if response["Content-Type"].startswith("text/html") else b""
    return b"<script>alert(1)" in content or b"<img src=x" in content


def nonsense(field: str, value: str) -> dict[str, Any]:
    """The value as the field's input would send it; a photo also as a file that is none."""
    if field != "photos":
        return {field: value}
    return {"photos_staged": value, "photos": SimpleUploadedFile("a.jpg", value.encode())}


def as_sent(data: dict[str, Any]) -> tuple[QueryDict, MultiValueDict]:
    """The data as the request would hold them: text and files apart."""
    text, files = QueryDict(mutable=True), MultiValueDict()
    for name, value in data.items():
        if isinstance(value, SimpleUploadedFile):
            files[name] = value
        else:
            text.setlist(name, [str(one) for one in value] if isinstance(value, list) else [str(value)])
    return text, files
