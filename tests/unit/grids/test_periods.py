"""Periods of days: what is left of one outside of others."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from grids.periods import OPEN, Period, minus

FIRST = date(2023, 2, 1)
days = st.integers(0, 30).map(lambda n: FIRST + timedelta(days=n)) | st.just(OPEN)
periods = st.tuples(days, days).map(sorted).map(tuple)


def holds(period: Period, day: date) -> bool:
    return period[0] <= day < period[1]


@given(periods, st.lists(periods, max_size=4))
def test_a_day_is_left_when_it_is_in_the_period_and_in_none_of_the_others(
    period: Period, taken: list[Period]
) -> None:
    left = minus(period, taken)
    for n in range(32):
        day = FIRST + timedelta(days=n)
        is_left = holds(period, day) and not any(holds(other, day) for other in taken)
        assert sum(holds(part, day) for part in left) == is_left
