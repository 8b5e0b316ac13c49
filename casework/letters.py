"""What a message says outside: numbers, categories, grids and links; never a name, a phone or an address.

A headline may hold what a resident said, so none leaves the house; a secret case leaves only its number, to people.
"""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casework.channels.base import Letter, Line
from casework.models import Case, Message, MessageLine
from casework.planning import OUTWARD
from casework.registry import kind_of
from grids.models import Area


def letter_of(message: Message) -> Letter | None:
    """The letter of a message, without cases its recipient no longer sees; None when nothing is left to say."""
    lines = list(message.lines.order_by("pk"))
    cases = _cases(message, lines)
    grids = dict(Area.objects.filter(code__in={c.grid for c in cases.values()}).values_list("code", "name"))
    said = [
        _line(line, cases.get(line.case_id or 0), grids)
        for line in lines
        if line.case_id is None or line.case_id in cases
    ]
    if not said:
        return None
    count = len(said)
    subject = (
        said[0].text if count == 1 else ngettext("%(n)s reminder", "%(n)s reminders", count) % {"n": count}
    )
    return Letter(key=message.dedupe_key, subject=subject, lines=tuple(said), urgent=message.is_urgent)


def _cases(message: Message, lines: list[MessageLine]) -> dict[int, Any]:
    rows = Case.objects.filter(pk__in=[line.case_id for line in lines if line.case_id])
    rows = rows.filter(is_secret=False) if message.robot_id else rows.visible_to(message.recipient)
    names = {case.pk: case.kind for case in rows.only("pk", "kind")}
    found: dict[int, Any] = {}
    for name in set(names.values()):
        keys = [pk for pk, kind in names.items() if kind == name]
        found |= kind_of(name).model.objects.for_rows().in_bulk(keys)
    return found


def _line(line: MessageLine, case: Any, grids: dict[str, str]) -> Line:
    days = line.facts.get("days") or 0
    what = str(OUTWARD[line.rule]) % line.facts
    if days > 0:
        what += ngettext(", %(n)s workday", ", %(n)s workdays", days) % {"n": days}
    if case is None:
        return Line(what)
    about = "" if case.is_secret else kind_of(case.kind).outward(case)
    place = grids.get(case.grid, "")
    inside = _(", ").join(part for part in (about, place) if part and not case.is_secret)
    text = _("%(number)s (%(about)s): %(what)s") if inside else _("%(number)s: %(what)s")
    url = settings.SITE_URL + reverse("casework:case_detail", args=[case.number])
    return Line(text % {"number": case.number, "about": inside, "what": what}, url)
