"""Contracts and plans in plain sentences, so that the person who activates one has read it."""

from typing import Any

from contracts import models as terms
from contracts.queries import commercial_words
from contracts.queries.commercial_words import describe_price, money, percent
from contracts.queries.plan_words import describe_plan_version

__all__ = ["describe_contract_version", "describe_plan_version", "describe_price", "money", "percent"]


def describe_contract_version(*, version: terms.ContractVersion) -> list[str]:
    """Return what the client pays for, when a resolution counts, and what each costs."""
    sentences = [
        f"{version.contract.client} pays in {version.currency} for each case that is really resolved, {_in_force(version)}.",
        "Phone resolutions are priced."
        if version.prices_voice
        else "Phone resolutions are not priced: they are held, never billed by accident.",
    ]
    if hasattr(version, "resolution_policy"):
        sentences += _describe_policy(version.resolution_policy)
    rows = version.rate_card_rows.select_related("query_type", "channel").prefetch_related("tiers")
    sentences.append(f"Prices in {version.currency}:")
    sentences += [f"{_row_name(row)}: {describe_price(row=row)}." for row in rows]
    return sentences + commercial_words.describe_commercials(version=version)


def _in_force(version: terms.ContractVersion) -> str:
    last = f"to before {version.effective_to:%B %-d, %Y}" if version.effective_to else "on"
    return f"from {version.effective_from:%B %-d, %Y} {last}"


def _describe_policy(policy: Any) -> list[str]:
    sentences = [
        f"A resolution counts when it is verified by: {policy.get_verified_by_display().lower()}; "
        f"silence means {policy.silence_window_hours} {policy.get_silence_clock_display().lower()} after the last message.",
        *_describe_calendar(policy),
        f"A come-back within {policy.reopen_window_hours} {policy.get_reopen_clock_display().lower()} reopens it: "
        f"{policy.get_reopen_effect_display().lower()}.",
        f"The same customer with the same query type within {policy.repeat_window_hours} {policy.get_repeat_clock_display().lower()} "
        f"reopens too: {policy.get_repeat_scope_display().lower()}.",
        f"Counted {policy.get_unit_cap_display().lower()}. Not counted: {', '.join(policy.exclusions).replace('_', ' ') or 'nothing'}.",
    ]
    overrides = policy.overrides.select_related("query_type", "channel")
    if policy.fcr_optimum_bp is not None:
        sentences.append(f"At best {percent(policy.fcr_optimum_bp)} could be resolved at first contact: a guide, never a pay target.")
    return sentences + [f"For {override}: {_describe_override(override)}." for override in overrides]


def _describe_calendar(policy: Any) -> list[str]:
    if policy.calendar is None:
        return []
    return [f"Business hours are those of {policy.calendar}, with holidays listed up to {policy.calendar.holidays_until:%B %-d, %Y}."]


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
    return ", ".join(parts) or "nothing differs"


def _row_name(row: Any) -> str:
    outcome = f", {row.get_outcome_display().lower()}" if row.outcome else ""
    return f"{row.query_type or 'Any query type'}, {row.channel or 'any channel'}{outcome}"
