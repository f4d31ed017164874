"""Store folded resolutions and their steps, set-based."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl
from django.db.backends.utils import CursorWrapper

from agents.operations import copying

FOLDED = {
    "case_id": "bigint",
    "number": "smallint",
    "state": "text",
    "rule": "text",
    "identity_id": "bigint",
    "agent_id": "bigint",
    "policy_version_id": "bigint",
    "query_type": "text",
    "channel": "text",
    "resolved_at": "timestamptz",
    "window_ends_at": "timestamptz",
    "verified_at": "timestamptz",
    "reopened_at": "timestamptz",
    "is_payable": "boolean",
    "reason": "text",
    "price_bp": "integer",
    "correction": "text",
    "priced_at": "timestamptz",
    "fcr": "text",
    "fcr_reason": "text",
    "inhibitor": "text",
    "delivery_model": "text",
    "queue": "text",
}
STEPS = {
    "case_id": "bigint",
    "number": "smallint",
    "state": "text",
    "at": "timestamptz",
    "rule": "text",
    "detail": "text",
    "stored_id": "bigint",
}

COLUMNS = (
    "state, rule, identity_id, agent_id, policy_version_id, price_version_id, query_type_id, channel_id, resolved_at, window_ends_at, "
    "verified_at, reopened_at, is_payable, reason, price_bp, correction, fcr, fcr_reason, inhibitor, delivery_model, queue"
)

# The rate card in force, in the contract's own days, at the instant that the policy prices by.
UPSERT = f"""
    INSERT INTO agents_resolution AS r (case_id, number, {COLUMNS})
    SELECT f.case_id, f.number, f.state, f.rule, f.identity_id, f.agent_id, f.policy_version_id, v.id, q.id, h.id, f.resolved_at,
        f.window_ends_at, f.verified_at, f.reopened_at, f.is_payable, f.reason, f.price_bp, f.correction, f.fcr, f.fcr_reason, f.inhibitor,
        f.delivery_model, f.queue
    FROM folded f
    JOIN agents_case c ON c.id = f.case_id
    JOIN contracts_contract k ON k.id = c.contract_id
    LEFT JOIN contracts_contractversion v ON v.contract_id = k.id AND v.status IN ('active', 'ended')
        AND daterange(v.effective_from, v.effective_to) @> (f.priced_at AT TIME ZONE k.timezone)::date
    LEFT JOIN contracts_querytype q ON q.code = f.query_type
    LEFT JOIN contracts_channel h ON h.code = f.channel
    ORDER BY f.case_id, f.number
    ON CONFLICT (case_id, number) DO UPDATE SET ({COLUMNS}) = ({", ".join(f"excluded.{name}" for name in COLUMNS.split(", "))})
    WHERE ({", ".join(f"r.{name}" for name in COLUMNS.split(", "))})
        IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in COLUMNS.split(", "))})"""  # noqa: S608 (our own text)

# A late event can join two episodes to one. The later row stays, for others may cite it, but no longer counts.
SUPERSEDE = """
    UPDATE agents_resolution r
    SET state = 'void', rule = 'superseded', is_payable = false, reason = 'void', window_ends_at = NULL, fcr = 'not_applicable',
        fcr_reason = 'later_episode', inhibitor = ''
    WHERE r.case_id = ANY(%(case_ids)s) AND r.rule <> 'superseded'
        AND NOT EXISTS (SELECT 1 FROM folded f WHERE f.case_id = r.case_id AND f.number = r.number)
    RETURNING r.id"""

# A row that counts again, because the mark of a system user was taken away.
FIND_RESTORED = """
    SELECT r.id FROM folded f JOIN agents_resolution r ON r.case_id = f.case_id AND r.number = f.number WHERE r.rule = 'superseded'"""

# No event shows these steps; the portal learned them just now. Two of them at one instant follow each other.
INSERT_OWN_STEPS = """
    INSERT INTO agents_resolutiontransition (resolution_id, state, at, rule, detail, policy_version_id, recorded_at)
    SELECT r.id, r.state, greatest(%(as_of)s, (
            SELECT max(t.at) + interval '1 microsecond' FROM agents_resolutiontransition t
            WHERE t.resolution_id = r.id AND t.rule IN ('superseded', 'restored'))),
        %(rule)s, '', r.policy_version_id, %(as_of)s
    FROM agents_resolution r
    WHERE r.id = ANY(%(ids)s) AND r.policy_version_id IS NOT NULL
    ORDER BY r.id"""

# A step that was true when it was written and that later news takes back. It stays; this one cites its rule.
TAKE_BACK_STEPS = """
    INSERT INTO agents_resolutiontransition (resolution_id, state, at, rule, detail, policy_version_id, recorded_at)
    SELECT r.id, r.state, greatest(%(as_of)s, (
            SELECT max(t.at) + interval '1 microsecond' FROM agents_resolutiontransition t
            WHERE t.resolution_id = r.id AND t.rule IN ('superseded', 'restored', 'taken_back')))
            + (row_number() OVER (PARTITION BY r.id ORDER BY stale.rule) - 1) * interval '1 microsecond',
        'taken_back', stale.rule, r.policy_version_id, %(as_of)s
    FROM (
        SELECT t.resolution_id, t.rule, count(*) AS total
        FROM agents_resolutiontransition t JOIN agents_resolution o ON o.id = t.resolution_id
        WHERE o.case_id = ANY(%(case_ids)s) AND o.rule <> 'superseded' AND t.rule NOT IN ('superseded', 'restored', 'taken_back')
            AND NOT EXISTS (
                SELECT 1 FROM step s
                WHERE s.case_id = o.case_id AND s.number = o.number AND s.state = t.state AND s.at = t.at AND s.rule = t.rule)
        GROUP BY t.resolution_id, t.rule
    ) stale
    JOIN agents_resolution r ON r.id = stale.resolution_id AND r.policy_version_id IS NOT NULL
    CROSS JOIN LATERAL generate_series(1, stale.total - (
        SELECT count(*) FROM agents_resolutiontransition t
        WHERE t.resolution_id = r.id AND t.rule = 'taken_back' AND t.detail = stale.rule))"""

INSERT_STEPS = """
    INSERT INTO agents_resolutiontransition (resolution_id, state, at, rule, detail, policy_version_id, event_id, recorded_at)
    SELECT r.id, s.state, s.at, s.rule, s.detail, r.policy_version_id, s.stored_id, %(as_of)s
    FROM step s JOIN agents_resolution r ON r.case_id = s.case_id AND r.number = s.number
    ORDER BY r.id, s.at
    ON CONFLICT (resolution_id, state, at, rule) DO NOTHING"""


@dataclass(frozen=True, kw_only=True)
class Written:
    """How many resolutions are new or different, and how many steps are new."""

    changed_count: int
    step_count: int


def write_resolutions(*, cursor: CursorWrapper, case_ids: list[int], folded: pl.DataFrame, steps: pl.DataFrame, as_of: datetime) -> Written:
    """Bring the resolutions of some cases to what the fold says; their steps only grow.

    Args:
        cursor: inside a transaction.
        case_ids: every case that was folded, those without an episode too.
        folded: one row per episode, columns of FOLDED.
        steps: one row per step of an episode, columns of STEPS.
        as_of: business instant at which the portal learned it.

    Returns: counts; both are zero when nothing is new.
    """
    with (
        copying.temporary_table(cursor=cursor, name="folded", columns=FOLDED, frame=folded),
        copying.temporary_table(cursor=cursor, name="step", columns=STEPS, frame=steps),
    ):
        cursor.execute(FIND_RESTORED)
        restored = [row[0] for row in cursor.fetchall()]
        cursor.execute(UPSERT)
        changed_count = cursor.rowcount
        copying.refresh_statistics(cursor=cursor, tables=("agents_resolution",), row_count=changed_count)
        cursor.execute(SUPERSEDE, {"case_ids": case_ids})
        superseded = [row[0] for row in cursor.fetchall()]
        cursor.execute(INSERT_STEPS, {"as_of": as_of})
        step_count = cursor.rowcount
        cursor.execute(TAKE_BACK_STEPS, {"case_ids": case_ids, "as_of": as_of})
        step_count += cursor.rowcount
        for rule, ids in (("restored", restored), ("superseded", superseded)):
            cursor.execute(INSERT_OWN_STEPS, {"rule": rule, "ids": ids, "as_of": as_of})
            step_count += cursor.rowcount
    copying.refresh_statistics(cursor=cursor, tables=("agents_resolutiontransition",), row_count=step_count)
    return Written(changed_count=changed_count + len(superseded), step_count=step_count)
