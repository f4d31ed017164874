"""What stored rows give beside what the calculator gives for the same plan and facts."""

from typing import Any

from billing.calculator import run
from billing.models import Settlement, SettlementLine
from billing.queries import pay_periods
from billing.queries.pay_inputs import raw
from billing.queries.pay_inputs.scope import Scope
from billing.rules.pay import facts
from contracts.rules import exact, pay_plans
from tests.billing import pay_world


def show(value: Any) -> str:
    return exact.format_exact(value=value)


def plan_document(terms: pay_plans.PayTerms) -> dict[str, Any]:
    """Write frozen terms as the plan of a pay document."""
    plan: dict[str, Any] = {
        "version": terms.version,
        "category_rates": {name: show(rate) for name, rate in terms.category_rates.items()},
        "guardrails": {},
    }
    for name in ("base_hourly", "guaranteed_hourly"):
        if getattr(terms, name) is not None:
            plan[name] = show(getattr(terms, name))
    if terms.salary:
        plan["salary"] = {"amount": show(terms.salary.amount), "per": terms.salary.per}
        plan["salary"] |= {"hours": show(terms.salary.hours)} if terms.salary.hours else {}
    for name, field, value in (
        ("holdback", "share", terms.holdback_share),
        ("cap", "amount", terms.cap_amount),
        ("clawback", "share", terms.clawback_share),
    ):
        plan |= {} if value is None else {name: {field: show(value)}}
    if terms.draw:
        draw = terms.draw
        plan["draw"] = {"minimum": show(draw.minimum), "recoverable": draw.recoverable, "recovery_share": show(draw.recovery_share)}
    if terms.unit:
        unit = terms.unit
        tiers = [{"up_to": None if tier.up_to is None else show(tier.up_to), unit.rate_kind: show(tier.rate)} for tier in unit.tiers]
        plan["unit"] = {"basis": unit.basis, "measure": unit.measure, "mode": unit.mode, "accumulate": unit.accumulate, "tiers": tiers}
        plan["unit"] |= {"amounts": {code: show(amount) for code, amount in unit.amounts.items()}}
    return plan


def document(inputs: raw.AgentInputs) -> dict[str, Any]:
    """Write one agent's stored plan and facts, without quality, as a pay document."""
    found, period = inputs.with_credits, inputs.period
    weekday = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")[period.weekday - 1]
    balances = {name: show(getattr(found.balances, name)) for name in ("draw", "holdback", "cap", "reversal", "tier_position")}
    return {
        "kind": "pay",
        "currency": inputs.plan.currency,
        "rule_pack": inputs.plan.rule_pack,
        "period": {
            "start": str(period.start),
            "end": str(period.end),
            "timezone": period.timezone,
            "workweek_start": f"{weekday} 00:00",
        },
        "plan": plan_document(inputs.plan.pay),
        "exchange_rates": [{"currency": one.currency, "from": str(one.starts_on), "rate": show(one.rate)} for one in inputs.rates],
        "agents": [
            {
                "agent": found.agent,
                "time": [_time(entry) for entry in found.time],
                "credits": [_credit(credit) for credit in found.credits],
                "releases": [{"resolution": one.resolution, "amount": show(one.amount)} for one in found.releases],
                "reversals": [{"resolution": one.resolution, "paid": show(one.paid), "held": show(one.held)} for one in found.reversals],
                "balances": balances,
            }
        ],
    }


def _time(entry: facts.TimeSum | facts.TimeSegment) -> dict[str, Any]:
    written = {"category": entry.category}
    if isinstance(entry, facts.TimeSum):
        written |= {"day": str(entry.day), "hours": show(entry.hours)}
    else:
        written |= {"start": entry.starts_at.isoformat(), "end": entry.ends_at.isoformat()}
    return written | ({"day_type": entry.day_type} if entry.day_type else {})


def _credit(credit: facts.Credit) -> dict[str, Any]:
    assert credit.verified_at is not None
    written = {
        "resolution": credit.resolution,
        "verified_at": credit.verified_at.isoformat(),
        "credit": show(credit.credit),
        "class": credit.class_code,
        "currency": credit.currency,
    }
    prices = {"price": credit.price, "list_price": credit.list_price}
    return written | {name: show(price) for name, price in prices.items() if price is not None}


def inputs_of(agent: Any, *, month: Any, as_of: Any) -> raw.AgentInputs:
    """Read what an agent's pay of a month rests on."""
    period = pay_periods.period_of(site=agent.site, day=month)
    (found,) = raw.load_inputs(scope=Scope(site=agent.site, agent_ids=[agent.pk], period=period, as_of=as_of)).agents
    assert isinstance(found, raw.AgentInputs), found.reason
    return found


def lines_beside_calculator(agent: Any, *, month: Any, as_of: Any = pay_world.AFTER_MARCH) -> list[tuple[str, str]]:
    """Return an agent's stored lines, after holding each equal to the calculator's: kind, exact and rounded amount."""
    answer = run.answer_one(document=document(inputs_of(agent, month=month, as_of=as_of)))
    calculated = answer["agents"][0]
    rows = SettlementLine.objects.filter(settlement__agent=agent, settlement__period_start=month).order_by("position")
    stored = [(row.kind, row.exact, row.amount_micros) for row in rows]
    assert stored == [(line["kind"], line["exact"], round(float(line["amount"]) * 1_000_000)) for line in calculated["lines"]]
    kept = Settlement.objects.get(agent=agent, period_start=month).evidence["balances"]
    shown = calculated["evidence"]["balances"]
    assert {name: show(exact.parse_exact(text=value)) for name, value in kept.items()} == {
        name: (value if name == "tier_position" else show(exact.parse_exact(text=value["exact"]))) for name, value in shown.items()
    }
    return [(kind, f"{micros / 1_000_000:.2f}") for kind, _, micros in stored]
