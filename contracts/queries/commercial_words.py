"""Prices and commercial terms of a contract version in plain sentences, as a contract would say them."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from contracts import models as terms
from contracts import reading
from contracts.translation import gettext_lazy

CALENDARS = {
    "month": gettext_lazy("calendar month"),
    "half_month": gettext_lazy("half month"),
    "two_weeks": gettext_lazy("two weeks"),
    "week": "week",
}


def describe_price(*, row: terms.RateCardRow) -> str:
    """Return the price of a rate-card row in words, with the steps around it, without the currency."""
    return _describe_shape(row) + "".join(f"; {step}" for step in _describe_steps(row))


def describe_commercials(*, version: terms.ContractVersion) -> list[str]:
    """Return what surrounds the rate card: period, floor, bands, commitment, service credits, prepaid credits, taxes."""
    currency = version.currency
    sentences = [
        _("Billed for each %(calendars)s, counted in %(place)s time.")
        % {"calendars": CALENDARS[version.billing_calendar], "place": reading.place_of(version.contract.timezone)}
    ]
    sentences += _describe_floor(version, currency)
    sentences += _describe_bands(version, currency)
    commitment = getattr(version, "commitment", None)
    if commitment is not None:
        beyond = (
            ""
            if commitment.overage_factor_bp == 10_000
            else _(" What goes beyond it costs %(overage_factor_bp)s of its price.")
            % {"overage_factor_bp": percent(commitment.overage_factor_bp)}
        )
        sentences.append(
            _("The client pays at least %(amount)s %(currency)s for each period; of a part of a period, the part by its days.%(beyond)s")
            % {"amount": money(commitment.amount_micros), "currency": currency, "beyond": beyond}
        )
    sentences += _describe_service_credits(version)
    if version.prepaid_expiry_months is not None:
        sentences.append(
            _("Prepaid credits can be used for %(prepaid_expiry_months)s months after they were granted.")
            % {"prepaid_expiry_months": version.prepaid_expiry_months}
        )
    taxes = [f"{tax.name} {rate(tax.rate_ppm)}" for tax in version.taxes.all()]
    if taxes:
        sentences.append(_("Added to the net amount: %(taxes)s.") % {"taxes": ", ".join(taxes)})
    return sentences


def money(micros: int | None) -> str:
    """Return micros as a decimal with at least cents."""
    amount = Decimal(micros or 0) / 1_000_000
    return reading.write_number(f"{amount:,.2f}" if amount == round(amount, 2) else f"{amount.normalize():,f}")


def percent(part_bp: int | None) -> str:
    """Return basis points as a percentage."""
    return reading.write_percent(f"{Decimal(part_bp or 0) / 100:g}")


def rate(part_ppm: int | None) -> str:
    """Return millionths as a percentage."""
    return reading.write_percent(reading.write_number(f"{(Decimal(part_ppm or 0) / 10_000).normalize():f}"))


def _describe_shape(row: terms.RateCardRow) -> str:
    shapes = row.Shape
    if row.shape == shapes.PER_UNIT:
        return _("%(unit_amount)s each") % {"unit_amount": money(row.unit_amount_micros)}
    if row.shape == shapes.PACKAGE:
        free = (
            _(" beyond the first %(free_units)s, which are free") % {"free_units": reading.write_number(f"{row.free_units:,}")}
            if row.free_units
            else ""
        )
        return _("%(package_amount)s for each started package of %(package_size)s%(free)s") % {
            "package_amount": money(row.package_amount_micros),
            "package_size": reading.write_number(f"{row.package_size or 0:,}"),
            "free": free,
        }
    if row.shape == shapes.PERCENTAGE:
        return _describe_percentage(row)
    how = {
        shapes.GRADUATED: _("each at its own tier"),
        shapes.VOLUME: _("all at the tier reached"),
        shapes.GRADUATED_PERCENTAGE: _("each part of the summed value at its own tier"),
    }[shapes(row.shape)]
    steps, last = [], 0
    is_value = row.shape == shapes.GRADUATED_PERCENTAGE
    for tier in row.tiers.all():
        first = last if is_value else last + 1
        span = (
            _("from %(first)s on") % {"first": reading.write_number(f"{first:,}")}
            if tier.up_to is None
            else _("%(first)s to %(up_to)s")
            % {"first": reading.write_number(f"{first:,}"), "up_to": reading.write_number(f"{tier.up_to:,}")}
        )
        flat = _(" plus %(flat_amount)s once") % {"flat_amount": money(tier.flat_amount_micros)} if tier.flat_amount_micros else ""
        block = (
            _(" for each started block of %(block_size)s") % {"block_size": reading.write_number(f"{tier.block_size:,}")}
            if tier.block_size
            else ""
        )
        steps.append(f"{span}: {rate(tier.rate_ppm) if is_value else money(tier.unit_amount_micros)}{block}{flat}")
        last = tier.up_to or last
    return f"{'; '.join(steps)} ({how})"


def _describe_percentage(row: terms.RateCardRow) -> str:
    fixed = _(" plus %(fixed_amount)s") % {"fixed_amount": money(row.fixed_amount_micros)} if row.fixed_amount_micros else ""
    told = _("%(rate_ppm)s of the value of each%(fixed)s") % {"rate_ppm": rate(row.rate_ppm), "fixed": fixed}
    free = []
    if row.free_events is not None:
        free.append(_("the first %(free_events)s") % {"free_events": reading.write_number(f"{row.free_events:,}")})
    if row.free_amount_micros is not None:
        free.append(_("up to a summed value of %(free_amount)s") % {"free_amount": money(row.free_amount_micros)})
    if free:
        told += _(", free %(free)s") % {"free": _(" and ").join(free)}
    if row.per_event_min_micros is not None:
        told += _(", at least %(per_event_min)s each") % {"per_event_min": money(row.per_event_min_micros)}
    if row.per_event_max_micros is not None:
        told += _(", at most %(per_event_max)s each") % {"per_event_max": money(row.per_event_max_micros)}
    return told


def _describe_steps(row: terms.RateCardRow) -> list[str]:
    steps = []
    if row.usage_discount:
        steps.append(
            _("the first %(usage_discount)s of a period are not charged")
            % {"usage_discount": reading.write_number(f"{row.usage_discount:,}")}
        )
    if row.percent_discount_bp:
        steps.append(_("less %(percent_discount_bp)s") % {"percent_discount_bp": percent(row.percent_discount_bp)})
    if row.maximum_micros is not None:
        steps.append(_("at most %(maximum)s a period") % {"maximum": money(row.maximum_micros)})
    if row.minimum_micros is not None:
        steps.append(_("at least %(minimum)s a period") % {"minimum": money(row.minimum_micros)})
    return steps


def _describe_floor(version: terms.ContractVersion, currency: str) -> list[str]:
    floor = getattr(version, "forecast_floor", None)
    if floor is None:
        return []
    forecasts = ", ".join(
        _("%(count)s from %(period_start)s")
        % {"count": reading.write_number(f"{one.count:,}"), "period_start": reading.write_day(one.period_start)}
        for one in version.forecasts.all()
    )
    return [
        _(
            "At least %(floor_bp)s of the forecast is paid for; each resolution missing to it costs %(unit_amount)s "
            "%(currency)s. Forecast: %(forecasts)s."
        )
        % {
            "floor_bp": percent(floor.floor_bp),
            "unit_amount": money(floor.unit_amount_micros),
            "currency": currency,
            "forecasts": forecasts or _("none yet, so nothing is added"),
        }
    ]


def _describe_bands(version: terms.ContractVersion, currency: str) -> list[str]:
    baseline = getattr(version, "volume_baseline", None)
    if baseline is None:
        return []
    sentences = [
        _("The prices were made for %(count)s resolutions a period; nothing moves within %(dead_band_bp)s of that.")
        % {"count": reading.write_number(f"{baseline.count:,}"), "dead_band_bp": percent(baseline.dead_band_bp)}
    ]
    for side, told in (("above", "adds"), ("below", _("gives back"))):
        begins = baseline.dead_band_bp
        for band in version.volume_bands.all():
            if band.side != side:
                continue
            span = (
                _("more than %(begins)s") % {"begins": percent(begins)}
                if band.up_to_bp is None
                else _("%(begins)s to %(up_to_bp)s") % {"begins": percent(begins), "up_to_bp": percent(band.up_to_bp)}
            )
            subject = _("Each one") if side == "above" else _("Each one missing")
            sentences.append(
                _("%(subject)s %(span)s %(side)s it %(told)s %(unit_amount)s %(currency)s.")
                % {
                    "subject": subject,
                    "span": span,
                    "side": side,
                    "told": told,
                    "unit_amount": money(band.unit_amount_micros),
                    "currency": currency,
                }
            )
            begins = band.up_to_bp if band.up_to_bp is not None else begins
    return sentences


def _describe_service_credits(version: terms.ContractVersion) -> list[str]:
    agreed = getattr(version, "service_credits", None)
    if agreed is None:
        return []
    sentences = [
        _("Missed service levels are credited to the client, together at most %(at_risk_bp)s of a period's charges.")
        % {"at_risk_bp": percent(agreed.at_risk_bp)}
    ]
    sentences += [_describe_level(level) for level in version.service_levels.all()]
    if agreed.earn_back_periods:
        periods = (
            _("the next period")
            if agreed.earn_back_periods == 1
            else _("the next %(earn_back_periods)s periods") % {"earn_back_periods": agreed.earn_back_periods}
        )
        sentences.append(_("A credit comes back to us once its level was met in %(periods)s.") % {"periods": periods})
    return sentences


def _describe_level(level: Any) -> str:
    return _(
        "%(get_metric_display)s of at least %(target_bp)s: a miss takes %(allocation_bp)s of a pool of %(pool_bp)s of "
        "that; with fewer than %(count_min)s results nothing is missed."
    ) % {
        "get_metric_display": level.get_metric_display(),
        "target_bp": percent(level.target_bp),
        "allocation_bp": percent(level.allocation_bp),
        "pool_bp": percent(level.pool_bp),
        "count_min": level.count_min,
    }
