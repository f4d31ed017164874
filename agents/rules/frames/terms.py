"""Policies as a frame, and instants as whole microseconds, so that every window is integer arithmetic."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import polars as pl

from agents.rules import lifecycle
from contracts.rules.resolution_policy import BP, WINDOWS, ResolutionPolicy

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
INSTANT = pl.Datetime("us", "UTC")

_SCHEMA = {
    "policy_id": pl.Int64,
    "delivery_model": pl.String,
    "confirming_type": pl.String,
    "refusing_type": pl.String,
    "by_silence": pl.Boolean,
    "by_close": pl.Boolean,
    "silence_us": pl.Int64,
    "silence_business": pl.Boolean,
    "reopen_us": pl.Int64,
    "reopen_business": pl.Boolean,
    "reopen_effect": pl.String,
    "reduced_price_bp": pl.Int64,
    "repeat_scope": pl.String,
    "repeat_us": pl.Int64,
    "repeat_business": pl.Boolean,
    "unit_cap": pl.String,
    "counts_no_further_action": pl.Boolean,
    "priced_as_of": pl.String,
    "timezone": pl.String,
}


def to_us(at: datetime) -> int:
    """Return an instant as whole microseconds since 1970.

    Args:
        at: with an offset.

    >>> to_us(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000000
    """
    return (at - EPOCH) // MICROSECOND


def frame_policies(*, policies: Mapping[int, ResolutionPolicy]) -> pl.DataFrame:
    """Return one row per policy: policy_id i64 and its knobs, windows in microseconds.

    Args:
        policies: by policy_id.

    Source: design.md section 4, the knobs of the resolution policy.

    >>> frame_policies(policies={7: ResolutionPolicy()})["silence_us"].to_list()
    [259200000000]
    """
    rows = [
        {
            "policy_id": policy_id,
            "delivery_model": policy.delivery_model,
            "confirming_type": lifecycle.CONFIRMING_EVENT[policy.verified_by],
            "refusing_type": lifecycle.REFUSING_EVENT.get(policy.verified_by),
            "by_silence": policy.verified_by == "customer_or_silence",
            "by_close": policy.verified_by == "agent_close",
            **{f"{window}_us": policy.length_of(window) // MICROSECOND for window in WINDOWS},
            **{f"{window}_business": policy.hours_of(window) is not None for window in WINDOWS},
            "reopen_effect": policy.reopen_effect,
            "reduced_price_bp": BP if policy.reduced_price_bp is None else policy.reduced_price_bp,
            "repeat_scope": policy.repeat_scope,
            "unit_cap": policy.unit_cap,
            "counts_no_further_action": policy.counts_no_further_action,
            "priced_as_of": policy.priced_as_of,
            "timezone": policy.timezone,
        }
        for policy_id, policy in policies.items()
    ]
    return pl.DataFrame(rows, schema=_SCHEMA)


def frame_unassisted(*, policies: Mapping[int, ResolutionPolicy]) -> pl.DataFrame:
    """Return one row per policy and channel that no person answers: policy_id i64, case_channel str.

    >>> frame_unassisted(policies={7: ResolutionPolicy(unassisted_channels=frozenset({"bot"}))}).rows()
    [(7, 'bot')]
    """
    rows = [(policy_id, code) for policy_id, policy in policies.items() for code in sorted(policy.unassisted_channels)]
    return pl.DataFrame(rows, schema={"policy_id": pl.Int64, "case_channel": pl.String}, orient="row")


def frame_exclusions(*, policies: Mapping[int, ResolutionPolicy]) -> pl.DataFrame:
    """Return one row per policy and code it excludes: policy_id i64, excluded str.

    >>> frame_exclusions(policies={7: ResolutionPolicy(exclusions=frozenset({"spam"}))}).rows()
    [(7, 'spam')]
    """
    rows = [(policy_id, code) for policy_id, policy in policies.items() for code in sorted(policy.exclusions)]
    return pl.DataFrame(rows, schema={"policy_id": pl.Int64, "excluded": pl.String}, orient="row")
