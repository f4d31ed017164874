"""What single resolutions bring: the sum of one, and the cases behind a line of a statement."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from agents.models import Resolution
from billing.models import Earning, Settlement, SettlementLine
from billing.rules import money
from billing.rules.pay import explain, explain_words
from contracts.rules import exact
from contracts.translation import told
from ppr_portal.pages.pay import reasons

CASES_SHOWN = 100
# A line adds resolutions up; the rule of one resolution takes the same rate once.
RATE_RULES = {"share": "unit.each_share", "unit_amount": "unit.each_amount"}
LINE_FACTS = ("price_basis", "tier_1_up_to", *RATE_RULES)
EXCHANGE = "exchange"
CREDIT, SHARE = explain_words.NAMES["credit"].name, explain_words.NAMES["share"].name


@dataclass(frozen=True, kw_only=True)
class UnitReason:
    """What a resolution brings one agent: the sum, where it can be told for one alone, and where it is paid."""

    agent_name: str
    is_own: bool
    currency: str
    price_micros: int
    price_currency: str
    credit_micros: int
    steps: tuple[reasons.ReasonStep, ...]
    period_start: date
    url: str


@dataclass(frozen=True, kw_only=True)
class LineCase:
    """One resolution of a line; without an address where the reader may not open it, as work of a colleague that was shared."""

    url: str
    key: str
    verified_at: datetime
    price_micros: int
    price_currency: str
    credit_micros: int


@dataclass(frozen=True, kw_only=True)
class LineCases:
    """The resolutions that a line adds up; so many more are not listed. The reader may open all, or some are a colleague's."""

    rows: tuple[LineCase, ...]
    count: int
    more_count: int
    is_shared: bool
    is_open: bool
    is_converted: bool


def reasons_of(*, earnings: Sequence[Earning], own_agent_id: int | None) -> tuple[UnitReason, ...]:
    """Tell what a resolution brings each agent, in one query; settlement and agent must be loaded."""
    if not earnings:
        return ()
    lines = SettlementLine.objects.filter(
        settlement__in={earning.settlement_id for earning in earnings}, position__in={earning.line_position for earning in earnings}
    )
    by_place = {(line.settlement_id, line.position): line for line in lines}
    return tuple(_reason(earning, by_place.get((earning.settlement_id, earning.line_position)), own_agent_id) for earning in earnings)


def cases_of(*, line: SettlementLine, settlement: Settlement, openable: QuerySet[Resolution]) -> LineCases | None:
    """List the resolutions that a line adds up, the first verified first; None for lines of another kind.

    It takes one query, and a second one where there are more than are shown, to count them.

    Args:
        line: of the settlement.
        settlement: whose line it is.
        openable: the resolutions that the reader may open; a colleague's, for which an agent has credit, is seldom one.
    """
    if line.kind != "unit":
        return None
    earnings = Earning.objects.filter(agent=settlement.agent_id, settlement=settlement, line_position=line.position).annotate(
        is_open=Exists(openable.filter(pk=OuterRef("resolution")))
    )
    found = list(
        earnings.select_related("resolution__case", "resolution__price_version").order_by("verified_at", "resolution")[: CASES_SHOWN + 1]
    )
    if not found:
        return None
    count, shared_count = len(found), sum(earning.credit_micros != money.MICROS for earning in found)
    closed_count = sum(not earning.is_open for earning in found)
    if count > CASES_SHOWN:
        count, shared_count, closed_count = earnings.aggregate(
            all=Count("resolution"),
            shared=Count("resolution", filter=~Q(credit_micros=money.MICROS)),
            closed=Count("resolution", filter=Q(is_open=False)),
        ).values()
    rows = tuple(_case(earning, settlement, line) for earning in found[:CASES_SHOWN])
    return LineCases(
        rows=rows,
        count=count,
        more_count=count - len(rows),
        is_shared=shared_count > 0,
        is_open=not closed_count,
        is_converted=EXCHANGE in line.inputs,
    )


def _case(earning: Earning, settlement: Settlement, line: SettlementLine) -> LineCase:
    is_open = earning.is_open  # type: ignore[attr-defined]
    return LineCase(
        url=reverse("resolution", args=[earning.resolution_id]) if is_open else "",
        key=earning.resolution.case.key,
        verified_at=earning.verified_at,
        price_micros=earning.price_micros,
        price_currency=_price_currency(earning, settlement, line),
        credit_micros=earning.credit_micros,
    )


def _price_currency(earning: Earning, settlement: Settlement, line: SettlementLine | None) -> str:
    """Return what a price stands in: the client's currency where the line converts it, the currency of the pay otherwise."""
    version = earning.resolution.price_version
    return version.currency if version is not None and line is not None and EXCHANGE in line.inputs else settlement.currency


def _reason(earning: Earning, line: SettlementLine | None, own_agent_id: int | None) -> UnitReason:
    settlement = earning.settlement
    place = reverse("statement", args=[earning.agent_id, settlement.period_start])
    return UnitReason(
        agent_name=earning.agent.name,
        is_own=earning.agent_id == own_agent_id,
        currency=settlement.currency,
        price_micros=earning.price_micros,
        price_currency=_price_currency(earning, settlement, line),
        credit_micros=earning.credit_micros,
        steps=_steps(earning, line.inputs, is_own=earning.agent_id == own_agent_id) if line and line.kind == "unit" else (),
        period_start=settlement.period_start,
        url=f"{place}?why={earning.line_position}#why-{earning.line_position}",
    )


def _steps(earning: Earning, inputs: Mapping[str, str], *, is_own: bool) -> tuple[reasons.ReasonStep, ...]:
    """Run the line's rule for this resolution alone; a converted price and a filled tier belong to the whole line."""
    rule = next((rule for name, rule in RATE_RULES.items() if name in inputs), "")
    if not rule or EXCHANGE in inputs:
        return ()
    own = {
        "basis": exact.format_exact(value=money.from_micros(micros=earning.price_micros)),
        "credit": exact.format_exact(value=money.from_micros(micros=earning.credit_micros)),
        "count": "1",
    }
    told_facts = {name: inputs[name] for name in LINE_FACTS if name in inputs}
    return tuple(_until_one(explain.explain_line(rule=rule, inputs={**told_facts, **own}), is_own=is_own))


def _until_one(steps: Iterable[explain.Step], *, is_own: bool) -> Iterable[reasons.ReasonStep]:
    """Return the steps up to what one resolution brings."""
    for step in steps:
        yield reasons.ReasonStep(
            sign=step.sign,
            value=reasons.shown(step),
            name=told(step.name) if is_own else _name_for_others(step),
            text=_credit_words(step, is_own=is_own) if step.name == CREDIT else reasons.readable(told(step.note)),
            is_result=step.is_result,
            is_final=step.is_result,
        )
        if step.is_result:
            return


def _name_for_others(step: explain.Step) -> str:
    """Name a step for somebody whose pay it is not."""
    return {CREDIT: _("Credit of the agent"), SHARE: _("Share of the agent")}.get(step.name) or told(step.name)


def _credit_words(step: explain.Step, *, is_own: bool) -> str:
    """Say whose work it was; the line's own words speak of many."""
    if not is_own:
        return _("Nobody shares it.") if step.value == 1 else _("It is shared; this is the agent’s part.")
    return _("You resolved it on your own.") if step.value == 1 else _("You shared it; this is your part.")
