"""What a message says outside: numbers, categories, grids and links; never a name, a phone or an address.

A headline may hold what a resident said, so none leaves the house; a secret case leaves only its number, to people.
"""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casework.channels.base import Letter, Line
from casework.choices import Channel
from casework.models import Case, Message, MessageLine
from casework.planning import outward_of
from casework.registry import kind_of
from casework.scope import COLUMN_OF_LENGTH
from grids.models import Area


def channels_of(person: Any) -> list[str]:
    """The channels a person can be reached by: those with an address, none for who no longer works here."""
    if not person.is_active:
        return []
    given = ((Channel.EMAIL, person.email), (Channel.SMS, person.phone))
    return [channel.value for channel, address in given if address]


def letter_of(message: Message) -> Letter | None:
    """The letter of a message in its recipient's language; None when nothing is left to say, or nobody to say it to.

    Cases the recipient no longer sees, or that left the robot's area, are left out.
    """
    person = message.recipient
    if person and message.channel not in channels_of(person):
        return None
    with translation.override(person.language if person else settings.LANGUAGE_CODE):
        lines = list(message.lines.order_by("pk"))
        cases = _cases(message, lines)
        codes = {case.grid for case in cases.values()}
        grids = dict(Area.objects.filter(code__in=codes).values_list("code", "name"))
        said = [
            _line(line, cases.get(line.case_id or 0), grids)
            for line in lines
            if line.case_id is None or line.case_id in cases
        ]
        if not said:
            return None
        return Letter(
            key=message.dedupe_key, subject=_subject(said), lines=tuple(said), urgent=message.is_urgent
        )


def _subject(lines: list[Line]) -> str:
    """Complete by itself: a text message holds nothing else."""
    more = len(lines) - 1
    if not more:
        return lines[0].text
    text = ngettext("%(first)s, and %(n)s more", "%(first)s, and %(n)s more", more)
    return text % {"first": lines[0].text, "n": more}


def _cases(message: Message, lines: list[MessageLine]) -> dict[int, Any]:
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
    what = outward_of(line.rule) % line.facts
    days = line.facts.get("days") or 0
    if days > 0:
        what += ngettext(", %(n)s workday", ", %(n)s workdays", days) % {"n": days}
    return what


def _line(line: MessageLine, case: Any, grids: dict[str, str]) -> Line:
    what = matter_of(line)
    if case is None:
        return Line(what)
    about = "" if case.is_secret else kind_of(case.kind).outward(case)
    place = grids.get(case.grid, "")
    inside = _(", ").join(part for part in (about, place) if part and not case.is_secret)
    text = _("%(number)s (%(about)s): %(what)s") if inside else _("%(number)s: %(what)s")
    url = settings.SITE_URL + reverse("casework:case_detail", args=[case.number])
    return Line(text % {"number": case.number, "about": inside, "what": what}, url)
