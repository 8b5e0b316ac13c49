"""The house rules that a machine can see: sizes, doors, templates, texts."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from accounts.choices import Role

ROOT = Path(settings.BASE_DIR)
APPS = (
    "accounts",
    "casework",
    "config",
    "core",
    "grids",
    "partners",
    "portal",
    "renovation",
    "requests_",
    "residents",
)
OURS = [p for app in APPS for p in sorted((ROOT / app).rglob("*.py")) if "migrations" not in p.parts]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
# Templates Django or a library finds by a name of its own.
FOUND_BY_NAME = ("django/forms/", "leaflet/", "admin/", "auth/widgets/", "axes/", "otp/")


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def offenders(pattern: str, paths: list[Path], allowed: tuple[str, ...] = ()) -> list[str]:
    found = re.compile(pattern)
    return [
        f"{relative(path)}:{number}"
        for path in paths
        if not relative(path).startswith(allowed or ("\0",))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if found.search(line)
    ]


def test_no_room_is_larger_than_its_limit():
    limits = [(p, 400) for p in OURS] + [(p, 600) for p in (ROOT / "tests").rglob("*.py")]
    limits += [(p, 400) for p in TEMPLATES + list((ROOT / "static").glob("*.*"))]
    too_large = [relative(p) for p, n in limits if len(p.read_text(encoding="utf-8").splitlines()) > n]
    assert too_large == []


def test_only_the_one_door_writes_a_status():
    assert offenders(r"\.status\s*(=[^=]|, \w+\.\w+ =)", OURS, ("casework/services.py",)) == []
    assert offenders(r"update\([^)]*\bstatus=", OURS) == []


def test_views_and_forms_reach_rows_through_querysets():
    at_the_door = [p for p in OURS if re.search(r"(views|forms|templatetags)", relative(p))]
    assert offenders(r"\.objects\.(all|filter|get|exclude|create)\(", at_the_door) == []


def test_no_template_holds_inline_script_style_or_handler():
    assert offenders(r"<style|\sstyle=|\son[a-z]+=\"|javascript:", TEMPLATES) == []
    assert offenders(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", TEMPLATES) == []


def test_nothing_is_marked_safe_in_a_template():
    assert offenders(r"\|\s*safe\b|autoescape off", TEMPLATES) == []


def test_nothing_is_loaded_from_another_host():
    assert offenders(r"(src|href)=\"(https?:)?//", TEMPLATES) == []


def test_no_script_makes_markup_of_a_text():
    """Leaflet reads a string as HTML too: labels and panels are nodes."""
    scripts = sorted((ROOT / "static").glob("*.js"))
    assert (
        offenders(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment", scripts)
        == []
    )
    assert offenders(r"bind(Tooltip|Popup)\((?!make\(|panel\(|name,)", scripts) == []
    assert offenders(r"setContent\((?!make\(|panel\()|html: (?!make\()", scripts) == []


def test_no_role_is_named_in_a_template():
    roles = "|".join(Role.values)
    assert offenders(rf"\b({roles})\b", TEMPLATES) == []


def test_every_template_is_used():
    sources = "\n".join(p.read_text(encoding="utf-8") for p in OURS + TEMPLATES)
    names = [p.relative_to(ROOT / "templates").as_posix() for p in TEMPLATES]
    unused = [n for n in names if n not in sources and not n.startswith(FOUND_BY_NAME)]
    assert unused == []


def test_every_setting_read_from_the_environment_is_explained():
    settings_source = "\n".join(
        p.read_text(encoding="utf-8") for p in (ROOT / "config/settings").glob("*.py")
    )
    read = set(re.findall(r"env(?:\.\w+)?\(\s*\"([A-Z_]+)\"", settings_source))
    explained = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.M))
    assert read - explained == set()
    assert explained - read - {"DJANGO_SETTINGS_MODULE"} == set()


def test_every_model_and_constraint_of_ours_is_named_for_people_and_errors():
    for app in ("accounts", "grids", "casework", "requests"):
        for model in apps.get_app_config(app).get_models():
            assert str(model._meta.verbose_name) != model._meta.object_name, model
            assert model.__doc__, model
            assert not model.__doc__.startswith(f"{model.__name__}("), f"{model} has no docstring"
            for index in model._meta.indexes:
                assert index.name, model


def test_every_module_says_why_it_exists():
    silent = [
        relative(p)
        for p in OURS
        if p.read_text(encoding="utf-8").strip()
        and not p.read_text(encoding="utf-8").lstrip().startswith('"""')
    ]
    assert silent == []


@pytest.mark.parametrize("path", OURS, ids=relative)
def test_nothing_is_left_behind(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\b(TODO|FIXME|XXX)\b|NotImplementedError|breakpoint\(", text)
    assert not re.search(r"except:\s|except Exception:\s*\n\s*pass", text)


def test_every_decision_that_is_cited_or_written_stands_in_their_table():
    folder = ROOT / "docs" / "decisions"
    listed = set(re.findall(r"\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text()))
    cited = {
        name for path in OURS for name in re.findall(r"docs/decisions/(\d{4}-[\w-]+\.md)", path.read_text())
    }
    written = {path.name for path in folder.glob("0*.md")}
    assert cited <= written == listed
