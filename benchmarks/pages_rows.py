"""What the rows of the page benchmark's company hold, by model: columns as SQL, and where they come from.

Columns that are not named hold what their field starts with.
"""

from benchmarks import pay_world

CASE = (
    {
        "source_id": "%(source)s",
        "key": "'C' || lpad(i::text, 9, '0')",
        "contract_id": "(%(contracts)s::bigint[])[1 + i %% %(contract_count)s]",
        "customer_hash": "md5((i / 2)::text)",
        "opened_at": "TIMESTAMPTZ '2015-04-25 05:00+00' + interval '360 days' * (i::float8 / %(count)s)",
    },
    "generate_series(1, %(count)s) i",
)
RESOLUTION = (
    {
        "case_id": "c.id",
        "number": "1",
        "state": "CASE WHEN c.opened_at > %(now)s::timestamptz - interval '3 days' THEN 'pending' WHEN i %% 40 = 0 THEN 'reopened' "
        "WHEN i %% 3 = 0 THEN 'assumed' ELSE 'confirmed' END",
        "rule": "'customer_acknowledged'",
        "agent_id": "(%(agents)s::bigint[])[1 + abs(hashint8(i)::bigint) %% %(agent_count)s]",
        "policy_version_id": "(%(versions)s::bigint[])[1 + i %% %(contract_count)s]",
        "price_version_id": "(%(versions)s::bigint[])[1 + i %% %(contract_count)s]",
        "query_type_id": "(%(types)s::bigint[])[1 + i %% %(type_count)s]",
        "channel_id": "(%(channels)s::bigint[])[1 + (i / 7) %% %(channel_count)s]",
        "resolved_at": "c.opened_at + interval '1 hour'",
        "window_ends_at": "c.opened_at + interval '73 hours'",
        "verified_at": "CASE WHEN c.opened_at <= %(now)s::timestamptz - interval '3 days' THEN c.opened_at + interval '2 hours' END",
        "is_payable": "c.opened_at <= %(now)s::timestamptz - interval '3 days' AND i %% 40 <> 0",
        "fcr": "CASE WHEN c.opened_at > %(now)s::timestamptz - interval '3 days' THEN 'pending' WHEN i %% 4 = 0 THEN 'no' ELSE 'yes' END",
        "inhibitor": "CASE WHEN i %% 4 = 0 THEN 'unknown' ELSE '' END",
        "queue": "'Queue ' || i %% 30",
    },
    "agents_case c, LATERAL (SELECT substr(c.key, 2)::bigint AS i) n",
)
EVENT = (
    {
        "source_id": "c.source_id",
        "key": "c.key",
        "case_id": "c.id",
        "type": "'opened'",
        "occurred_at": "c.opened_at",
        "sequence": "1",
        "channel_id": "(%(channels)s::bigint[])[1 + (substr(c.key, 2)::bigint / 7) %% %(channel_count)s]",
        "run_id": "(%(runs)s::bigint[])[1 + c.id %% %(run_count)s]",
        "received_at": "c.opened_at + interval '2 hours'",
    },
    "agents_case c",
)
STEP = (
    {
        "resolution_id": "r.id",
        "state": "CASE step WHEN 0 THEN 'pending' ELSE r.state END",
        "at": "CASE step WHEN 0 THEN r.resolved_at ELSE coalesce(r.verified_at, r.resolved_at + interval '1 minute') END",
        "rule": "CASE step WHEN 0 THEN 'solution_offered' ELSE r.rule END",
        "policy_version_id": "r.policy_version_id",
        "recorded_at": "r.resolved_at",
    },
    "agents_resolution r, generate_series(0, 1) step WHERE r.resolved_at > %(now)s::timestamptz - interval '60 days'",
)
BOOKED = (
    {
        "version_id": "r.price_version_id",
        "row_id": "(SELECT w.id FROM contracts_ratecardrow w WHERE w.version_id = r.price_version_id LIMIT 1)",
        "resolution_id": "r.id",
        "revision": "1",
        "kind": "'resolution'",
        "period_start": "date_trunc('month', r.verified_at AT TIME ZONE 'America/New_York')::date",
        "position": "r.id",
        "amount_micros": "2400000",
        "list_micros": "2400000",
        "booked_at": "r.verified_at",
    },
    "agents_resolution r WHERE r.is_payable",
)
SURVEY = (
    pay_world.SURVEYS[0],
    "agents_resolution r WHERE r.id %% 10 = 0 AND r.verified_at IS NOT NULL",
)
REVIEW = (
    {
        "source_id": "%(source)s",
        "key": "'Q' || r.id",
        "resolution_id": "r.id",
        "agent_id": "r.agent_id",
        "score": "r.id %% 40 + 60",
        "is_passed": "r.id %% 40 > 10",
        "reviewed_at": "r.verified_at",
    },
    "agents_resolution r WHERE r.id %% 100 = 1 AND r.verified_at IS NOT NULL",
)
FEEDBACK = (
    {
        "source_id": "%(source)s",
        "agent_id": "r.agent_id",
        "kind": "'customer'",
        "resolution_id": "r.id",
        "words": "'Quick and kind.'",
        "tags": "'{}'",
        "given_at": "r.verified_at",
        "answer": "CASE WHEN r.id %% 100 = 3 THEN 'Glad that it helped.' ELSE '' END",
        "answered_at": "CASE WHEN r.id %% 100 = 3 THEN r.verified_at + interval '1 day' END",
    },
    "agents_resolution r WHERE r.id %% 50 = 3 AND r.verified_at IS NOT NULL",
)
HOLD = (
    {
        "resolution_id": "r.id",
        "reason": "'unmapped_identity'",
        "message": "'Nobody is mapped to this name yet; map it.'",
        "expires_at": "%(now)s::timestamptz + interval '3 days'",
        "opened_at": "r.resolved_at",
        "amount_micros": "2400000",
        "currency": "'USD'",
    },
    # A queue that people work off: what came last month waits, what came before does not.
    "agents_resolution r WHERE r.id %% 500 = 7 AND r.resolved_at > %(now)s::timestamptz - interval '30 days'",
)
TIME = (
    pay_world.HOURS[0],
    """unnest(%(agents)s::bigint[]) a, generate_series(TIMESTAMPTZ '2015-05-01 13:00+00', %(now)s::timestamptz, '1 day') starts
    WHERE extract(isodow FROM starts) < 6""",
)
RUN = (
    {
        "site_id": "%(site)s",
        "period_start": "m::date",
        "period_end": "(m + interval '1 month')::date",
        "status": "'paid'",
        "as_of": "m + interval '33 days'",
        "paid_on": "(m + interval '36 days')::date",
    },
    "generate_series(TIMESTAMP '2015-05-01', '2016-03-01', '1 month') m",
)
SETTLEMENT = (
    {
        "agent_id": "a",
        "run_id": "(SELECT p.id FROM billing_payrun p WHERE p.period_start = m::date)",
        "period_start": "m::date",
        "period_end": "(m + interval '1 month')::date",
        "status": "CASE WHEN m = '2016-04-01' THEN 'accruing' ELSE 'paid' END",
        "plan_version_id": "%(plan_version)s",
        "rule_version": "'1'",
        "rule_pack_version": "'us-federal 2016-01-01'",
        "currency": "'USD'",
        "total_micros": "2400000000",
        "resolution_count": "125",
        "paid_seconds": "600000",
        "as_of": "%(now)s::timestamptz",
    },
    "unnest(%(agents)s::bigint[]) a, generate_series(TIMESTAMP '2015-05-01', '2016-04-01', '1 month') m",
)
LINE = (
    {
        "settlement_id": "s.id",
        "position": "k",
        "kind": "(ARRAY['base','unit','unit','unit','tier_uplift','quality','floor','overtime'])[k]",
        "label": "'Line ' || k",
        "quantity": "'40'",
        "rate": "'7.5'",
        "exact": "'300'",
        "amount_micros": "300000000",
    },
    "billing_settlement s, generate_series(1, 8) k",
)
EARNING = (
    {
        "settlement_id": "s.id",
        "agent_id": "r.agent_id",
        "resolution_id": "r.id",
        "verified_at": "r.verified_at",
        "price_micros": "2400000",
        "credit_micros": "1000000",
        "line_position": "2 + r.id %% 3",
    },
    """agents_resolution r JOIN billing_settlement s ON s.agent_id = r.agent_id
        AND s.period_start = date_trunc('month', r.verified_at AT TIME ZONE 'America/New_York')::date
    WHERE r.is_payable""",
)
INVOICE = (
    {
        "contract_id": "k",
        "status": "CASE WHEN m = '2016-04-01' THEN 'draft' ELSE 'final' END",
        "number": "CASE WHEN m = '2016-04-01' THEN '' ELSE 'LF-' || k || '-' || m::date END",
        "period_start": "m::date",
        "period_end": "(m + interval '1 month')::date",
        "currency": "'USD'",
        "grace_until": "(m + interval '34 days')::date",
        "refreshed_at": "%(now)s::timestamptz",
        "issued_on": "CASE WHEN m = '2016-04-01' THEN NULL ELSE (m + interval '35 days')::date END",
        "due_on": "CASE WHEN m = '2016-04-01' THEN NULL ELSE (m + interval '65 days')::date END",
        "subtotal_micros": "30000000000",
        "gross_micros": "30000000000",
        "due_micros": "30000000000",
        "counted_count": "12500",
        "taxes": "'[]'",
        "counts": "'[]'",
        "issues": "'[]'",
    },
    "unnest(%(contracts)s::bigint[]) k, generate_series(TIMESTAMP '2015-05-01', '2016-04-01', '1 month') m",
)
INVOICE_LINE = (
    {
        "invoice_id": "v.id",
        "position": "p",
        "kind": "'rated'",
        "version_id": "(SELECT min(w.id) FROM contracts_contractversion w WHERE w.contract_id = v.contract_id)",
        "origin_start": "v.period_start",
        "label": "'Topic ' || p",
        "quantity": "'700'",
        "exact": "'1680'",
        "amount_micros": "1680000000",
    },
    "billing_invoice v, generate_series(1, 18) p",
)
IMPORT = (
    {
        "source_id": "%(source)s",
        "origin": "'file'",
        "file_name": "'export-' || i || '.csv'",
        "file_sha256": "md5(i::text)",
        "started_at": "%(now)s::timestamptz - i * interval '4 hours'",
        "seconds": "3.5",
        "row_count": "1500",
        "case_count": "700",
        "new_count": "1490",
        "changed_count": "0",
        "unchanged_count": "0",
        "held_count": "10",
    },
    "generate_series(1, %(import_count)s) i",
)
HELD_ROW = (
    {
        "source_id": "%(source)s",
        "run_id": "i.id",
        "row_number": "k",
        "case_key": "'X' || i.id || k",
        "reason": "(ARRAY['no_date','unknown_value','changed'])[1 + k %% 3]",
        "message": "'The date cannot be read; correct the row or the mapping.'",
        "row": '\'{"a": "b"}\'',
        "row_hash": "md5(i.id || '/' || k)",
        "released_at": "CASE WHEN i.started_at < %(now)s::timestamptz - interval '30 days' THEN i.started_at + interval '1 day' END",
    },
    "agents_importrun i, generate_series(1, 10) k",
)
JOB = (
    {
        "job": "(ARRAY['refresh_pay','verify_due_resolutions','watch_guardrails','watch_disputes','take_up_lost_work'])[1 + i %% 5]",
        "started_at": "now() - i * interval '2 minutes'",
        "as_of": "%(now)s::timestamptz - i * interval '2 minutes'",
        "seconds": "1.5",
        "outcome": "CASE WHEN i %% 997 = 0 THEN 'failed' ELSE 'done' END",
        "message": "CASE WHEN i %% 997 = 0 THEN 'UnableToSettle: something is missing' ELSE '' END",
    },
    "generate_series(1, %(job_count)s) i",
)
DECISION = (
    {
        "agent_id": "a",
        "limit": "'consecutive_days'",
        "value": "7",
        "threshold": "7",
        "level": "'act'",
        "effect": "'stop_assignment'",
        "plan_version_id": "%(plan_version)s",
        "starts_at": "%(now)s::timestamptz - k * interval '30 days'",
        "ends_at": "%(now)s::timestamptz - k * interval '30 days' + interval '1 day'",
        "decided_at": "%(now)s::timestamptz - k * interval '30 days'",
    },
    "unnest(%(agents)s::bigint[]) a, generate_series(0, 9) k",
)
DISPUTE = (
    {
        "agent_id": "s.agent_id",
        "line_id": "l.id",
        "kind": "'line'",
        "status": "CASE WHEN s.id %% 20 = 0 THEN 'open' ELSE 'refused' END",
        "words": "'Two of these were mine alone.'",
        "currency": "'USD'",
        "opened_at": "%(now)s::timestamptz - (s.id %% 300) * interval '1 day'",
        "due_at": "%(now)s::timestamptz + interval '3 days'",
        "answer": "'We looked at it.'",
        "answered_at": "CASE WHEN s.id %% 20 = 0 THEN NULL ELSE %(now)s::timestamptz END",
    },
    "billing_settlement s JOIN billing_settlementline l ON l.settlement_id = s.id AND l.position = 2 "
    "WHERE s.id %% 5 = 0 OR s.agent_id = (%(agents)s::bigint[])[1]",
)
SIGNAL = (
    {
        "agent_id": "a",
        "kind": "'self_created'",
        "status": "'open'",
        "since_at": "%(now)s::timestamptz - interval '28 days'",
        "until_at": "%(now)s::timestamptz",
        "observed_count": "40",
        "marked_count": "20",
        "expected_count": "1",
        "base_observed_count": "1200",
        "interval_low": "0.28",
        "interval_high": "0.72",
        "found_at": "%(now)s::timestamptz",
        "expires_at": "%(now)s::timestamptz + interval '7 days'",
    },
    "unnest((%(agents)s::bigint[])[1:200]) a",
)
TRANSACTION = (
    {
        "key": "'settlement:' || s.id",
        "kind": "'settlement'",
        "on": "s.period_end",
        "words": "'Pay of the period'",
        "posted_at": "s.as_of",
    },
    "billing_settlement s WHERE s.status = 'paid'",
)
ENTRY = (
    {
        "transaction_id": "t.id",
        "account": "CASE k WHEN 0 THEN 'pay_expense' ELSE 'agent_pay' END",
        "agent_id": "(SELECT s.agent_id FROM billing_settlement s WHERE s.id = substr(t.key, 12)::bigint)",
        "currency": "'USD'",
        "amount_micros": "CASE k WHEN 0 THEN 2400000000 ELSE -2400000000 END",
        "on": "t.on",
    },
    "billing_ledgertransaction t, generate_series(0, 1) k",
)
