"""Contracts and plans in plain sentences, so that the person who activates one has read it."""

from typing import Any

from django.utils.translation import gettext as _

from contracts import models as terms
from contracts import reading
from contracts.queries import commercial_words
from contracts.queries.commercial_words import describe_price, money, percent
from contracts.queries.plan_words import describe_plan_version

__all__ = ["describe_contract_version", "describe_plan_version", "describe_price", "money", "percent"]


def describe_contract_version(*, version: terms.ContractVersion) -> list[str]:
    """Return what the client pays for, when a resolution counts, and what each costs."""
    sentences = [
        _("%(client)s pays in %(currency)s for each case that is really resolved, %(version)s.")
        % {"client": version.contract.client, "currency": version.currency, "version": _in_force(version)},
        _("Phone resolutions are priced.")
        if version.prices_voice
        else _("Phone resolutions are not priced: they are held, never billed by accident."),
    ]
    if hasattr(version, "resolution_policy"):
        sentences += _describe_policy(version.resolution_policy)
    rows = version.rate_card_rows.select_related("query_type", "channel").prefetch_related("tiers")
    sentences.append(_("Prices in %(currency)s:") % {"currency": version.currency})
    sentences += [f"{_row_name(row)}: {describe_price(row=row)}." for row in rows]
    return sentences + commercial_words.describe_commercials(version=version)


def _in_force(version: terms.ContractVersion) -> str:
    last = _("to before %(effective_to)s") % {"effective_to": reading.write_day(version.effective_to)} if version.effective_to else _("on")
    return _("from %(effective_from)s %(last)s") % {"effective_from": reading.write_day(version.effective_from), "last": last}


def _describe_policy(policy: Any) -> list[str]:
    sentences = [
        _(
            "A resolution counts when it is verified by: %(lower)s; silence means %(silence_window_hours)s %(lower_2)s "
            "after the last message."
        )
        % {
            "lower": policy.get_verified_by_display().lower(),
            "silence_window_hours": policy.silence_window_hours,
            "lower_2": policy.get_silence_clock_display().lower(),
        },
        *_describe_calendar(policy),
        _("A come-back within %(reopen_window_hours)s %(lower)s reopens it: %(lower_2)s.")
        % {
            "reopen_window_hours": policy.reopen_window_hours,
            "lower": policy.get_reopen_clock_display().lower(),
            "lower_2": policy.get_reopen_effect_display().lower(),
        },
        _("The same customer with the same query type within %(repeat_window_hours)s %(lower)s reopens too: %(lower_2)s.")
        % {
            "repeat_window_hours": policy.repeat_window_hours,
            "lower": policy.get_repeat_clock_display().lower(),
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
    return f"{row.query_type or _('Any query type')}, {row.channel or _('any channel')}{outcome}"
