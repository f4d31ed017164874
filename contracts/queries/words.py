"""Contracts and plans in plain sentences, so that the person who activates one has read it."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contracts import models as terms
from contracts import reading
from contracts.queries.commercial_words import describe_commercials, describe_price, money, percent
from contracts.queries.plan_words import describe_plan_version

__all__ = [
    "describe_commercials",
    "describe_contract_version",
    "describe_plan_version",
    "describe_price",
    "describe_prices",
    "describe_what_counts",
    "money",
    "percent",
]
# A window of more hours than this is said in days, where it has whole ones.
HOURS_SAID_MAX = 72
BUSINESS = "business"


def describe_contract_version(*, version: terms.ContractVersion) -> list[str]:
    """Return what the client pays for, when a resolution counts, and what each costs."""
    return [
        *describe_what_counts(version=version),
        _("Prices in %(currency)s:") % {"currency": version.currency},
        *(f"{name}: {price}." for name, price in describe_prices(version=version)),
        *describe_commercials(version=version),
    ]


def describe_what_counts(*, version: terms.ContractVersion) -> list[str]:
    """Return what the client pays for, and when a resolution counts."""
    sentences = [
        _("%(client)s pays in %(currency)s for each case that is really resolved, %(version)s.")
        % {"client": version.contract.client, "currency": version.currency, "version": _in_force(version)},
        _("Phone resolutions are priced.")
        if version.prices_voice
        else _("Phone resolutions are not priced: they are held, never billed by accident."),
    ]
    if hasattr(version, "resolution_policy"):
        sentences += _describe_policy(version.resolution_policy)
    return sentences


def describe_prices(*, version: terms.ContractVersion) -> list[tuple[str, str]]:
    """Return what each row of the rate card is about, and its price in words, without the currency."""
    rows = version.rate_card_rows.select_related("query_type", "channel").prefetch_related("tiers")
    return [(_row_name(row), describe_price(row=row)) for row in rows]


def _in_force(version: terms.ContractVersion) -> str:
    last = _("to before %(effective_to)s") % {"effective_to": reading.write_day(version.effective_to)} if version.effective_to else _("on")
    return _("from %(effective_from)s %(last)s") % {"effective_from": reading.write_day(version.effective_from), "last": last}


def _describe_policy(policy: Any) -> list[str]:
    sentences = [
        _("A resolution counts when it is verified by: %(lower)s; silence means %(window)s after the last message.")
        % {
            "lower": policy.get_verified_by_display().lower(),
            "window": _window(policy.silence_window_hours, policy.silence_clock),
        },
        *_describe_calendar(policy),
        _("If the customer comes back within %(window)s, the case is reopened: %(lower_2)s.")
        % {
            "window": _window(policy.reopen_window_hours, policy.reopen_clock),
            "lower_2": policy.get_reopen_effect_display().lower(),
        },
        _("The same customer asking about the same query type within %(window)s counts as coming back too: %(lower_2)s.")
        % {
            "window": _window(policy.repeat_window_hours, policy.repeat_clock),
            "lower_2": policy.get_repeat_scope_display().lower(),
        },
        _("Counted %(lower)s. Not counted: %(value)s.")
        % {"lower": policy.get_unit_cap_display().lower(), "value": ", ".join(policy.exclusions).replace("_", " ") or _("nothing")},
    ]
    overrides = policy.overrides.select_related("query_type", "channel")
    if policy.fcr_optimum_bp is not None:
        sentences.append(
            _("At best %(fcr_optimum_bp)s could be resolved at first contact: a guide, never a pay target.")
            % {"fcr_optimum_bp": percent(policy.fcr_optimum_bp)}
        )
    return sentences + [
        _("For %(override)s: %(override_2)s.") % {"override": override, "override_2": _describe_override(override)}
        for override in overrides
    ]


def _window(hours: int, clock: str) -> str:
    """Say how long a window is: 72 hours, 7 days, 24 business hours."""
    if clock == BUSINESS:
        return ngettext("%(count)s business hour", "%(count)s business hours", hours) % {"count": hours}
    days, rest = divmod(hours, 24)
    if hours > HOURS_SAID_MAX and not rest:
        return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
    return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}


def _describe_calendar(policy: Any) -> list[str]:
    if policy.calendar is None:
        return []
    return [
        _("Business hours are those of %(calendar)s, with holidays listed up to %(holidays_until)s.")
        % {"calendar": policy.calendar, "holidays_until": reading.write_day(policy.calendar.holidays_until)}
    ]


def _describe_override(override: Any) -> str:
    """Name each knob that differs; an override that changes nothing says so."""
    parts = []
    for field in override._meta.concrete_fields:
        value = getattr(override, field.attname)
        if field.name in ("id", "policy", "query_type", "channel") or value in (None, "", []):
            continue
        shown = getattr(override, f"get_{field.name}_display", lambda value=value: value)()
        if field.name.endswith("_bp"):
            shown = percent(value)
        elif isinstance(value, bool):
            shown = "yes" if value else "no"
        elif isinstance(value, list):
            shown = " ".join(value)
        parts.append(f"{field.name.removesuffix('_bp').replace('_', ' ')} {str(shown).lower()}")
    return ", ".join(parts) or _("nothing differs")


def _row_name(row: Any) -> str:
    outcome = f", {row.get_outcome_display().lower()}" if row.outcome else ""
    return f"{row.query_type or _('Any query type')}, {reading.inside_a_sentence(str(row.channel or _('any channel')))}{outcome}"
