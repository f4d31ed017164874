"""Repeat contacts of many customers at once: the twin of agents/rules/repeats.py."""

import polars as pl

from agents.rules.frames import terms

_CLASS = ("customer_hash", "query_type")


def find_repeat_contacts_frame(*, openings: pl.DataFrame, claims: pl.DataFrame) -> pl.DataFrame:
    """Find which openings are repeats of which earlier claim.

    Args:
        openings: one row per case as its customer opened it: case_id, customer_hash str, query_type, channel str, opened_at
            datetime[us, UTC]. Excluded cases are left out by the caller.
        claims: one row per episode: case_id, customer_hash, query_type, channel, resolved_at datetime[us, UTC], repeat_us i64
            (the window in microseconds), repeat_scope str.

    Returns: one row per repeat by occurred_at and repeat_case_id: case_id (of the earlier case), occurred_at, channel (of the
        opening), repeat_case_id (the case that was opened).
    Source: design.md section 4, "repeat contact"; the twin of agents.rules.repeats.find_repeat_contacts.

    >>> openings = pl.DataFrame({"case_id": [2], "customer_hash": ["k"], "query_type": ["refund"], "channel": ["email"],
    ...                          "opened_at": [terms.EPOCH + 2 * terms.MICROSECOND]})
    >>> claims = pl.DataFrame({"case_id": [1], "customer_hash": ["k"], "query_type": ["refund"], "channel": ["chat"],
    ...                        "resolved_at": [terms.EPOCH], "repeat_us": [5], "repeat_scope": ["any_channel"]})
    >>> find_repeat_contacts_frame(openings=openings, claims=claims).select("case_id", "repeat_case_id").rows()
    [(1, 2)]
    """
    opened = openings.select("case_id", *_CLASS, "channel", at=_us("opened_at")).sort("at", "case_id")
    claimed = claims.select(*_CLASS, "channel", "repeat_us", "repeat_scope", earlier_case="case_id", claim_at=_us("resolved_at"))
    found = pl.concat(
        [_latest(opened, claimed, scope="any_channel", by=_CLASS), _latest(opened, claimed, scope="own_channel", by=(*_CLASS, "channel"))]
    )
    latest = found.sort("case_id", "claim_at", "earlier_case").unique("case_id", keep="last", maintain_order=True)
    repeats = latest.filter((pl.col("earlier_case") != pl.col("case_id")) & (pl.col("at") < pl.col("claim_at") + pl.col("repeat_us")))
    return repeats.sort("at", "case_id").select(
        "channel", case_id="earlier_case", occurred_at=pl.col("at").cast(terms.INSTANT), repeat_case_id="case_id"
    )


def _latest(opened: pl.DataFrame, claimed: pl.DataFrame, *, scope: str, by: tuple[str, ...]) -> pl.DataFrame:
    """Return each opening with the latest claim before it among those of one scope."""
    inside = (
        claimed.filter(pl.col("repeat_scope") == scope)
        .select(*by, "repeat_us", "earlier_case", "claim_at")
        .sort("claim_at", "earlier_case")
    )
    joined = opened.join_asof(
        inside,
        left_on="at",
        right_on="claim_at",
        by=list(by),
        strategy="backward",
        allow_exact_matches=False,
        coalesce=False,
        check_sortedness=False,
    )
    return joined.filter(pl.col("claim_at").is_not_null()).select("case_id", "channel", "at", "repeat_us", "earlier_case", "claim_at")


def _us(column: str) -> pl.Expr:
    return pl.col(column).cast(terms.INSTANT).dt.timestamp("us")
