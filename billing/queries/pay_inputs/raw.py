"""Everything that a period's pay reads about some agents, in a fixed number of queries, as the rules want it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any

import polars as pl

from billing.queries import instants
from billing.queries.pay_inputs import corrections, hours, plans, quality
from billing.queries.pay_inputs import credits as read_credits
from billing.queries.pay_inputs.scope import Scope
from billing.rules import money
from billing.rules.pay import facts, formulas, gather
from contracts import rule_packs as shipped_packs
from contracts.queries import terms
from contracts.rules import errors, quality_curve, rule_packs

# The class of a resolution that was verified in a closed period and is paid in this one.
LATE = " late"
DIGESTED = tuple(name for name in read_credits.COLUMNS if name not in ("agent_id", "resolution"))


@dataclass(frozen=True, kw_only=True)
class AgentInputs:
    """One agent's records and terms, with the fingerprint of all of them.

    `credits` are the agent's rows of `credits.read_credits`; `raw` holds everything else.
    """

    payee: plans.Payee
    plan: terms.PlanTerms
    pack: rule_packs.RulePack
    raw: gather.RawFacts
    credits: pl.DataFrame
    corrections: corrections.Corrections
    period_starts_at: datetime
    inputs_hash: str

    @property
    def with_credits(self) -> gather.RawFacts:
        """The records with each credit as the scalar rule reads it: for the few agents whose units no frame adds up."""
        return replace(self.raw, credits=make_credits(credits=self.credits, period_starts_at=self.period_starts_at))


@dataclass(frozen=True, kw_only=True)
class Refused:
    """An agent whose records cannot be paid, and why."""

    payee: plans.Payee
    reason: errors.InvalidInput


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A scope's agents in order of code, those with nothing to pay left out, and all their credits as one frame."""

    agents: tuple[AgentInputs | Refused, ...]
    credits: pl.DataFrame


@dataclass(frozen=True, kw_only=True)
class _Records:
    frame: pl.DataFrame
    credits: Mapping[int, pl.DataFrame]
    digests: Mapping[int, str]
    terms_digests: dict[tuple[int, str], str]
    time: Mapping[int, list[hours.Entry]]
    decisions: Mapping[int, list[facts.Decision]]
    observations: quality.Observations
    handed_on: Mapping[int, corrections.HandedOn | errors.InvalidInput]
    corrections: Mapping[int, corrections.Corrections]


def load_inputs(*, scope: Scope) -> Loaded:
    """Read everything that a scope's pay rests on, in as many queries for one agent as for a thousand."""
    payees, plan_terms = plans.read_payees(scope=scope)
    records = _read(scope)
    concerned = [payee for payee in payees.values() if _has_something(records, payee.agent_id)]
    return Loaded(agents=tuple(_inputs_or_refusal(records, payee, plan_terms, scope) for payee in concerned), credits=records.frame)


def _read(scope: Scope) -> _Records:
    decisions = corrections.read_decisions(scope=scope)
    resting = [agent_id for agent_id, made in decisions.items() if any(decision.effect == "paid_recovery" for decision in made)]
    frame = read_credits.read_credits(scope=scope)
    return _Records(
        frame=frame,
        credits={int(key[0]): rows for key, rows in frame.partition_by("agent_id", as_dict=True).items()},
        digests=_digest_rows(frame),
        terms_digests={},
        time=hours.read_time(scope=scope, exact_for=resting),
        decisions=decisions,
        observations=quality.read_observations(scope=scope),
        corrections=corrections.read_corrections(scope=scope),
        handed_on=corrections.read_handed_on(scope=scope),
    )


def _has_something(records: _Records, agent_id: int) -> bool:
    handed_on = records.handed_on.get(agent_id)
    # What cannot be read may be a debt.
    owes = isinstance(handed_on, errors.InvalidInput) or (handed_on is not None and handed_on.balances != facts.Balances())
    return owes or any(agent_id in found for found in (records.credits, records.time, records.corrections))


def _inputs_or_refusal(
    records: _Records, payee: plans.Payee, plan_terms: Mapping[int, terms.PlanTerms], scope: Scope
) -> AgentInputs | Refused:
    try:
        plan = plans.find_plan(payee=payee, plan_terms=plan_terms, period_name=f"{scope.period.start:%B %Y}")
        pack = shipped_packs.load_rule_pack(code=plan.rule_pack, on=scope.period.start)
        return _inputs(records, payee, plan, pack, scope)
    except errors.InvalidInput as refused:
        return Refused(payee=payee, reason=refused)


def _inputs(records: _Records, payee: plans.Payee, plan: terms.PlanTerms, pack: rule_packs.RulePack, scope: Scope) -> AgentInputs:
    agent_id = payee.agent_id
    terms_of_quality = plan.pay.quality
    corrected = records.corrections.get(agent_id, corrections.Corrections())
    handed_on = records.handed_on.get(agent_id, corrections.HandedOn())
    if isinstance(handed_on, errors.InvalidInput):
        raise handed_on
    raw = gather.RawFacts(
        agent=payee.code,
        time=tuple(records.time.get(agent_id, ())),
        decisions=tuple(records.decisions.get(agent_id, ())),
        metrics=records.observations.metrics_of(
            agent_id=agent_id,
            codes=terms_of_quality.weights if terms_of_quality else (),
            prior_strength=terms_of_quality.prior_strength if terms_of_quality else quality_curve.PRIOR_STRENGTH_DEFAULT,
        ),
        amounts=tuple(corrected.amounts),
        reversals=tuple(corrected.reversals),
        balances=handed_on.balances,
        carried=handed_on.carried,
    )
    return AgentInputs(
        payee=payee,
        plan=plan,
        pack=pack,
        raw=raw,
        credits=records.credits.get(agent_id, records.frame.clear()),
        corrections=corrected,
        period_starts_at=scope.period.starts_at,
        inputs_hash=_fingerprint(
            formulas.RULE_VERSION, scope.period, _digest_terms(records, plan, pack), raw, records.digests.get(agent_id, ""), corrected
        ),
    )


def make_credits(*, credits: pl.DataFrame, period_starts_at: datetime) -> tuple[facts.Credit, ...]:
    """Return credits as the scalar rule reads them; one of a closed period counts at the start of this one, as a class of its own."""
    names = read_credits.name_resolutions(resolution_ids=credits["resolution_id"].to_list())
    return tuple(_credit(row, names[row["resolution_id"]], period_starts_at) for row in credits.iter_rows(named=True))


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


def _digest_rows(frame: pl.DataFrame) -> dict[int, str]:
    """Digest each agent's credits, in their order."""
    parts = [pl.col(name).cast(pl.String).fill_null("-") for name in DIGESTED]
    written = frame.select("agent_id", row=pl.concat_str(parts, separator=","))
    rows = written.group_by("agent_id", maintain_order=True).agg(pl.col("row").str.join(";"))
    return {agent_id: hashlib.sha256(text.encode()).hexdigest() for agent_id, text in rows.iter_rows()}


def _digest_terms(records: _Records, plan: terms.PlanTerms, pack: rule_packs.RulePack) -> str:
    """Digest what many agents share, once for all of them."""
    key = (plan.version_id, pack.code)
    if key not in records.terms_digests:
        records.terms_digests[key] = _fingerprint(plan, pack)
    return records.terms_digests[key]


def _fingerprint(*parts: object) -> str:
    """Digest everything that the rules read; frozen values write themselves the same way every time."""
    return hashlib.sha256("\n".join(repr(part) for part in parts).encode()).hexdigest()
