"""Search: visible cases by number, headline, address, description, handler and area."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast

from accounts.models import Organisation, User
from casework.scope import COLUMN_OF_LENGTH
from casework.searching import words_of
from casework.selectors import Row, rows_for, visible_cases
from grids.models import Area, Building, Compound
from requests_.models import Ticket

SEARCH_ROWS = 50
# More places, people or areas of one name than these help nobody to find a case.
MOST_NAMED = 200
LOOKS_LIKE_A_NUMBER = re.compile(r"[A-Za-z0-9-]+\Z")
# A text of three characters is found by its index; a shorter one is looked for in open cases only.
INDEXED_LENGTH = 3
PLATE = r"(?P<name>.*?\D)\s*(?P<number>\d{1,5})\s*(?:号?\s*大?院|号?\s*楼|[号栋幢])?"
OF_STREET_OR_COMPOUND = re.compile(PLATE)
# 甘南路154号院3号楼, 甘南路154-3: a door plate, and a building of the compound it belongs to.
OF_STREET_AND_BUILDING = re.compile(
    r"(?P<name>.*?\D)\s*(?P<number>\d{1,5})\s*(?:号?\s*大?院|号|(?=-))\s*[-、]?\s*(?P<building>\d{1,5})\s*(?:号?\s*楼|[号栋幢])?"
)
BUILDING_ALONE = re.compile(r"(\d{1,5})\s*(?:号?\s*楼|栋|幢)")
ENTRANCE_ALONE = re.compile(r"(\d{1,3})\s*单元")
# Behind the building staff write the entrance, the floor and the room.
BEHIND_THE_BUILDING = re.compile(r"(?<=[楼栋幢号])(\d{1,3})单元.*")


@dataclass(frozen=True)
class Hits:
    """Cases found for one reason."""

    title: Any
    rows: list[Row]


@dataclass
class Named:
    """What a word of the search may be the name of, as columns of a case."""

    place: Q = field(default_factory=Q)
    elsewhere: Q = field(default_factory=Q)


def search_cases(user: Any, text: str, *, now: datetime) -> dict[str, list[Row]]:
    """At most 50 cases together, newest first, in groups by why they were found. Every word must be found."""
    words = words_of(text)
    whole, *named = _named(user, [text, *words])
    cases = visible_cases(user).order_by("-opened_at", "-pk")
    tickets = Ticket.objects.visible_to(user).order_by("-opened_at", "-pk")
    found: dict[str, Iterable[Any]] = {}
    if LOOKS_LIKE_A_NUMBER.match(text):
        found["number"] = cases.filter(number__icontains=text)[:SEARCH_ROWS]
        found["external"] = tickets.filter(external_number__startswith=text)[:SEARCH_ROWS]
    found["headline"] = cases.filter(*[Q(title__contains=word) for word in words])[:SEARCH_ROWS]
    if whole.place or all(name.place for name in named):
        together = _all(name.place for name in named) if all(name.place for name in named) else Q()
        found["place"] = cases.filter(whole.place | together)[:SEARCH_ROWS]
    if len(words) > 1 or any(name.elsewhere for name in named):
        each = (
            Q(title__contains=word) | name.place | name.elsewhere
            for word, name in zip(words, named, strict=True)
        )
        found["words"] = cases.filter(_all(each))[:SEARCH_ROWS]
    found["description"] = _described(tickets, words, named)[:SEARCH_ROWS]
    groups: dict[str, list[Any]] = {}
    seen: set[int] = set()
    for reason, rows in found.items():
        new = [case for case in rows if case.pk not in seen][: SEARCH_ROWS - len(seen)]
        seen.update(case.pk for case in new)
        groups[reason] = new
    shown = {row.case.pk: row for row in rows_for(user, [c for group in groups.values() for c in group], now)}
    return {
        reason: [shown[c.pk] for c in group if c.pk in shown] for reason, group in groups.items() if group
    }


def _all(conditions: Iterable[Q]) -> Q:
    together = Q()
    for condition in conditions:
        together &= condition
    return together


def _described(tickets: Any, words: Sequence[str], named: Sequence[Named]) -> Any:
    """Tickets whose description holds the words, those aside that name a place, a person or an area."""
    for word, name in zip(words, named, strict=True):
        is_name = name.place or name.elsewhere
        held = Q(description__contains=word)
        tickets = tickets.filter(name.place | name.elsewhere if is_name and len(words) > 1 else held)
    if max(map(len, words)) < INDEXED_LENGTH:
        tickets = tickets.open()
    return tickets


def _named(user: Any, texts: Sequence[str]) -> list[Named]:
    """What each text may name, in one query."""
    rows: list[QuerySet[Any]] = []
    for nr, text in enumerate(texts):
        rows += [
            _keys(nr, "building", Building.objects.visible_to(user).filter(_building(text)), "pk"),
            _keys(nr, "compound", Compound.objects.visible_to(user).filter(_compound(text)), "pk"),
            _keys(nr, "user", User.objects.filter(name__contains=text), "pk"),
            _keys(nr, "org", Organisation.objects.filter(name__contains=text), "pk"),
            _keys(nr, "area", Area.objects.visible_to(user).filter(name__contains=text), "code"),
        ]
    keys: list[dict[str, list[str]]] = [{} for _text in texts]
    for nr, kind, key in rows[0].union(*rows[1:], all=True):
        keys[nr].setdefault(kind, []).append(key)
    return [_conditions(text, of_text) for text, of_text in zip(texts, keys, strict=True)]


def _keys(nr: int, kind: str, rows: QuerySet[Any], key: str) -> QuerySet[Any]:
    told = {"nr": Value(nr), "what": Value(kind), "named": Cast(F(key), CharField())}
    return rows.order_by().annotate(**told).values_list("nr", "what", "named")[:MOST_NAMED]


def _conditions(text: str, keys: dict[str, list[str]]) -> Named:
    named = Named()
    for kind, column in (("building", "building__in"), ("compound", "compound__in")):
        if kind in keys:
            named.place |= Q(**{column: keys[kind]})
    if named.place and (behind := BEHIND_THE_BUILDING.search(text)):
        named.place &= Q(entrance__no=behind[1]) | Q(entrance=None)
    if alone := ENTRANCE_ALONE.fullmatch(text):
        named.place |= Q(entrance__no=alone[1])
    for kind, column in (("user", "handler_user__in"), ("org", "handler_org__in")):
        if kind in keys:
            named.elsewhere |= Q(**{column: keys[kind]})
    by_column: dict[str, list[str]] = {}
    for code in keys.get("area", []):
        by_column.setdefault(COLUMN_OF_LENGTH[len(code)], []).append(code)
    for column, codes in by_column.items():
        named.elsewhere |= Q(**{f"{column}__in": codes})
    return named


def _building(text: str) -> Q:
    """By compound, number with it, or door plate: 甘南路154, 甘南路154号院3号楼, 省政府家属院3; 2号楼 alone."""
    text = BEHIND_THE_BUILDING.sub("", text)
    found = Q(compound__name__contains=text) | Q(compound__address_text__contains=text)
    found |= Q(door_plates__street__contains=text)
    if one := OF_STREET_OR_COMPOUND.fullmatch(text):
        name = one["name"].strip()
        found |= Q(compound__name__contains=name, no=one["number"])
        found |= Q(door_plates__street__contains=name, door_plates__number__in=_plates(one["number"]))
    if both := OF_STREET_AND_BUILDING.fullmatch(text):
        name, number = both["name"].strip(), both["number"]
        yard = Q(compound__address_text__contains=f"{name}{number}号") | Q(
            compound__in=Building.objects.filter(
                door_plates__street__contains=name, door_plates__number__in=_plates(number)
            ).values("compound")
        )
        found |= yard & Q(no=both["building"])
    if alone := BUILDING_ALONE.fullmatch(text):
        found |= Q(no=alone[1])
    return found


def _compound(text: str) -> Q:
    found = Q(name__contains=text) | Q(address_text__contains=text)
    if one := OF_STREET_OR_COMPOUND.fullmatch(text):
        found |= Q(address_text__contains=f"{one['name'].strip()}{one['number']}号")
    return found


def _plates(number: str) -> tuple[str, str]:
    return number, f"{number}号"
