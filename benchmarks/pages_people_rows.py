"""What people of the page benchmark's company did besides work on cases: reviews, talks, training, notices, uploads, comparisons.

As in pages_rows: columns as SQL, and where they come from. Numbers that grow with the company are a part of its resolutions.
"""

Rows = tuple[dict[str, str], str]

TEAM_OF = """unnest(%(agents)s::bigint[]) a JOIN agents_teammembership m ON m.agent_id = a JOIN agents_team t ON t.id = m.team_id"""

IDENTITY: Rows = (
    {"source_id": "%(source)s", "space": "'agent'", "value": "'name-' || a", "agent_id": "a"},
    "unnest(%(agents)s::bigint[]) a",
)
STAGE_TIME: Rows = (
    {
        "source_id": "c.source_id",
        "key": "c.key || '/' || stage",
        "case_id": "c.id",
        "type": "'stage_time'",
        "code": "stage",
        "occurred_at": "r.resolved_at - interval '10 minutes'",
        "sequence": "2",
        "agent_identity_id": "n.id",
        "handle_seconds": "300 + r.id %% 600",
        "run_id": "(%(runs)s::bigint[])[1 + c.id %% %(run_count)s]",
        "received_at": "c.opened_at + interval '2 hours'",
    },
    """agents_resolution r JOIN agents_case c ON c.id = r.case_id JOIN agents_sourceidentity n ON n.agent_id = r.agent_id,
    unnest(ARRAY['research', 'resolve']) stage
    WHERE r.id %% 2 = 0 AND r.resolved_at > %(now)s::timestamptz - interval '120 days'""",
)
# Each person has read a lot of news, and some of it is new.
NOTICE: Rows = (
    {
        "person_id": "p",
        "kind": "'statement_ready'",
        "key": "'N-' || i",
        "facts": '\'{"period_month": "2016-03-01", "payday_on": "2016-04-06", "reference": "ST-1"}\'',
        "path": "'/statements/'",
        "channel": "'in_app'",
        "noted_at": "%(now)s::timestamptz - i * interval '1 hour'",
        "read_at": "CASE WHEN i > 20 THEN %(now)s::timestamptz END",
    },
    "unnest(%(people)s::bigint[]) p, generate_series(1, %(notice_count)s) i",
)
PAY_READ: Rows = (
    {
        "read_at": "%(now)s::timestamptz - i * interval '90 seconds'",
        "person_id": "(%(people)s::bigint[])[1 + i %% cardinality(%(people)s::bigint[])]",
        "agent_id": "(%(agents)s::bigint[])[CASE WHEN i %% 50 = 0 THEN 1 ELSE 1 + i %% %(agent_count)s END]",
        "route": "'statement'",
        "path": "'/agents/1/statements/2016-03-01/'",
        "form": "'page'",
    },
    "generate_series(1, %(read_count)s) i",
)
DRAW: Rows = (
    {
        "team_id": "t.id",
        "period_from": "(w)::date",
        "period_to": "(w + interval '7 days')::date",
        "scorecard_version_id": "%(scorecard_version)s",
        "size": "8",
        "agent_min": "0",
        "second_count": "1",
        "method": "'stratified-1'",
        "seed": "md5(t.id || w::text)",
        "frame": "(SELECT string_agg(concat('R-', 1000 + n, chr(9), 'A-1', chr(9), 'bench/t1/bench-1', chr(10)), '' ORDER BY n) "
        "FROM generate_series(1, %(frame_count)s) n)",
        "frame_hash": "md5(w::text)",
        "frame_count": "%(frame_count)s",
        "drawn_by_id": "t.lead_id",
        "drawn_at": "w + interval '8 days'",
        "due_on": "(w + interval '15 days')::date",
    },
    "agents_team t, generate_series(TIMESTAMP '2015-05-04', '2016-04-11', '7 days') w",
)
SAMPLED: Rows = (
    {
        "draw_id": "d.id",
        "resolution_id": "r.id",
        "agent_id": "r.agent_id",
        "query_type_id": "r.query_type_id",
        "channel_id": "r.channel_id",
        "stratum_count": "20",
        "picked_count": "1",
    },
    """agents_sampledraw d JOIN LATERAL (
        SELECT r.* FROM agents_teammembership m JOIN agents_resolution r ON r.agent_id = m.agent_id
        WHERE m.team_id = d.team_id AND r.resolved_at >= d.period_from AND r.resolved_at < d.period_to LIMIT 8
    ) r ON true""",
)
SCORED: Rows = (
    {
        "source_id": "%(source)s",
        "key": "'A' || s.id",
        "resolution_id": "s.resolution_id",
        "agent_id": "s.agent_id",
        "score": "60 + s.id %% 40",
        "is_passed": "s.id %% 40 > 24",
        "reviewed_at": "d.drawn_at + interval '2 days'",
    },
    "agents_sampledcase s JOIN agents_sampledraw d ON d.id = s.draw_id WHERE d.period_from < DATE '2016-04-04'",
)
ASSESSMENT: Rows = (
    {
        "sampled_id": "s.id",
        "reviewer_id": "t.lead_id",
        "status": "CASE WHEN q.id IS NULL THEN 'waiting' ELSE 'published' END",
        "due_on": "d.due_on",
        "went_well": "'Listened well.'",
        "blind_score": "q.score::int",
        "finished_at": "q.reviewed_at",
        "published_at": "q.reviewed_at",
        "qa_review_id": "q.id",
    },
    """agents_sampledcase s JOIN agents_sampledraw d ON d.id = s.draw_id JOIN agents_team t ON t.id = d.team_id
    LEFT JOIN agents_qareview q ON q.key = 'A' || s.id AND q.source_id = %(source)s""",
)
# The lead of the next team scores one case of each draw, blind.
SECOND: Rows = (
    {
        "sampled_id": "s.id",
        "reviewer_id": "other.lead_id",
        "is_second": "true",
        "status": "'finished'",
        "due_on": "a.due_on",
        "blind_score": "80",
        "finished_at": "a.finished_at",
    },
    """(SELECT min(id) AS id, draw_id FROM agents_sampledcase GROUP BY draw_id) s JOIN agents_sampledraw d ON d.id = s.draw_id
    JOIN agents_assessment a ON a.sampled_id = s.id AND a.finished_at IS NOT NULL
    JOIN agents_team other ON other.id = (SELECT coalesce(min(n.id) FILTER (WHERE n.id > d.team_id), min(n.id)) FROM agents_team n)""",
)
ANSWER: Rows = (
    {
        "assessment_id": "a.id",
        "item_id": "i.id",
        "answer": "'yes'",
        "blind_answer": "CASE WHEN (a.id + i.id) %% 9 = 0 THEN 'no' ELSE 'yes' END",
    },
    "agents_assessment a, agents_scorecarditem i WHERE a.finished_at IS NOT NULL",
)
TALK: Rows = (
    {
        "agent_id": "a",
        "coach_id": "t.lead_id",
        "status": "CASE k WHEN 0 THEN 'planned' WHEN 1 THEN 'held' ELSE 'closed' END",
        "planned_on": "(%(now)s::timestamptz - k * interval '30 days')::date",
        "goal": "'Ask back before passing on'",
        "metric": "'fcr'",
        "outcome": "CASE WHEN k > 1 THEN 'reached' ELSE '' END",
        "followed_up_at": "CASE WHEN k > 1 THEN %(now)s::timestamptz - k * interval '30 days' + interval '28 days' END",
        "follow_up_on": "(%(now)s::timestamptz - k * interval '30 days' + interval '28 days')::date",
        "created_at": "%(now)s::timestamptz - k * interval '30 days'",
        "held_at": "CASE WHEN k > 0 THEN %(now)s::timestamptz - k * interval '30 days' END",
    },
    f"{TEAM_OF}, generate_series(0, 11) k",
)
PLAN: Rows = (
    {
        "agent_id": "a",
        "opened_by_id": "t.lead_id",
        "status": "CASE k WHEN 0 THEN 'open' ELSE 'closed' END",
        "reason": "'First contact resolution was below what was expected.'",
        "goal": "'As expected'",
        "support": "'A talk each week'",
        "metric": "'fcr'",
        "opened_at": "%(now)s::timestamptz - k * interval '90 days'",
        "review_on": "(%(now)s::timestamptz + interval '30 days')::date",
        "closed_at": "CASE WHEN k > 0 THEN %(now)s::timestamptz - k * interval '60 days' END",
    },
    f"{TEAM_OF}, generate_series(0, 2) k",
)
TASK: Rows = (
    {
        "agent_id": "a",
        "course_id": "CASE WHEN k = 0 THEN %(course)s END",
        "title": "'Asking well ' || k",
        "minutes": "30",
        "assigned_by_id": "t.lead_id",
        "assigned_at": "%(now)s::timestamptz - k * interval '30 days'",
        "due_on": "(%(now)s::timestamptz - k * interval '30 days' + interval '14 days')::date",
        "done_at": "CASE WHEN k > 1 THEN %(now)s::timestamptz - k * interval '25 days' END",
    },
    f"{TEAM_OF}, generate_series(0, 11) k",
)
CHECK_IN: Rows = (
    {"agent_id": "(%(agents)s::bigint[])[1 + k %% 50]", "day": "'good'", "noted_at": "%(now)s::timestamptz - k * interval '4 hours'"},
    "generate_series(1, 5000) k",
)
HOLD_ACT: Rows = (
    {
        "kind": "'release'",
        "state": "'done'",
        "actor_id": "%(admin)s",
        "words": "'Release 3 held resolutions'",
        "asked": "'{\"items\": {}}'",
        "item_count": "3",
        "done_count": "3",
        "asked_at": "%(now)s::timestamptz - i * interval '1 hour'",
        "finished_at": "%(now)s::timestamptz - i * interval '1 hour'",
    },
    "generate_series(1, %(act_count)s) i",
)
PAPER: Rows = (
    {
        "kind": "'shadow'",
        "key": "'shadow-' || i",
        "name": "'theirs.csv'",
        "content_type": "'text/csv'",
        "content": "'\\x61'::bytea",
        "sha256": "md5(i::text)",
        "issued_at": "%(now)s::timestamptz",
    },
    "generate_series(1, %(shadow_count)s) i",
)
SHADOW: Rows = (
    {
        "side": "'bill'",
        "contract_id": "(%(contracts)s::bigint[])[1 + d.id %% %(contract_count)s]",
        "period_start": "DATE '2016-03-01'",
        "period_end": "DATE '2016-04-01'",
        "file_id": "d.id",
        "grain": "'case'",
        "state": "'done'",
        "currency": "'USD'",
        "their_micros": "30000000000",
        "our_micros": "29000000000",
        "line_count": "2000",
        "same_count": "1900",
        "made_by_id": "%(admin)s",
        "made_at": "%(now)s::timestamptz - d.id * interval '1 hour'",
    },
    "billing_document d WHERE d.kind = 'shadow'",
)
SHADOW_LINE: Rows = (
    {
        "run_id": "(SELECT max(id) FROM billing_shadowrun)",
        "position": "i",
        "place": "i",
        "label": "'C' || i",
        "cause": "CASE WHEN i %% 20 = 0 THEN 'price' ELSE 'same' END",
        "their_count": "'1'",
        "our_count": "'1'",
        "their_micros": "2400000",
        "our_micros": "2400000",
    },
    "generate_series(1, %(line_count)s) i",
)
ACCOUNT: Rows = (
    {
        "client_id": "%(client)s",
        "account": "'K-' || i",
        "month": "m::date",
        "started_on": "DATE '2014-01-01'",
        "seat_count": "50",
        "active_count": "40",
        "goal_count": "4",
        "goal_met_count": "3",
        "service_minutes": "40000",
        "available_minutes": "39900",
        "answer_count": "3",
        "favorable_count": "2",
        "health_score": "70",
        "recurring_micros": "1000000000",
        "currency": "'USD'",
        "run_id": "(SELECT min(id) FROM agents_importrun)",
    },
    "generate_series(1, %(account_count)s) i, generate_series(TIMESTAMP '2015-05-01', '2016-04-01', '1 month') m",
)
COMMENT: Rows = (
    {
        "dispute_id": "d.id",
        "author_id": "%(lead)s",
        "words": "'We look into it.'",
        "written_at": "d.opened_at + interval '1 day'",
    },
    "billing_dispute d",
)
