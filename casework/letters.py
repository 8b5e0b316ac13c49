"""What a message says outside: numbers, categories, grids and links; never a name, a phone or an address.

A headline may hold what a resident said, so none leaves the house; a secret case leaves only its number, to people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casework.channels.base import Letter, Line
from casework.choices import Channel
from casework.filters import LIGHT
from casework.models import Case, Message, MessageLine
from casework.planning import outward_of
from casework.registry import kind_of
from casework.robot_lists import count_due
from casework.scope import COLUMN_OF_LENGTH
from casework.timeline import filled
from casework.validity import holding
from grids.models import Area


def channels_of(person: Any) -> list[str]:
    """The channels a person can be reached by: those with an address, none for who no longer works here."""
    if not person.is_active:
        return []
    given = ((Channel.EMAIL, person.email), (Channel.SMS, person.phone))
    return [channel.value for channel, address in given if address]


@dataclass(frozen=True)
class Composed:
    """What is to be sent, or None and the reason in words; `left_out` are ids of lines that are not said."""

    letter: Letter | None
    left_out: tuple[int, ...] = ()
    reason: str = ""


def compose(message: Message, *, now: datetime) -> Composed:
    """The letter of a message in its recipient's language, as things are now.

    Left out is what no longer holds (casework/validity.py), and cases the recipient no longer sees or that left the
    robot's area.
    """
    person = message.recipient
    if person and message.channel not in channels_of(person):
        return Composed(None, reason=_("The recipient left, or has no address for this any more."))
    lines = list(message.lines.order_by("pk"))
    cases = seen_cases(message, lines)
    seen = [line for line in lines if line.case_id is None or line.case_id in cases]
    if not seen:
        return Composed(None, reason=_("What it tells of lies outside what the recipient may see by now."))
    kept = holding(message, now=now)
    said = [line for line in seen if line.pk in kept]
    if message.robot:
        said = [_as_it_is(line, cases, now) for line in said]
    if not said:
        return Composed(
            None, reason=_("Settled meanwhile: closed, read, put off, suspended or in other hands.")
        )
    left_out = tuple({line.pk for line in lines} - {line.pk for line in said})
    letter = write_letter(message, said, cases)
    if message.robot and message.is_digest:
        letter = _area_list(letter, message.robot.area, now)
    return Composed(letter, left_out)


def _area_list(letter: Letter, area: Area, now: datetime) -> Letter:
    """A robot's morning list: how many there are in its area, and the page with all of them."""
    total = max(count_due(area.code, now=now), len(letter.lines))
    subject = ngettext(
        "%(area)s: %(n)s case is late or due soon", "%(area)s: %(n)s cases are late or due soon", total
    )
    return replace(
        letter,
        subject=subject % {"area": area.name, "n": total},
        more=total - len(letter.lines),
        rest_url=f"{settings.SITE_URL}{reverse('casework:case_list')}?area={area.code}&sort={LIGHT}",
    )


def _as_it_is(line: MessageLine, cases: Mapping[int, Any], now: datetime) -> MessageLine:
    """A robot's line, which says “late” when that is so by now: it has no other line for it."""
    case = cases.get(line.case_id or 0)
    if line.rule == "due_soon" and case is not None and case.due_at is not None and case.due_at < now:
        line.rule = "late"
    return line


def write_letter(message: Message, lines: Sequence[MessageLine], cases: Mapping[int, Any]) -> Letter:
    """The letter that says these lines, in its recipient's language."""
    person = message.recipient
    with translation.override(person.language if person else settings.LANGUAGE_CODE):
        codes = {case.grid for case in cases.values()}
        grids = dict(Area.objects.filter(code__in=codes).values_list("code", "name"))
        said = tuple(_line(line, cases.get(line.case_id or 0), grids) for line in lines)
        return Letter(key=message.dedupe_key, subject=_subject(said), lines=said, urgent=message.is_urgent)


def _subject(lines: tuple[Line, ...]) -> str:
    """Complete by itself: a text message holds nothing else."""
    more = len(lines) - 1
    if not more:
        return lines[0].text
    text = ngettext("%(first)s, and %(n)s more", "%(first)s, and %(n)s more", more)
    return text % {"first": lines[0].text, "n": more}


def seen_cases(message: Message, lines: Sequence[MessageLine]) -> dict[int, Any]:
    """By key the cases of these lines that the recipient sees, or that a robot may name in its area."""
    rows = Case.objects.filter(pk__in=[line.case_id for line in lines if line.case_id])
    if message.robot:
        code = message.robot.area.code
        rows = rows.filter(is_secret=False, **{COLUMN_OF_LENGTH[len(code)]: code})
    else:
        rows = rows.visible_to(message.recipient)
    names = {case.pk: case.kind for case in rows.only("pk", "kind")}
    found: dict[int, Any] = {}
    for name in set(names.values()):
        keys = [pk for pk, kind in names.items() if kind == name]
        found |= kind_of(name).model.objects.for_rows().in_bulk(keys)
    return found


def matter_of(line: MessageLine) -> str:
    """What a line is about, without the case: “late, 3 workdays”."""
    what = filled(outward_of(line.rule), line.facts)
    days = line.facts.get("days") or 0
    if days > 0:
        what += ngettext(", %(n)s workday", ", %(n)s workdays", days) % {"n": days}
    return what


def _line(line: MessageLine, case: Any, grids: dict[str, str]) -> Line:
    what = matter_of(line)
    if case is None:
        return Line(what)
    # SECURITY: of a secret case neither category nor grid leaves.
    about = () if case.is_secret else (kind_of(case.kind).outward(case), grids.get(case.grid, ""))
    inside = _(", ").join(part for part in about if part)
    text = _("%(number)s (%(about)s): %(what)s") if inside else _("%(number)s: %(what)s")
    url = settings.SITE_URL + reverse("casework:case_detail", args=[case.number])
    return Line(text % {"number": case.number, "about": inside, "what": what}, url)
