"""Everything that a period's pay reads about some agents, in a fixed number of queries, as the rules want it."""

import functools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any, TypeVar

import polars as pl

from agents.rules import scores
from billing.queries import class_names, instants
from billing.queries.pay_inputs import corrections, digests, exchange, handed_on, holdbacks, hours, plans, quality
from billing.queries.pay_inputs import credits as read_credits
from billing.queries.pay_inputs import few as few_rows
from billing.queries.pay_inputs import known as known_rows
from billing.queries.pay_inputs.scope import Scope
from billing.rules import money
from billing.rules.pay import facts, formulas, gather, workweeks
from billing.rules.pay import quality as pay_quality
from contracts import rule_packs as shipped_packs
from contracts.queries import terms
from contracts.rules import errors, pay_plans, quality_curve, rule_packs

# The class of a resolution that was verified in a closed period and is paid in this one.
LATE = " late"
_Found = TypeVar("_Found", handed_on.HandedOn, holdbacks.Held)
# List prices are facts of those alone whose plan goes by them.
BY_LIST = "list"
DIGESTED = tuple(name for name in read_credits.COLUMNS if name not in ("agent_id", "resolution", "list_micros"))


@dataclass(frozen=True, kw_only=True)
class AgentInputs:
    """One agent's records and terms.

    `raw` holds everything but the credits, which stay in the frame of all agents until somebody asks for those of one. The
    workweeks of `period` start where the plan says; `plan` is `version` with the fixed amount of each credited class written out.
    """

    payee: plans.Payee
    plan: terms.PlanTerms
    version: terms.PlanTerms
    pack: rule_packs.RulePack
    raw: gather.RawFacts
    corrections: corrections.Corrections
    release_sources: tuple[str, ...]
    rates: tuple[facts.ExchangeRate, ...]
    period: workweeks.PayPeriod
    records: "Records"

    @property
    def credits(self) -> pl.DataFrame:
        """The agent's rows of `credits.read_credits`."""
        return self.records.frame.filter(pl.col("agent_id") == self.payee.agent_id)

    @property
    def credit_count(self) -> int:
        """How many resolutions are credited."""
        return self.records.credited.get(self.payee.agent_id, NOTHING).count

    @property
    def has_day_types(self) -> bool:
        """Whether the agent worked on a day that pay law treats apart."""
        return self.payee.agent_id in self.records.time.special_agents

    @property
    def score(self) -> scores.QualityScore | None:
        """The agent's quality under the plan; None if quality moves no pay."""
        return self.records.score_of(inputs=self)

    @functools.cached_property
    def inputs_hash(self) -> str:
        """The fingerprint of everything that the rules read of this agent."""
        return self.records.fingerprint(inputs=self)

    @property
    def with_credits(self) -> gather.RawFacts:
        """The records with each credit as the scalar rule reads it: for the few agents whose units no frame adds up."""
        return replace(self.raw, credits=make_credits(credits=self.credits, period_starts_at=self.period.starts_at))


@dataclass(frozen=True, kw_only=True)
class Refused:
    """An agent whose records cannot be paid, and why."""

    payee: plans.Payee
    reason: errors.InvalidInput


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A scope's agents in order of code, those with nothing to pay left out, with all their credits and all their days as frames."""

    agents: tuple[AgentInputs | Refused, ...]
    credits: pl.DataFrame
    days: pl.DataFrame


@dataclass(frozen=True, kw_only=True)
class Credited:
    """How many resolutions an agent is credited with, in which currencies."""

    count: int
    currencies: frozenset[str]


NOTHING = Credited(count=0, currencies=frozenset())


@dataclass(frozen=True, kw_only=True)
class Records:
    """What was read of a scope, by agent; fingerprints are made of it when somebody asks for one."""

    frame: pl.DataFrame
    time: hours.Clocked
    decisions: Mapping[int, list[facts.Decision]]
    observations: quality.Observations
    handed_on: Mapping[int, handed_on.HandedOn | errors.InvalidInput]
    holdbacks: Mapping[int, holdbacks.Held | errors.InvalidInput]
    rates: Mapping[str, tuple[facts.ExchangeRate, ...]]
    corrections: Mapping[int, corrections.Corrections]
    class_names: class_names.ClassNames
    starts: Mapping[int, datetime]

    @functools.cached_property
    def credited(self) -> Mapping[int, Credited]:
        """What each agent is credited with."""
        counted = self.frame.group_by("agent_id").agg(pl.len(), pl.col("currency").unique())
        return {
            agent_id: Credited(count=count, currencies=frozenset(str(one) for one in currencies if one is not None))
            for agent_id, count, currencies in counted.iter_rows()
        }

    @functools.cached_property
    def credited_now(self) -> frozenset[int]:
        """The agents with a resolution that was verified in the period."""
        return frozenset(self.frame.filter(pl.col("is_late") == 0)["agent_id"].unique())

    @functools.cached_property
    def class_codes(self) -> Mapping[int, Mapping[str, str]]:
        """By agent, each class as the agent's units name it, with the class itself: one that is paid late has the same amount."""
        found: dict[int, dict[str, str]] = {}
        for agent_id, code, is_late in self.frame.select("agent_id", "class_code", "is_late").unique().sort(pl.all()).iter_rows():
            found.setdefault(agent_id, {})[code + LATE if is_late else code] = code
        return found

    @functools.cached_property
    def digests(self) -> Mapping[int, str]:
        """The fingerprint of each agent's credits, in their order."""
        return digests.digest_rows(frame=self.frame, columns=DIGESTED)

    @functools.cached_property
    def listed_digests(self) -> Mapping[int, str]:
        """The same, with list prices."""
        return digests.digest_rows(frame=self.frame, columns=(*DIGESTED, "list_micros"))

    @functools.cached_property
    def _scores(self) -> list[tuple[pay_plans.QualityTerms, dict[int, scores.QualityScore | None]]]:
        return []

    def score_of(self, *, inputs: AgentInputs) -> scores.QualityScore | None:
        """Score an agent, once under plans whose quality is the same: a version that is tried mostly has that of the one in force."""
        wanted, agent_id = inputs.plan.pay.quality, inputs.payee.agent_id
        if wanted is None:
            return None
        scored = next((found for given, found in self._scores if given is wanted or given == wanted), None)
        if scored is None:
            scored = {}
            self._scores.append((wanted, scored))
        if agent_id not in scored:
            scored[agent_id] = pay_quality.score_agent(metrics=inputs.raw.metrics, terms=wanted)
        return scored[agent_id]

    @functools.cached_property
    def _terms_digests(self) -> dict[tuple[int, str], str]:
        return {}

    def fingerprint(self, *, inputs: AgentInputs) -> str:
        """Digest everything that the rules read of an agent."""
        agent_id, given = inputs.payee.agent_id, inputs.raw
        key = (inputs.plan.version_id, inputs.pack.code)
        if key not in self._terms_digests:
            self._terms_digests[key] = digests.digest(formulas.RULE_VERSION, inputs.period, inputs.version, inputs.pack)
        return digests.digest(
            self._terms_digests[key],
            (self.listed_digests if inputs.plan.basis == BY_LIST else self.digests).get(agent_id, ""),
            self.time.digest(agent_id=agent_id),
            self.observations.digest(agent_id=agent_id),
            *(given.decisions, given.amounts, given.releases, given.reversals, given.balances, given.carried, given.carried_day),
            *(inputs.corrections, inputs.release_sources, inputs.rates),
            *((inputs.period.hours_from,) if inputs.period.hours_from is not None else ()),
        )


def load_inputs(*, scope: Scope) -> Loaded:
    """Read everything that a scope's pay rests on, in as many queries for one agent as for a thousand."""
    return load_beside(scope=scope, instead={})[0]


def load_beside(*, scope: Scope, instead: Mapping[int, terms.PlanTerms]) -> tuple[Loaded, Loaded]:
    """Read a scope once, as its agents are paid and as other terms would pay them.

    Args:
        scope: agents, period, and the instant whose knowledge counts.
        instead: by plan version in force, the terms that are tried in its place; agents under other versions are left out.

    Returns: what is in force, and what is tried.
    """
    payees, plan_terms = plans.read_payees(scope=scope)
    few, known = _read_rows(scope, (*plan_terms.values(), *instead.values()))
    records = _read(
        scope, few, known, nightly=plans.list_paid_by_night(payees=payees, plan_terms=plan_terms, instead=instead, start=scope.period.start)
    )
    concerned = [payee for payee in payees.values() if _has_something(records, payee, scope)]
    found = tuple(_inputs_or_refusal(records, payee, plan_terms, scope) for payee in concerned)
    tried = tuple(
        _tried_or_refusal(records, inputs.payee, instead[inputs.plan.version_id], scope)
        for inputs in found
        if isinstance(inputs, AgentInputs) and inputs.plan.version_id in instead
    )
    return Loaded(agents=found, credits=records.frame, days=records.time.days), Loaded(
        agents=tried, credits=records.frame, days=records.time.days
    )


def load_changed(*, scope: Scope, changes: Sequence[Callable[[pl.DataFrame], pl.DataFrame]]) -> list[Loaded]:
    """Read a scope once, and give it with other resolutions credited: the simulator's way to pay what never was booked.

    Args:
        scope: agents, period, and the instant whose knowledge counts.
        changes: each turns the rows of `known.read_known` into others of the same columns.

    Returns: one reading per change, in order; only the credits differ.
    """
    payees, plan_terms = plans.read_payees(scope=scope)
    few, known = _read_rows(scope, plan_terms.values())
    records = _read(
        scope, few, known, nightly=plans.list_paid_by_night(payees=payees, plan_terms=plan_terms, instead={}, start=scope.period.start)
    )
    found = []
    for change in changes:
        frame = read_credits.credit_rows(rows=change(known.rows), scope=scope)
        changed = replace(records, frame=frame)
        concerned = [payee for payee in payees.values() if _has_something(changed, payee, scope)]
        found.append(
            Loaded(
                agents=tuple(_inputs_or_refusal(changed, payee, plan_terms, scope) for payee in concerned),
                credits=frame,
                days=records.time.days,
            )
        )
    return found


def _read_rows(scope: Scope, found: Iterable[terms.PlanTerms | errors.InvalidInput]) -> tuple[few_rows.Few, known_rows.Known]:
    """Read what plans of a scope need, in force or tried; what cannot be read as a plan is refused where pay is computed."""
    readable = [plan for plan in found if isinstance(plan, terms.PlanTerms)]
    few = few_rows.read_few(scope=scope, currencies={plan.currency for plan in readable})
    is_listed = any(plan.basis == BY_LIST for plan in readable)
    return few, known_rows.read_known(
        scope=scope, codes=few.codes, is_sharing=few.is_sharing, is_listed=is_listed, closed_elsewhere=few.elsewhere
    )


def _read(scope: Scope, few: few_rows.Few, known: known_rows.Known, *, nightly: Collection[int] = ()) -> Records:
    resting = [agent_id for agent_id, made in few.decisions.items() if any(decision.effect == "paid_recovery" for decision in made)]
    held = {agent_id: found.balances.holdback for agent_id, found in few.handed_on.items() if isinstance(found, handed_on.HandedOn)}
    return Records(
        frame=read_credits.credit_rows(rows=known.rows, scope=scope),
        time=hours.read_time(scope=scope, days=few.days, exact_for={*resting, *nightly}, starts=few.starts),
        decisions=few.decisions,
        observations=quality.read_observations(scope=scope, known=known, rates=few.references),
        corrections=few.corrections,
        handed_on=few.handed_on,
        holdbacks=holdbacks.read_holdbacks(scope=scope, balances=held),
        rates=few.rates,
        class_names=few.class_names,
        starts=few.starts,
    )


def _has_something(records: Records, payee: plans.Payee, scope: Scope) -> bool:
    agent_id, handed = payee.agent_id, records.handed_on.get(payee.agent_id)
    if payee.employed_from >= scope.period.end:  # What is owed from before, and what is paid late, waits.
        is_credited = agent_id in records.credited_now
    else:  # What cannot be read may be a debt.
        is_credited = agent_id in records.credited or isinstance(handed, errors.InvalidInput) or (handed is not None and handed.owes)
    return is_credited or agent_id in records.corrections or records.time.has(agent_id=agent_id)


def _inputs_or_refusal(records: Records, payee: plans.Payee, plan_terms: plans.KnownPlans, scope: Scope) -> AgentInputs | Refused:
    try:
        handed = records.handed_on.get(payee.agent_id)
        paid_in = handed.period_start if isinstance(handed, handed_on.HandedOn) else None
        plan = plans.find_plan(payee=payee, plan_terms=plan_terms, period=scope.period, paid_in=paid_in)
    except errors.InvalidInput as refused:
        return Refused(payee=payee, reason=refused)
    return _tried_or_refusal(records, payee, plan, scope)


def _tried_or_refusal(records: Records, payee: plans.Payee, plan: terms.PlanTerms, scope: Scope) -> AgentInputs | Refused:
    try:
        pack = shipped_packs.load_rule_pack(code=plan.rule_pack, on=scope.period.start)
        return _inputs(records, payee, plan, pack, scope)
    except errors.InvalidInput as refused:
        return Refused(payee=payee, reason=refused)


def _inputs(records: Records, payee: plans.Payee, plan: terms.PlanTerms, pack: rule_packs.RulePack, scope: Scope) -> AgentInputs:
    agent_id = payee.agent_id
    corrected = records.corrections.get(agent_id, corrections.Corrections())
    handed = _or_refuse(records.handed_on.get(agent_id, handed_on.HandedOn()))
    held = _or_refuse(records.holdbacks.get(agent_id, holdbacks.Held()))
    credited = records.credited.get(agent_id, NOTHING)
    plans.refuse_unpaid(payee=payee, plan=plan, credit_count=credited.count)
    corrected.refuse_other_currency(name=payee.name, plan=plan)
    period = replace(scope.period, weekday=plan.workweek_starts_on, hours_from=records.starts.get(agent_id))
    raw = gather.RawFacts(
        agent=payee.code,
        time=hours.Entries(clocked=records.time, agent_id=agent_id),
        decisions=tuple(records.decisions.get(agent_id, ())),
        metrics=_metrics(records, agent_id, plan),
        amounts=tuple(corrected.amounts),
        releases=held.releases,
        reversals=holdbacks.held_reversals(reversals=corrected.reversals, resolution_ids=corrected.reversal_resolution_ids, held=held),
        balances=handed.balances_for(plan=plan, start=period.start),
        carried=handed.carried_into(period=period),
        carried_day=handed.day_into(period=period),
    )
    return AgentInputs(
        payee=payee,
        plan=replace(plan, pay=plan.pay_for_classes(class_codes=records.class_codes.get(agent_id, {}))) if plan.class_amounts else plan,
        version=plan,
        pack=pack,
        raw=raw,
        corrections=corrected,
        release_sources=held.sources,
        rates=_rates(records, plan, credited, raw, period),
        period=period,
        records=records,
    )


def _or_refuse(found: _Found | errors.InvalidInput) -> _Found:
    if isinstance(found, errors.InvalidInput):
        raise found
    return found


def _metrics(records: Records, agent_id: int, plan: terms.PlanTerms) -> tuple[scores.Metric, ...]:
    wanted = plan.pay.quality
    return records.observations.metrics_of(
        agent_id=agent_id,
        codes=wanted.weights if wanted else (),
        prior_strength=wanted.prior_strength if wanted else quality_curve.PRIOR_STRENGTH_DEFAULT,
    )


def _rates(
    records: Records, plan: terms.PlanTerms, credited: Credited, raw: gather.RawFacts, period: workweeks.PayPeriod
) -> tuple[facts.ExchangeRate, ...]:
    """Return the rates that may convert something of this agent's; none where everything is in the pay currency."""
    foreign = set(credited.currencies)
    foreign |= {amount.currency for amount in raw.amounts if amount.currency is not None}
    foreign.discard(plan.currency)
    if not foreign:
        return ()
    return exchange.used_rates(rates=records.rates.get(plan.currency, ()), currencies=foreign, start=period.start, end=period.end)


def make_credits(*, credits: pl.DataFrame, period_starts_at: datetime) -> tuple[facts.Credit, ...]:
    """Return credits as the scalar rule reads them; one of a closed period counts at the start of this one, as a class of its own."""
    names = read_credits.name_resolutions(resolution_ids=credits["resolution_id"].to_list())
    # A resolution that only a simulation knows has no name.
    return tuple(
        _credit(row, names.get(row["resolution_id"], str(row["resolution_id"])), period_starts_at) for row in credits.iter_rows(named=True)
    )


def _credit(row: Mapping[str, Any], name: str, period_starts_at: datetime) -> facts.Credit:
    verified_at = instants.to_instant(row["verified_us"])
    return facts.Credit(
        resolution=name,
        verified_at=period_starts_at if row["is_late"] else verified_at,
        credit=Fraction(row["credit_micros"], money.MICROS),
        price=_amount(row["price_micros"]),
        list_price=_amount(row["list_micros"]),
        class_code=row["class_code"] + LATE if row["is_late"] else row["class_code"],
        currency=row["currency"],
    )


def _amount(micros: int | None) -> Fraction | None:
    return None if micros is None else money.from_micros(micros=micros)
