"""Pages by position instead of by number: the hundredth page of a big list costs what the first one does."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import F, Q, Value

SIGNER = signing.Signer(salt="core.keyset")
FORWARD, BACKWARD = "f", "b"


@dataclass(frozen=True)
class Page:
    """The rows of one page; `after` and `before` are cursors of the neighbouring pages, empty at an end."""

    rows: list[Any] = field(default_factory=list)
    after: str = ""
    before: str = ""

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class _Column:
    name: str
    descending: bool
    field: Any

    def order(self, reverse: bool) -> Any:
        return F(self.name).desc() if self.descending != reverse else F(self.name).asc()

    def lookup(self, reverse: bool, *, inclusive: bool = False) -> str:
        return f"{self.name}__{'lt' if self.descending != reverse else 'gt'}{'e' if inclusive else ''}"


@dataclass(frozen=True)
class _Position:
    """A row a page begins beyond: its part, and its values there."""

    part: int
    values: list[Any]


# Columns of an order and the rows they order.
Part = tuple[Sequence[str], Q]


class Keyset:
    """`Keyset(queryset, order=("-opened_at", "-pk")).page(request.GET.get("after"))`.

    `order` names columns of the queryset's model: choose it from an allow-list, never from the address. The last
    one must be unique. Only the first may be nullable: rows without a value come last in both directions. A cursor
    that is old, tampered with or of another order leads to the first page.

    With `parts` instead of `order` the rows of each part follow those of the one before, in the part's own order; the
    parts must not overlap and no column may be empty in its part. A page takes one query, or two where it reaches
    beyond a part; for each part a range of an index is read.
    """

    def __init__(
        self,
        queryset: Any,
        *,
        order: Sequence[str] = (),
        parts: Sequence[Part] = (),
        per_page: int = 50,
    ) -> None:
        self.queryset = queryset
        self.per_page = per_page
        self.key = ";".join(",".join(columns) for columns, _rows in parts) or ",".join(order)
        self.parts = [(self._columns(names), rows) for names, rows in parts] or self._parts(order)

    def _columns(self, order: Sequence[str]) -> list[_Column]:
        meta = self.queryset.model._meta
        names = [name.removeprefix("-") for name in order]
        fields = [meta.pk if name == "pk" else meta.get_field(name) for name in names]
        return [
            _Column(name, given.startswith("-"), column_field)
            for name, given, column_field in zip(names, order, fields, strict=True)
        ]

    def _parts(self, order: Sequence[str]) -> list[tuple[list[_Column], Q]]:
        """The rows with a value in the first column, then those without; one part when it is never empty."""
        columns = self._columns(order)
        first = columns[0]
        if any(column.field.null for column in columns[1:]):
            raise ValueError("Only the first column of a keyset may be nullable.")
        if not first.field.null:
            return [(columns, Q())]
        without = Q(**{f"{first.name}__isnull": True})
        return [(columns, ~without), (columns[1:], without)]

    def page(self, cursor: str | None) -> Page:
        """The page the cursor points to; the first one without a cursor."""
        direction, position = self._read(cursor or "")
        found = self._rows(position, reverse=direction == BACKWARD)
        has_more = len(found) > self.per_page
        found = found[: self.per_page]
        if not found:
            # What stood there is gone: begin anew rather than show an empty page amid a list.
            return self.page(None) if position else Page()
        if direction == BACKWARD:
            found.reverse()
        has_after = has_more if direction == FORWARD else True
        has_before = has_more if direction == BACKWARD else position is not None
        return Page(
            [row for _part, row in found],
            after=self._cursor(FORWARD, *found[-1]) if has_after else "",
            before=self._cursor(BACKWARD, *found[0]) if has_before else "",
        )

    def _rows(self, position: _Position | None, *, reverse: bool) -> list[tuple[int, Any]]:
        """Up to one row more than a page, each with its part, beyond the position, in the direction of reading."""
        places = list(range(len(self.parts)))
        if reverse:
            places.reverse()
        if position:
            places = places[places.index(position.part) :]
        want = self.per_page + 1
        first, *rest = places
        found = [
            (first, row) for row in self._part(first, position.values if position else None, reverse)[:want]
        ]
        if rest and len(found) < want:
            found += self._beyond(rest, want - len(found), reverse)
        return found

    def _part(self, place: int, start: list[Any] | None, reverse: bool) -> Any:
        columns, condition = self.parts[place]
        return self._range(columns, start, reverse).filter(condition)

    def _beyond(self, places: list[int], want: int, reverse: bool) -> list[tuple[int, Any]]:
        """The first rows of these parts, one after the other; one query, a range of an index for each."""
        parts = [self._part(n, None, reverse).annotate(keyset_part=Value(n))[:want] for n in places]
        rows = list(parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0])
        found = []
        for place in places:
            some = [row for row in rows if row.keyset_part == place]
            # A union promises no order.
            for column in reversed(self.parts[place][0]):
                some.sort(key=attrgetter(column.name), reverse=column.descending != reverse)
            found += [(place, row) for row in some]
        return found[:want]

    def _range(self, columns: list[_Column], start: list[Any] | None, reverse: bool) -> Any:
        """Rows beyond `start`, ordered: the bound on the first column is the index's range, the rest breaks ties."""
        rows = self.queryset.order_by(*[column.order(reverse) for column in columns])
        if start is None:
            return rows
        beyond, ties = Q(), Q()
        for column, value in zip(columns, start, strict=True):
            beyond |= ties & Q(**{column.lookup(reverse): value})
            ties &= Q(**{column.name: value})
        return rows.filter(Q(**{columns[0].lookup(reverse, inclusive=True): start[0]}), beyond)

    def _cursor(self, direction: str, part: int, row: Any) -> str:
        values = [column.field.value_to_string(row) for column in self.parts[part][0]]
        return SIGNER.sign_object([direction, self.key, part, values])

    def _read(self, cursor: str) -> tuple[str, _Position | None]:
        """Direction and position; forward from the start when the cursor is not ours."""
        try:
            direction, key, part, texts = SIGNER.unsign_object(cursor)
            if key != self.key:
                return FORWARD, None
            columns = self.parts[part][0]
            values = [column.field.to_python(text) for column, text in zip(columns, texts, strict=True)]
        except (signing.BadSignature, ValidationError, ValueError, IndexError):
            return FORWARD, None
        return direction, _Position(part, values)
