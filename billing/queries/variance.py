"""A calculated run beside the period before: per agent and in total, with the flags that its thresholds raise."""

from typing import Any

from django.db.models import Count, Q

from billing.models import PayRun, Settlement, SettlementLine, VarianceThreshold
from billing.models.settlements import GUARDRAIL_KINDS
from billing.rules import variance


def read_variance(*, run: PayRun) -> dict[str, Any]:
    """Compare a run's settlements with those of the same site that end where it starts, in five queries.

    Returns: plain JSON: `totals` (currency, now and before in micros, agent counts, flags), `flagged` (agent id, name,
        currency, now and before, flags; in order of name) and the `thresholds` that were in force.
    """
    thresholds = read_thresholds()
    now, before = _settled(Settlement.objects.filter(run=run)), _settled(_before(run))
    agents = {key: value[0] for key, value in (*before.items(), *now.items())}
    flagged: list[dict[str, Any]] = []
    sums: dict[str, dict[str, Any]] = {}
    for key in sorted(agents, key=lambda found: (agents[found], found)):
        agent_id, currency = key
        found, earlier = now.get(key), before.get(key)
        pair = variance.AgentPair(
            agent_id=agent_id,
            now_micros=found[1] if found else None,
            before_micros=earlier[1] if earlier else None,
            guardrail_count=found[2] if found else 0,
        )
        _add(sums.setdefault(currency, _nothing(currency)), pair)
        # The first run of a site has nothing to compare with, so that nobody is new in it.
        known = thresholds if before else {name: kept for name, kept in thresholds.items() if name != "new_agent"}
        flags = variance.flag_agent(pair=pair, thresholds=known)
        if flags:
            flagged.append({**_pair(pair), "name": agents[key], "currency": currency, "flags": list(flags)})
    totals = [_total(found, thresholds) for _, found in sorted(sums.items())]
    return {"totals": totals, "flagged": flagged, "thresholds": [vars(found) for found in thresholds.values()]}


def read_thresholds() -> dict[str, variance.Threshold]:
    """Return the active thresholds by flag."""
    rows = VarianceThreshold.objects.filter(is_active=True).values("flag", "percent_bp", "amount_micros", "count_min")
    return variance.index_thresholds(thresholds=[variance.Threshold(**row) for row in rows])


def _before(run: PayRun) -> Any:
    # The run may hold agents who left the site.
    ours = Q(agent__site=run.site_id) | Q(agent__in=Settlement.objects.filter(run=run).values("agent"))
    earlier = Settlement.objects.filter(ours, period_end=run.period_start)
    return earlier if run.agent_id is None else earlier.filter(agent=run.agent_id)


def _settled(settlements: Any) -> dict[tuple[int, str], tuple[str, int, int]]:
    """Return name, total and count of guardrail lines by agent and currency."""
    # Few lines come of guardrails, so they are counted by themselves and not by joining all lines.
    made = SettlementLine.objects.filter(settlement__in=settlements, kind__in=GUARDRAIL_KINDS).exclude(amount_micros=0)
    hits = dict(made.order_by().values_list("settlement").annotate(Count("pk")))
    rows = settlements.order_by().values_list("pk", "agent", "currency", "agent__name", "total_micros")
    return {(agent_id, currency): (name, total_micros, hits.get(pk, 0)) for pk, agent_id, currency, name, total_micros in rows}


def _nothing(currency: str) -> dict[str, Any]:
    return {"currency": currency, "now_micros": 0, "before_micros": 0, "now_count": 0, "before_count": 0}


def _add(total: dict[str, Any], pair: variance.AgentPair) -> None:
    for name, micros in (("now", pair.now_micros), ("before", pair.before_micros)):
        if micros is not None:
            total[f"{name}_micros"] += micros
            total[f"{name}_count"] += 1


def _pair(pair: variance.AgentPair) -> dict[str, Any]:
    return {"agent_id": pair.agent_id, "now_micros": pair.now_micros, "before_micros": pair.before_micros}


def _total(found: dict[str, Any], thresholds: dict[str, variance.Threshold]) -> dict[str, Any]:
    before = found["before_micros"] if found["before_count"] else None
    return {**found, "flags": list(variance.flag_total(now_micros=found["now_micros"], before_micros=before, thresholds=thresholds))}
