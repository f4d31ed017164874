"""What is left of what was paid in advance, with the day on which each part expires."""

from datetime import date
from fractions import Fraction

import pytest

from billing.rules.prepaid import InvalidPrepaid, Moved, left_on

JANUARY, MARCH, MAY, JUNE = date(2016, 1, 15), date(2016, 3, 15), date(2016, 5, 15), date(2016, 6, 14)
GRANTS = (Moved(on=JANUARY, amount=Fraction(100)), Moved(on=MARCH, amount=Fraction(50)))


def left(day, *uses, months=3):
    return left_on(grants=GRANTS, uses=[Moved(on=on, amount=Fraction(amount)) for on, amount in uses], day=day, expiry_months=months)


@pytest.mark.parametrize(
    ("day", "amount"),
    [(date(2016, 1, 14), 0), (JANUARY, 100), (date(2016, 4, 14), 150), (date(2016, 4, 15), 50), (JUNE, 50), (date(2016, 6, 15), 0)],
)
def test_what_nobody_used_expires_part_by_part(day, amount):
    assert left(day) == amount


def test_the_oldest_that_has_not_expired_is_used_first():
    assert left(MARCH, (MARCH, 80)) == 70
    assert left(MAY, (MARCH, 80)) == 50
    assert left(MAY, (MARCH, 120)) == 30
    assert left(MAY, (MAY, 20)) == 30


def test_what_was_used_before_an_expiry_was_agreed_is_gone_and_takes_nothing_from_what_is_left():
    assert left(JUNE, (MAY, 130), months=None) == 20
    # Under three months 100 of it had expired by May: what stands is used first, then what the older terms still gave.
    assert left(JUNE, (MAY, 130)) == 0
    assert left(JUNE, (MAY, 40)) == 10


def test_more_than_there_ever_was_is_refused():
    assert left(JUNE, (MAY, 150)) == 0
    with pytest.raises(InvalidPrepaid, match="on 2016-05-15 151 was used, 1 more than there was"):
        left(JUNE, (MAY, 151))
    with pytest.raises(InvalidPrepaid, match="on 2016-02-01 101 was used, 1 more than there was"):
        left(JUNE, (date(2016, 2, 1), 101), months=None)
