"""Pages by position instead of by number: the hundredth page of a big list costs what the first one does."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import F, Q

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


class Keyset:
    """`Keyset(queryset, order=("-opened_at", "-pk")).page(request.GET.get("after"))`.

    `order` names columns of the queryset's model: choose it from an allow-list, never from the address. The last
    one must be unique. Only the first may be nullable: rows without a value come last in both directions, read
    by a second query, so that each query is one range of an index. A cursor that is old, tampered with or of
    another order leads to the first page.
    """

    def __init__(self, queryset: Any, *, order: Sequence[str], per_page: int = 50) -> None:
        meta = queryset.model._meta
        self.queryset = queryset
        self.per_page = per_page
        self.key = ",".join(order)
        self.columns = []
        for name in order:
            bare = name.removeprefix("-")
            column_field = meta.pk if bare == "pk" else meta.get_field(bare)
            self.columns.append(_Column(bare, name.startswith("-"), column_field))
        if any(column.field.null for column in self.columns[1:]):
            raise ValueError("Only the first column of a keyset may be nullable.")

    def page(self, cursor: str | None) -> Page:
        """The page the cursor points to; the first one without a cursor."""
        direction, position = self._read(cursor or "")
        rows = self._rows(position, reverse=direction == BACKWARD)
        has_more = len(rows) > self.per_page
        rows = rows[: self.per_page]
        if not rows:
            # What stood there is gone: begin anew rather than show an empty page amid a list.
            return self.page(None) if position else Page()
        if direction == BACKWARD:
            rows.reverse()
        has_after = has_more if direction == FORWARD else True
        has_before = has_more if direction == BACKWARD else position is not None
        return Page(
            rows,
            after=self._cursor(FORWARD, rows[-1]) if has_after else "",
            before=self._cursor(BACKWARD, rows[0]) if has_before else "",
        )

    def _rows(self, position: list[Any] | None, *, reverse: bool) -> list[Any]:
        """Up to one row more than a page, beyond the position, in the direction of reading."""
        segments = self._segments()
        at = len(segments) - 1 if position and position[0] is None else 0
        if reverse:
            segments.reverse()
            at = len(segments) - 1 - at
        rows: list[Any] = []
        for columns, condition in segments[at if position else 0 :]:
            start = position[-len(columns) :] if position and not rows else None
            position = None
            want = self.per_page + 1 - len(rows)
            rows += self._range(columns, start, reverse).filter(condition)[:want]
            if len(rows) > self.per_page:
                break
        return rows

    def _segments(self) -> list[tuple[list[_Column], Q]]:
        """The rows with a value in the first column, then those without; one segment when it is never empty."""
        first = self.columns[0]
        if not first.field.null:
            return [(self.columns, Q())]
        without = Q(**{f"{first.name}__isnull": True})
        return [(self.columns, ~without), (self.columns[1:], without)]

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

    def _cursor(self, direction: str, row: Any) -> str:
        values = [
            None if getattr(row, column.field.attname) is None else column.field.value_to_string(row)
            for column in self.columns
        ]
        return SIGNER.sign_object([direction, self.key, values])

    def _read(self, cursor: str) -> tuple[str, list[Any] | None]:
        """Direction and position; forward from the start when the cursor is not ours."""
        try:
            direction, key, texts = SIGNER.unsign_object(cursor)
            if key != self.key:
                return FORWARD, None
            values = [
                None if text is None else column.field.to_python(text)
                for column, text in zip(self.columns, texts, strict=True)
            ]
        except (signing.BadSignature, ValidationError, ValueError):
            return FORWARD, None
        return direction, values
