"""Where the open period is heading, for the agent's home: a range, how often such ranges come true, and nothing to race to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from billing.models import Settlement
from billing.rules import forecast, money
from contracts.rules import exact
from ppr_portal.pages import drawings
from ppr_portal.pages.home.home_days import DayRow

# The scale ends a little beyond the range, so that its end can be seen.
BEYOND = Fraction(23, 20)
APART = Fraction(3, 20)
# From so much on, whole tens are shown: cents of a forecast are no knowledge.
TENS_FROM = 200


@dataclass(frozen=True, kw_only=True)
class ForecastView:
    """The range in round amounts, where it lies on its scale, and how many days it rests on and is about."""

    low_micros: int
    high_micros: int
    day_count: int
    days_left: int
    last_day: date
    done_width: str
    band_x: str
    band_width: str
    end_x: str
    shows_now: bool


def forecast_of(*, settlement: Settlement, days: Sequence[DayRow], today: date) -> ForecastView | None:
    """Work out where an open period is heading; None while too few days are over, or none is left.

    Args:
        settlement: the open period.
        days: every day of it with what it brought.
        today: in the agent's time zone.
    """
    over = {row.day: _pay(row) for row in days if row.day < today}
    left = [row.day for row in days if row.day >= today]
    if not left or settlement.total_micros < 0 or any(pay < 0 for pay in over.values()):
        return None
    today_pay = next((_pay(row) for row in days if row.day == today), Fraction(0))
    earned = money.from_micros(micros=settlement.total_micros)
    found = forecast.forecast_period(earned=earned, pay_by_day=over, days_left=left, today_pay=max(today_pay, Fraction(0)))
    return None if found is None else _view(found, settlement, earned)


def _pay(row: DayRow) -> Fraction:
    return money.from_micros(micros=row.earned_micros)


def _view(found: forecast.Forecast, settlement: Settlement, earned: Fraction) -> ForecastView:
    places = -1 if found.high >= TENS_FROM else 0
    low = max(exact.round_exact(value=found.low, places=places, mode="floor"), earned)
    high = exact.round_exact(value=found.high, places=places, mode="ceiling")
    end = high * BEYOND
    done, start, stop = (value / end for value in (earned, low, high))
    return ForecastView(
        low_micros=money.to_micros(amount=low, currency=settlement.currency),
        high_micros=money.to_micros(amount=high, currency=settlement.currency),
        day_count=found.day_count,
        days_left=found.days_left,
        last_day=settlement.period_end - timedelta(days=1),
        done_width=drawings.percent_of(done),
        band_x=drawings.percent_of(start),
        band_width=drawings.percent_of(stop - start),
        end_x=drawings.percent_of((start + stop) / 2),
        shows_now=(start + stop) / 2 - done > APART and done > APART / 2,
    )
