"""Lint of commercial terms: promises that never take effect, and amounts that would surprise somebody."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction

from contracts.rules import commercials
from contracts.rules.lint import findings

ONE = Fraction(1)
SECOND_HALF = 16
MONDAY = date(1970, 1, 5)
# Two weeks and a month begin on one day again within some years; who looks further would not wait for it either.
DAYS_AHEAD = 5 * 366


def lint_commercials(
    *, terms: commercials.CommercialTerms, unused: Mapping[str, int] | None = None, forecasts: Sequence[date] = ()
) -> list[findings.Finding]:
    """Find commercial terms that never take effect or cost more than they say.

    Args:
        terms: what surrounds the rate card of one version.
        unused: rows that hang on something that is not agreed: volume_bands without a baseline, service_levels without
            service credits, forecasts without a floor; by kind, how many.
        forecasts: first days of the forecast periods, as stored.

    Returns: findings with paths inside a version.
    Source: design.md section 5.

    >>> floor = commercials.ForecastFloor(share=ONE, unit_amount=Fraction(2))
    >>> [one.code for one in lint_commercials(terms=commercials.CommercialTerms(forecast_floor=floor))]
    ['forecast_missing']
    """
    found = [_tell_unused(kind, count) for kind, count in (unused or {}).items() if count]
    floor = terms.forecast_floor
    if floor is not None and not forecasts:
        found.append(
            findings.Finding(
                code="forecast_missing",
                severity="warning",
                path=("forecasts",),
                what="A part of the forecast is paid for at least, but no forecast is stored, so nothing is ever added.",
                remedy="Add the forecast of each billing period, or take the floor out.",
                amount=floor.unit_amount,
                amount_of="per missing resolution",
            )
        )
    found += [_tell_day(day, terms.calendar) for day in forecasts if not _starts_period(day, terms)]
    if terms.commitment is not None and terms.commitment.overage_factor < ONE:
        found.append(_tell_cheap_overage(terms.commitment))
    if terms.service_credits is not None:
        found += _lint_credits(terms.service_credits)
    return found


def lint_calendar_change(
    *, terms: commercials.CommercialTerms, before: commercials.CommercialTerms, ended_on: date | None, effective_from: date
) -> list[findings.Finding]:
    """Find a change of the billing calendar that cuts a billing period: its cases would be on no invoice, or its minimum on two.

    Args:
        terms: what surrounds the rate card of a version.
        before: the same of the version before it.
        ended_on: the first day on which that one is no longer in force; None: until the other begins.
        effective_from: the first day of the version.

    Returns: nothing if both count the same periods, or if each of them begins one where the first ends and the other starts.
    Source: design.md section 11: every instant belongs to exactly one period.

    >>> month, week = commercials.CommercialTerms(), commercials.CommercialTerms(calendar="week")
    >>> cut = lint_calendar_change(terms=month, before=week, ended_on=None, effective_from=date(2016, 4, 4))
    >>> [one.code for one in cut], cut[0].remedy.partition(" the first")[0]
    (['calendar_cuts_period'], 'Let the version begin on 2016-08-01,')
    """
    if _has_same_periods(terms, before):
        return []
    first = effective_from if ended_on is None else min(ended_on, effective_from)
    between = [first + timedelta(days=days) for days in range((effective_from - first).days + 1)]
    if all(any(_starts_period(day, one) for day in between) for one in (terms, before)):
        return []
    ahead = (effective_from + timedelta(days=days) for days in range(1, DAYS_AHEAD))
    common = next((day for day in ahead if _starts_period(day, terms) and _starts_period(day, before)), None)
    remedy = (
        "Keep the billing calendar, or count its weeks from a day on which the calendar before begins a period."
        if common is None
        else f"Let the version begin on {common}, the first day after it on which both calendars begin a period, or keep the calendar."
    )
    return [
        findings.Finding(
            code="calendar_cuts_period",
            severity="error",
            path=("billing_calendar",),
            what=f"The billing calendar changes on {effective_from}, within a billing period of the calendar before or of the new one: "
            "cases of that period would be on no invoice, or its minimum on two.",
            remedy=remedy,
        )
    ]


def _has_same_periods(terms: commercials.CommercialTerms, before: commercials.CommercialTerms) -> bool:
    if terms.calendar != before.calendar:
        return False
    return terms.calendar in ("month", "half_month") or _starts_period(before.anchor or MONDAY, terms)


def _tell_unused(kind: str, count: int) -> findings.Finding:
    needs = {"volume_bands": "a volume baseline", "service_levels": "service credits", "forecasts": "a forecast floor"}[kind]
    rows = "1 row" if count == 1 else f"{count} rows"
    name = kind.replace("_", " ")
    return findings.Finding(
        code="never_applied",
        severity="error",
        path=(kind,),
        what=f"{rows} of {name} cannot take effect, because the version has no {needs.removeprefix('a ')}: nobody would be charged or "
        "credited what they say.",
        remedy=f"Add {needs}, or take the {name} out.",
    )


def _starts_period(day: date, terms: commercials.CommercialTerms) -> bool:
    if terms.calendar == "month":
        return day.day == 1
    if terms.calendar == "half_month":
        return day.day in (1, SECOND_HALF)
    if terms.anchor is None:
        return terms.calendar != "week" or day.weekday() == 0
    return (day - terms.anchor).days % (7 if terms.calendar == "week" else 14) == 0


def _tell_day(day: date, calendar: str) -> findings.Finding:
    return findings.Finding(
        code="forecast_between_periods",
        severity="error",
        path=("forecasts",),
        what=f"The forecast from {day} starts no billing period ({calendar.replace('_', ' ')}), so it is never compared with anything.",
        remedy="Give the first day of the billing period.",
    )


def _tell_cheap_overage(agreed: commercials.Commitment) -> findings.Finding:
    lost = (ONE - agreed.overage_factor) * agreed.amount
    return findings.Finding(
        code="overage_below_price",
        severity="warning",
        path=("commitment", "overage_factor"),
        what=f"What goes beyond the commitment costs only {findings.show_percent(agreed.overage_factor)} of its price: "
        "the busier the client, the less each case brings.",
        remedy="Set the factor to at least 100 percent, or give the discount in the tiers where everybody sees it.",
        amount=lost,
        amount_of="if as much again as the commitment comes",
    )


def _lint_credits(agreed: commercials.ServiceCredits) -> list[findings.Finding]:
    found = []
    if not agreed.levels:
        found.append(
            findings.Finding(
                code="never_applied",
                severity="warning",
                path=("service_levels",),
                what="Service credits are agreed, but no service level is promised, so nothing is ever credited.",
                remedy="Add a service level, or take the service credits out.",
            )
        )
    together = sum((level.pool * level.allocation for level in agreed.levels), Fraction(0))
    if together > ONE:
        found.append(
            findings.Finding(
                code="credits_over_cap",
                severity="warning",
                path=("service_levels",),
                what=f"If every level is missed, the credits come to {findings.show_percent(together)} of what is at risk; "
                f"the cap of {findings.show_percent(agreed.at_risk)} of the charges cuts them, so the last misses cost nothing more.",
                remedy="Lower pools or allocations until they add up to 100 percent, if each miss is meant to count.",
                amount=(together - ONE) * agreed.at_risk * 100,
                amount_of="cut off for each 100.00 charged",
            )
        )
    found += [
        findings.Finding(
            code="level_never_missed",
            severity="warning",
            path=("service_levels", place, "target"),
            what=f"The level for {level.metric} is met at any rate, because its target is 0%.",
            remedy="Set the rate that was promised.",
        )
        for place, level in enumerate(agreed.levels)
        if level.target == 0
    ]
    return found
