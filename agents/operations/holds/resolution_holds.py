"""Which resolutions wait for a person because of what intake does not know."""

from collections.abc import Collection
from datetime import datetime

import polars as pl

from agents.operations.holds import holds
from agents.operations.holds.holds import HoldReport
from agents.queries import frames
from agents.queries.policies import Policies

RESOLUTIONS: dict[str, pl.DataType] = {
    "resolution_id": pl.Int64(),
    "case": pl.String(),
    "resolved_on": pl.String(),
    "source": pl.String(),
    "identity": pl.String(),
    "space": pl.String(),
    "is_unmapped": pl.Boolean(),
    "contract": pl.String(),
    "policy_version_id": pl.Int64(),
    "has_price_version": pl.Boolean(),
    "is_priced": pl.Boolean(),
    "held_rows": pl.Int64(),
}

# Only what can still be paid is worth a person's time; an answer to a survey never moves a state, so none holds pay back.
LOAD = """
    SELECT r.id, c.key, to_char(r.resolved_at AT TIME ZONE k.timezone, 'YYYY-MM-DD'), s.name, i.value, i.space,
        i.id IS NOT NULL AND i.agent_id IS NULL AND NOT i.is_system, k.name, r.policy_version_id, r.price_version_id IS NOT NULL,
        r.policy_version_id IS NULL OR r.verified_at IS NOT NULL OR (p.priced_as_of <> 'verification' AND NOT EXISTS (
            SELECT 1 FROM contracts_resolutionpolicyoverride o WHERE o.policy_id = p.id AND o.priced_as_of = 'verification')),
        coalesce(w.row_count, 0)
    FROM agents_resolution r
    JOIN agents_case c ON c.id = r.case_id
    JOIN agents_source s ON s.id = c.source_id
    JOIN contracts_contract k ON k.id = c.contract_id
    LEFT JOIN contracts_resolutionpolicy p ON p.version_id = r.policy_version_id
    LEFT JOIN agents_sourceidentity i ON i.id = r.identity_id
    LEFT JOIN (
        SELECT source_id, case_key, count(*) AS row_count FROM agents_heldrow
        WHERE released_at IS NULL AND reason <> 'changed_answer' GROUP BY source_id, case_key
    ) w ON w.source_id = c.source_id AND w.case_key = c.key
    WHERE (r.state IN ('pending', 'confirmed', 'assumed') OR r.is_payable) {where}"""


def sync_resolution_holds(*, case_ids: Collection[int] | None, policies: Policies, as_of: datetime) -> HoldReport:
    """Open and release the holds that follow from identities, contract versions and held rows.

    Args:
        case_ids: the cases that were looked at; None means all.
        policies: to say why one cannot be applied.
        as_of: business instant.

    Returns: counts over all reasons.
    """
    where = "" if case_ids is None else "AND r.case_id = ANY(%(case_ids)s)"
    parameters = {"case_ids": sorted(case_ids or ())}
    found = frames.query_frame(sql=LOAD.format(where=where), parameters=parameters, schema=RESOLUTIONS)
    scope = None
    if case_ids is not None:
        ids = frames.query_frame(
            sql="SELECT id FROM agents_resolution WHERE case_id = ANY(%(case_ids)s)", parameters=parameters, schema={"id": pl.Int64()}
        )
        scope = ids["id"].to_list()
    reports = [
        holds.sync_holds(reason=reason, wanted=_wanted(found.filter(rows), message), as_of=as_of, resolution_ids=scope)
        for reason, (rows, message) in _reasons(policies).items()
    ]
    return HoldReport(
        opened_count=sum(report.opened_count for report in reports), released_count=sum(report.released_count for report in reports)
    )


def _reasons(policies: Policies) -> dict[str, tuple[pl.Expr, pl.Expr]]:
    """For each reason, which resolutions it holds and what to say."""
    case = pl.concat_str([pl.lit("Case "), pl.col("case"), pl.lit(", resolved on "), pl.col("resolved_on")])
    named = pl.concat_str([pl.lit('"'), pl.col("identity"), pl.lit('" in '), pl.col("space"), pl.lit(" of "), pl.col("source")])
    unreadable = pl.col("policy_version_id").replace_strict(policies.unreadable, default=None, return_dtype=pl.String)
    no_version = pl.concat_str([pl.lit("No version of "), pl.col("contract"), pl.lit(" was in force; activate one that covers that day")])
    return {
        holds.RESOLVER_NOT_NAMED: (
            pl.col("identity").is_null(),
            pl.concat_str([case, pl.lit(": "), pl.col("source"), pl.lit(" does not say who resolved it. Find out, or release it unpaid.")]),
        ),
        holds.UNMAPPED_IDENTITY: (
            pl.col("is_unmapped"),
            pl.concat_str([case, pl.lit(": "), named, pl.lit(" stands for no agent yet. Map it to the agent it stands for.")]),
        ),
        holds.NO_CONTRACT_VERSION: (
            pl.col("policy_version_id").is_null() | unreadable.is_not_null() | (~pl.col("has_price_version") & pl.col("is_priced")),
            pl.concat_str([case, pl.lit(": "), pl.coalesce([unreadable, no_version]), pl.lit(".")]),
        ),
        holds.ROWS_HELD: (
            pl.col("held_rows") > 0,
            pl.concat_str(
                [case, pl.lit(": "), pl.col("held_rows").cast(pl.String), pl.lit(" of its rows could not be read. See the held rows.")]
            ),
        ),
    }


def _wanted(rows: pl.DataFrame, message: pl.Expr) -> pl.DataFrame:
    return rows.select(
        "resolution_id",
        message.alias("message"),
        pl.lit(None, dtype=pl.Int64).alias("amount_micros"),
        pl.lit("").alias("currency"),
    )
