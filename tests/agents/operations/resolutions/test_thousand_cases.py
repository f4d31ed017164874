"""A thousand generated cases: neither the order of their events, nor repeats, nor how they are split, changes what becomes of them."""

import itertools
import random
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from agents.operations.resolutions import folding
from agents.queries import case_frames
from agents.queries.policies import Policies
from agents.rules.frames import fold
from contracts.rules import business_hours
from contracts.rules.resolution_policy import PolicyOverride, ResolutionPolicy

CASE_COUNT = 1_000
MONDAY = datetime(2026, 10, 19, 8, tzinfo=UTC)
AS_OF = MONDAY + timedelta(days=25)
OFFICE = business_hours.BusinessHours(
    timezone="Europe/Berlin",
    weekly=tuple(business_hours.OpenHours(weekday=day, start_minute=480, end_minute=1020) for day in range(5)),
    holidays=frozenset({(MONDAY + timedelta(days=12)).date()}),
)
POLICIES = Policies(
    readable={
        1: ResolutionPolicy(
            silence_clock="business",
            silence_window=timedelta(hours=9),
            hours=OFFICE,
            reopen_effect="deduct_later",
            overrides=(
                PolicyOverride(channel="email", delivery_model="electronic", repeat_clock="business", repeat_window=timedelta(hours=20)),
            ),
        ),
        2: ResolutionPolicy(unit_cap="per_customer_per_day", reopen_effect="new_unit", timezone="Asia/Tokyo"),
        3: ResolutionPolicy(
            verified_by="agent_close",
            delivery_model="front_line_triage",
            repeat_scope="own_channel",
            reopen_effect="reduced_price",
            reduced_price_bp=5_000,
        ),
    },
    unreadable={},
)
TYPES = (
    *("contact", "contact", "contact", "worked", "transferred", "escalated", "solution_offered", "solution_offered", "closed"),
    *("customer_acknowledged", "customer_returned", "reopened", "stage_time", "merged", "excluded", "survey_answered"),
)
CODES = (None, None, None, "spam", "missing_access", "research", "no_further_action", "product_defect")


def make_cases(chance: random.Random) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return cases of 300 customers and their events, as they are read from the database."""
    cases, events = [], []
    for case_id in range(1, CASE_COUNT + 1):
        opened = MONDAY + timedelta(hours=chance.randrange(24 * 14))
        version = chance.choice((1, 2, 3))
        customer = chance.choice(("", *(f"k{chance.randrange(300)}" for _ in range(3))))
        cases.append((case_id, f"C-{case_id}", 1, version, version, customer, opened, version))
        events += [_event(chance, case_id, number, opened) for number in range(chance.randrange(2, 11))]
    return (
        pl.DataFrame(cases, schema=case_frames.CASES, orient="row"),
        pl.DataFrame(events, schema=case_frames.EVENTS, orient="row"),
    )


def _event(chance: random.Random, case_id: int, number: int, opened: datetime) -> tuple[object, ...]:
    name = chance.choice((None, 1, 2, 3))
    values = {
        "case_id": case_id,
        "event_id": case_id * 100 + number,
        "id": f"desk/{case_id}-{chance.randrange(10**6)}-{number}",
        "type": "opened" if number == 0 else chance.choice(TYPES),
        "at": opened if number == 0 else opened + timedelta(hours=chance.randrange(1, 24 * 9)),
        "sequence": chance.randrange(3),
        "identity_id": name,
        "agent_id": None if name == 3 else name,
        "automated": chance.random() < 0.1,
        "query_type": chance.choice((None, "refund", "refund", "billing/invoice")),
        "channel": chance.choice((None, "chat", "email")),
        "transfer_count": chance.choice((None, 0, 0, 1)),
        "queue": chance.choice((None, "first", "second")),
        "direction": chance.choice((None, "in", "out")),
        "medium": chance.choice((None, "live", "message", "voicemail")),
        "content": chance.choice((None, "answer", "request", "other")),
        "qualified": chance.choice((None, True, False)),
        "appropriate": chance.choice((None, True, False)),
        "code": chance.choice(CODES),
    }
    return tuple(values[column] for column in case_frames.EVENTS)


def fold_all(cases: pl.DataFrame, events: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Fold as `resolve_cases` does; return episodes and steps in an order of their own."""
    told = cases.join(events.select("case_id").unique(), on="case_id", how="semi")
    folded = folding.fold_cases(cases=told, events=case_frames.add_known(events=events), policies=POLICIES, as_of=AS_OF)
    steps = folded.steps.sort("case_id", "number", "at", "state", "rule")
    return folded.episodes.sort("case_id", "number"), steps.select("case_id", "number", "state", "at", "rule", "detail", "stored_id")


def shuffle(events: pl.DataFrame, chance: random.Random) -> pl.DataFrame:
    """Return the same events in another order."""
    places = list(range(events.height))
    chance.shuffle(places)
    return events[places]


def test_the_generated_cases_live_every_kind_of_life() -> None:
    """The tests below would hold of cases in which nothing happens, too."""
    episodes, steps = fold_all(*make_cases(random.Random(1)))
    assert set(episodes["state"]) == {"pending", "confirmed", "assumed", "reopened", "void"}
    assert {"yes", "no", "pending", "not_applicable"} == set(episodes["fcr"])
    wanted = {"silence", "agent_closed", "repeat_contact", "customer_returned", "merged", "excluded", "returned_after_window"}
    assert wanted <= set(steps["rule"])
    assert {"transfer", "missing_access", "unknown"} <= set(episodes["inhibitor"])
    assert {"cap_once_per_case", "cap_customer_day"} <= set(episodes["reason"])


@pytest.mark.parametrize("seed", range(6))
def test_the_order_of_arrival_changes_nothing(seed: int) -> None:
    chance = random.Random(seed)
    cases, events = make_cases(chance)
    whole = fold_all(cases, events)
    for _ in range(3):
        episodes, steps = fold_all(shuffle(cases, chance), shuffle(events, chance))
        assert episodes.equals(whole[0])
        assert steps.equals(whole[1])


@pytest.mark.parametrize("seed", range(4))
def test_batches_that_fold_only_what_they_touch_end_like_one_drop(seed: int) -> None:
    """A batch folds its cases and the other cases of their customers, as `resolve_cases` loads them; nobody else moves."""
    chance = random.Random(seed)
    cases, events = make_cases(chance)
    whole = fold_all(cases, events)
    drawn = shuffle(events, chance)
    bounds = sorted({0, drawn.height, *(chance.randrange(drawn.height) for _ in range(5))})
    standing: pl.DataFrame | None = None
    for start, end in itertools.pairwise(bounds):
        changed = cases.join(drawn[start:end].select("case_id").unique(), on="case_id", how="semi")
        customers = changed.filter(pl.col("customer_hash") != "").select("customer_hash", "client_id").unique()
        neighbors = cases.join(customers, on=["customer_hash", "client_id"], how="semi")
        touched = pl.concat([changed, neighbors]).unique("case_id")
        known = drawn[:end].join(touched.select("case_id"), on="case_id", how="semi")
        episodes, _ = fold_all(touched, known)
        kept = [] if standing is None else [standing.join(touched.select("case_id"), on="case_id", how="anti")]
        standing = pl.concat([*kept, episodes])
    assert standing is not None
    assert standing.sort("case_id", "number").equals(whole[0])


@pytest.mark.parametrize("seed", range(4))
def test_repeats_of_events_change_nothing(seed: int) -> None:
    chance = random.Random(seed)
    cases, events = make_cases(chance)
    policy = POLICIES.effective(version_id=1, query_type=None, channel=None)
    inputs = events.rename({"at": "occurred_at", "event_id": "stored_id", "id": "event_id"}).select(
        *("case_id", "occurred_at", "event_id", "type", "sequence", "agent_id", "channel", "direction", "medium", "content"),
        *("qualified", "appropriate", "automated", "code"),
    )
    owned = cases.select("case_id", policy_id=pl.lit(1))
    once = fold.fold_cases_frame(events=inputs, cases=owned, policies={1: policy}, as_of=AS_OF)
    repeated = shuffle(pl.concat([inputs, inputs.sample(fraction=0.4, seed=seed), inputs.sample(fraction=0.1, seed=seed + 9)]), chance)
    twice = fold.fold_cases_frame(events=repeated, cases=owned, policies={1: policy}, as_of=AS_OF)
    assert twice.episodes.equals(once.episodes)
    assert twice.transitions.equals(once.transitions)
    assert twice.cases.equals(once.cases)
