"""A file's name is somebody's text: wherever it is printed it stands as text, and nothing of it is obeyed."""

import ast
import html
import uuid
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from casework.images import PictureRefused, read_picture
from tests.factories.requests import accept, dispatch, report, take

pytestmark = pytest.mark.django_db
NAMES = {
    "a per cent sign and a letter": "50%D",
    "a place for a text": "%(name)s%(status)d",
    "a per cent sign at the end": "100%",
    "braces": "{}{0.__class__}",
    "words of a template": "{{ request }}{% now 'Y' %}",
    "quotes as a browser sends them": "a%22b'c",
    "markup": "<img src=x onerror=alert(1)>",
    "as long as a disk allows": "长" * 80,
    "a sign written as markup": "a&amp;b",
    "blanks": "a  b",
}
TURNED = "abc\u202egnp\u2066x\u200fy"


@pytest.fixture
def handling(grid_worker, grid_leader, tree):
    ticket = accept(report(grid_worker, tree["00500101"]), grid_leader)
    return take(dispatch(ticket, grid_leader, grid_leader), "sign", grid_leader)


def broken(name):
    return SimpleUploadedFile(f"{name}.jpg", b"no picture", content_type="image/jpeg")


def in_form(kind, handling):
    """Where a picture is sent, with the rest of its form."""
    if kind == "report":
        return "/tickets/report/", {"key": uuid.uuid4(), "description": "路灯不亮", "urgency": "normal"}
    if kind == "note":
        return reverse("casework:case_note", args=[handling.number]), {"key": uuid.uuid4(), "text": "核实"}
    return reverse("casework:case_do", args=[handling.number, "finish"]), {
        "version": handling.version,
        "result": "已修好",
        "contacted": "not_needed",
    }


@pytest.mark.parametrize("kind", ["report", "note", "step"])
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_picture_that_cannot_be_read_is_refused_with_its_name_as_text(
    client_for, grid_leader, handling, kind, name
):
    address, data = in_form(kind, handling)
    answer = client_for(grid_leader).post(address, {**data, "photos": [broken(name)]})
    page = answer.content.decode()
    assert answer.status_code == 400
    shown = html.unescape(name).strip()
    assert shown in html.unescape(page)
    assert "<img src=x" not in page


@pytest.mark.parametrize("kind", ["report", "note", "step"])
def test_marks_that_turn_a_name_around_are_not_printed(client_for, grid_leader, handling, kind):
    address, data = in_form(kind, handling)
    page = client_for(grid_leader).post(address, {**data, "photos": [broken(TURNED)]}).content.decode()
    assert "abcgnpxy.jpg" in page
    assert not set(page) & set("\u202e\u2066\u200f")


def test_no_refusal_reads_somebodys_text_as_a_pattern():
    """With `params` the first argument of a ValidationError is a pattern: it must be a text of our own."""
    found = []
    for app in ("accounts", "casework", "core", "grids", "partners", "portal", "requests_", "residents"):
        for path in sorted((Path(settings.BASE_DIR) / app).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call) or "ValidationError" not in ast.unparse(node.func):
                    continue
                first = ast.unparse(node.args[0]) if node.args else ""
                ours = ("_(", "self.error_messages[")
                if any(word.arg == "params" for word in node.keywords) and not first.startswith(ours):
                    found.append(f"{path.name}:{node.lineno}")
    assert found == []


def test_a_name_of_control_characters_alone_is_still_a_sentence():
    with pytest.raises(PictureRefused, match=r"\S"):
        read_picture(broken("\n\t"))
