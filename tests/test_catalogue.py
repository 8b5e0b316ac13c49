"""The Chinese catalogue: every text of the source is in it, translated, and fits its placeholders."""

import ast
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings as project
from django.core.management import call_command

CATALOGUE = Path("locale/zh_Hans/LC_MESSAGES/django.po")
FIELD = re.compile(r'^(msgctxt|msgid|msgid_plural|msgstr)(?:\[\d+\])? ((?:".*"\n?)+)', re.MULTILINE)
PLACEHOLDER = re.compile(r"%%|%\(\w+\)[sd]|%[sd]")
HAN = re.compile(r"[\u4e00-\u9fff]")
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff]([,;:!?]|\.(?!\w))|[,;:!?][\u4e00-\u9fff]")
# Names that are written alike in both languages.
SAME_IN_CHINESE = {"WGS-84 / CGCS2000"}
NO_TEXTS = shutil.ignore_patterns(
    ".*", "__pycache__", "node_modules", "var", "staticfiles", "vendor", "tests"
)


@dataclass(frozen=True)
class Entry:
    """One message; `sources` are the English forms, `texts` the Chinese ones."""

    context: str
    sources: tuple[str, ...]
    texts: tuple[str, ...]
    is_fuzzy: bool

    @property
    def name(self) -> str:
        return f"{self.context}|{self.sources[0]}" if self.context else self.sources[0]


def read_catalogue(path: Path) -> Iterator[Entry]:
    """The entries of a .po file without its header and without the obsolete ones."""
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        fields: dict[str, list[str]] = {"msgctxt": [""], "source": [], "msgstr": []}
        for name, quoted in FIELD.findall(block):
            text = "".join(ast.literal_eval(line) for line in quoted.splitlines())
            fields["source" if name.startswith("msgid") else name].append(text)
        if any(fields["source"]):
            yield Entry(
                context=fields["msgctxt"][-1],
                sources=tuple(fields["source"]),
                texts=tuple(fields["msgstr"]),
                is_fuzzy=any(line.startswith("#,") and "fuzzy" in line for line in block.splitlines()),
            )


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    return list(read_catalogue(project.BASE_DIR / CATALOGUE))


def test_every_text_of_the_source_is_translated(tmp_path, monkeypatch, settings):
    tree = tmp_path / "tree"
    shutil.copytree(project.BASE_DIR, tree, ignore=NO_TEXTS)
    monkeypatch.chdir(tree)
    settings.LOCALE_PATHS = [tree / "locale"]
    call_command("makemessages", locale=["zh_Hans"], no_obsolete=True, verbosity=0)
    found = list(read_catalogue(tree / CATALOGUE))
    assert found
    assert [entry.name for entry in found if entry.is_fuzzy or not all(entry.texts)] == []


def test_the_catalogue_holds_no_empty_or_unsure_entry(entries):
    assert entries
    assert [entry.name for entry in entries if entry.is_fuzzy or not all(entry.texts)] == []


def test_translations_keep_the_placeholders(entries):
    def placeholders(text: str) -> list[str]:
        return sorted(set(PLACEHOLDER.findall(text)))

    wrong = [
        entry.name
        for entry in entries
        for text in entry.texts
        if placeholders(text) != placeholders(entry.sources[-1])
    ]
    assert wrong == []


def test_translations_are_chinese(entries):
    def is_english(text: str) -> bool:
        return not HAN.search(text) and bool(re.search("[A-Za-z]", PLACEHOLDER.sub("", text)))

    left = [e.name for e in entries if e.name not in SAME_IN_CHINESE and any(map(is_english, e.texts))]
    assert left == []


def test_translations_use_chinese_punctuation(entries):
    assert [entry.name for entry in entries if any(map(HALF_WIDTH.search, entry.texts))] == []
