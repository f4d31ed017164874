"""Lint of commercial terms: promises that never take effect, and amounts that would surprise somebody."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

from contracts.rules import commercials
from contracts.rules.lint import findings

ONE = Fraction(1)
SECOND_HALF = 16


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
