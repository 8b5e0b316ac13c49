"""What must hold between rows and no constraint can say: apps register their questions, one command asks them all."""

from collections.abc import Callable, Iterable, Iterator

# () -> a sentence for each row that breaks the rule.
Check = Callable[[], Iterable[str]]
_checks: list[Check] = []


def register_check(check: Check) -> None:
    """Called once from an app's `ready()`."""
    if check not in _checks:
        _checks.append(check)


def inconsistencies() -> Iterator[str]:
    """Every sentence of every registered check; nothing when all is well."""
    for check in _checks:
        yield from check()
