"""`pay`: what agents are owed for a period, line by line, with the evidence and balances behind it."""

from collections.abc import Sequence
from dataclasses import fields as parts_of
from fractions import Fraction
from typing import Any

from billing.calculator import carried_fields, fields, pay_fields, pay_plan_fields
from billing.rules import explain, money
from billing.rules.pay import earnings, facts, gather, hours, pipeline, settlements, workweeks
from billing.rules.pay import explain as pay_explain
from contracts.rules import errors, exact, pay_plans, rule_packs

# Places of a refusal that lie in the document, not in the agent; and what the rules call otherwise than the document.
_OF_DOCUMENT = ("plan", "rule_pack", "period", "exchange_rates", "agents")
_RENAMED = {"metrics": ("scores",), "weights": ("plan", "quality", "weights")}


class InvalidAgents(errors.InvalidInput):
    """One agent listed twice: tiers, floors and balances would count by the entry."""


class Document(fields.MoneyDocument):
    """A pay period, a plan, a rule pack, and agents."""

    period: pay_fields.PeriodField
    rule_pack: pay_plan_fields.AnyPack | None = None
    plan: pay_plan_fields.PlanField = pay_plan_fields.PlanField()
    exchange_rates: tuple[pay_fields.ExchangeRateField, ...] = ()
    agents: tuple[pay_fields.AgentField, ...]


def answer(document: Document) -> dict[str, Any]:
    """Compute the pay of every agent; none depends on another."""
    try:
        period = document.period.to_period()
    except errors.InvalidInput as refused:
        raise refused.inside("period") from refused
    terms = document.plan.to_terms()
    pack = pay_plan_fields.read_pack(given=document.rule_pack, on=period.start)
    _refuse_twice(document.agents)
    raw = [_read_agent(place, agent, terms) for place, agent in enumerate(document.agents)]
    gather.refuse_overcredited(agents=[found.credits for found in raw])
    paid = [_pay_agent(place, found, document, terms, pack, period) for place, found in enumerate(raw)]
    total, exact_total = (sum(sums, Fraction(0)) for sums in ([one.total for one in paid], [one.exact_total for one in paid]))
    shown = {
        **fields.amounts_of(amount=total, exact_amount=exact_total, rounding=document.rounding),
        "currency": document.currency,
        "agents": [_show_agent(one, _own_period(place, document, period), document) for place, one in enumerate(paid)],
    }
    return fields.explained(answer=shown, document=document, steps=_explain(paid, document.rounding) if document.explain else ())


def _refuse_twice(agents: Sequence[pay_fields.AgentField]) -> None:
    seen: set[str] = set()
    for place, one in enumerate(agents):
        if one.agent in seen:
            raise InvalidAgents(
                f'Agent "{one.agent}" is listed twice; write all that is known of an agent in one entry: tiers, floors and balances '
                "count by the agent.",
                path=("agents", place, "agent"),
            )
        seen.add(one.agent)


def _read_agent(place: int, agent: pay_fields.AgentField, terms: pay_plans.PayTerms) -> gather.RawFacts:
    prior = terms.quality.prior_strength if terms.quality else pay_fields.PRIOR_STRENGTH_DEFAULT
    try:
        return agent.to_raw(prior_strength=prior)
    except errors.InvalidInput as refused:
        raise refused.inside("agents", place) from refused


def _pay_agent(
    place: int,
    raw: gather.RawFacts,
    document: Document,
    terms: pay_plans.PayTerms,
    pack: rule_packs.RulePack,
    period: workweeks.PayPeriod,
) -> settlements.AgentPay:
    rates = [rate.to_rate() for rate in document.exchange_rates]
    try:
        own = _own_period(place, document, period)
        given = gather.gather_facts(raw=raw, terms=terms, pack=pack, period=own, currency=document.currency, rates=rates)
        return pipeline.compute_agent(terms=terms, pack=pack, period=own, facts=given, rounding=document.rounding)
    except errors.InvalidInput as refused:
        path = _rename(_find_day_type(raw, refused.day_type) if isinstance(refused, hours.UnknownDayType) else refused.path)
        outer = () if path[:1] and path[0] in _OF_DOCUMENT else ("agents", place)
        raise type(refused)(refused.message, path=(*outer, *path)) from refused


def _find_day_type(raw: gather.RawFacts, day_type: str) -> tuple[errors.PathPart, ...]:
    """Return the place of the first entry with a type of day; hours add entries up and know none."""
    return next((("time", place, "day_type") for place, entry in enumerate(raw.time) if entry.day_type == day_type), ("time",))


def _own_period(place: int, document: Document, period: workweeks.PayPeriod) -> workweeks.PayPeriod:
    """Return the part of the period in which an agent is employed."""
    employed = document.agents[place].employed
    return workweeks.clip_period(period=period, starts_on=employed.starts_on, ends_on=employed.ends_on)


def _rename(path: tuple[errors.PathPart, ...]) -> tuple[errors.PathPart, ...]:
    return (*_RENAMED.get(str(path[0]), (path[0],)), *path[1:]) if path else path


def _show_agent(paid: settlements.AgentPay, period: workweeks.PayPeriod, document: Document) -> dict[str, Any]:
    rounding = document.rounding
    return {
        "agent": paid.agent,
        "lines": [_show_line(line, rounding) for line in paid.lines],
        "total": fields.amounts_of(amount=paid.total, exact_amount=paid.exact_total, rounding=rounding),
        "evidence": _show_evidence(paid.evidence, paid.balances, rounding)
        | carried_fields.write_carried(evidence=paid.evidence, period=period, salaried=document.plan.salary is not None),
    }


def _show_line(line: earnings.Line, rounding: money.Round) -> dict[str, Any]:
    return {
        "kind": line.kind,
        "label": line.label,
        "week": line.week and line.week.isoformat(),
        "quantity": _show(line.quantity),
        "rate": _show(line.rate),
        **fields.amounts_of(amount=line.amount, exact_amount=line.exact, rounding=rounding),
        "source": line.source,
    }


def _show_evidence(evidence: settlements.Evidence, balances: facts.Balances, rounding: money.Round) -> dict[str, Any]:
    return {
        "period": {"start": evidence.period_start.isoformat(), "end": evidence.period_end.isoformat()},
        "multiplier": _show(evidence.multiplier),
        "provisional": evidence.score.provisional if evidence.score else None,
        "composite": _show(evidence.score.composite) if evidence.score else None,
        "weeks": [
            {
                "week": week.week.isoformat(),
                "hours": _show(week.hours),
                "overtime_hours": _show(week.overtime_hours),
                "double_time_hours": _show(week.double_time_hours),
                "regular_rate": _show(week.regular_rate),
            }
            for week in evidence.weeks
        ],
        "floor_tests": [
            {
                "rule": test.rule,
                "week": test.week and test.week.isoformat(),
                "hours": _show(test.hours),
                "required": fields.amount_of(value=test.required, rounding=rounding),
                "credited": fields.amount_of(value=test.credited, rounding=rounding),
                "top_up": fields.amount_of(value=test.top_up, rounding=money.Round(places=rounding.places, mode="ceiling")),
            }
            for test in evidence.floor_tests
        ],
        "tiers": [{"quantity": _show(tier.quantity), "exact": _show(tier.exact)} for tier in evidence.tiers],
        "balances": _show_balances(balances, rounding),
        "holiday_hours": _show(evidence.holiday_hours),
        "hours_without_day": _show(evidence.hours_without_day),
        "left_out": {
            "accrued_count": evidence.left_out.accrued_count,
            "credit_count": evidence.left_out.credit_count,
            "hours": _show(evidence.left_out.hours),
        },
    }


def _show_balances(balances: facts.Balances, rounding: money.Round) -> dict[str, Any]:
    amounts = {part.name: getattr(balances, part.name) for part in parts_of(balances) if part.name != "tier_position"}
    shown = {name: fields.amount_of(value=value, rounding=rounding) for name, value in amounts.items()}
    return {**shown, "tier_position": _show(balances.tier_position)}


def _show(value: Fraction | None) -> str | None:
    return None if value is None else exact.format_exact(value=value)


def _explain(paid: Sequence[settlements.AgentPay], rounding: money.Round) -> list[explain.Step]:
    return [
        step
        for one in paid
        for position, line in enumerate(one.lines)
        for step in pay_explain.list_steps(line=line, agent=one.agent, position=position, places=rounding.places)
    ]
