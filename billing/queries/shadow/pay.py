"""Our side of present payslips: what our statements of that period pay, by case, by kind of pay, or by agent."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from agents.models import Agent, Resolution
from billing.models import Earning, Settlement, SettlementLine, ShadowRun
from billing.queries import unit_amounts
from billing.queries.shadow import cases, kinds
from billing.queries.shadow.file import Definition, FileLine, label_of
from billing.queries.shadow.match import OurLine, Surplus, TheirLine, sum_keys, theirs_of
from billing.rules import money, shadow
from contracts.rules import exact

MICRO_PLACES = 6
ZERO, ONE = Fraction(0), Fraction(1)
BASIS_KINDS = ("unit", "tier_uplift")
CASE_KINDS = ("unit", "tier_uplift", "quality", "guardrail")


@dataclass(frozen=True, kw_only=True)
class PaySide:
    """Our statements of one site and period in one currency, with their lines."""

    settlements: Sequence[Settlement]
    lines: Mapping[int, Sequence[SettlementLine]]
    currency: str

    @property
    def total_micros(self) -> int:
        """What they come to."""
        return sum(found.total_micros for found in self.settlements)


def find_currency(*, run: ShadowRun) -> str:
    """Return the currency that most of the statements are in; empty where there are none."""
    found = Settlement.objects.filter(agent__site=run.site_id, period_start=run.period_start).values_list("currency", flat=True)
    return max(sorted(set(found)), key=list(found).count, default="")


def read_side(*, run: ShadowRun) -> PaySide:
    """Read our statements of the period, closed or open."""
    found = Settlement.objects.filter(agent__site=run.site_id, period_start=run.period_start, currency=run.currency)
    settlements = list(found.select_related("agent__site", "run__site").order_by("agent__name", "agent__code"))
    lines: dict[int, list[SettlementLine]] = defaultdict(list)
    for line in SettlementLine.objects.filter(settlement__in=[one.pk for one in settlements]).defer("inputs").order_by("position"):
        lines[line.settlement_id].append(line)
    return PaySide(settlements=settlements, lines=lines, currency=run.currency)


def read_ours(*, side: PaySide, definition: Definition) -> list[OurLine]:
    """Return our lines cut as theirs are; their amounts add up to the statements."""
    if definition.grain == ShadowRun.Grain.CASE:
        return _cases(side, by_agent="agent" in definition.columns)
    if definition.grain == ShadowRun.Grain.LINE:
        return [line for one in side.settlements for line in _kinds(one, side.lines[one.pk])]
    if definition.grain == ShadowRun.Grain.TOTAL:
        total = money.from_micros(micros=side.total_micros)
        return [OurLine(key=("total",), label=_("Our statements together"), ours=shadow.Ours(amount=total, kind="total"))]
    return [
        OurLine(
            key=("agent", str(one.agent_id)),
            label=one.agent.name,
            ours=shadow.Ours(amount=money.from_micros(micros=one.total_micros), kind="total"),
            agent_id=one.agent_id,
        )
        for one in side.settlements
    ]


def read_theirs(*, side: PaySide, definition: Definition, lines: Sequence[FileLine]) -> list[TheirLine]:
    """Return their lines with the key of what each is about here."""
    if definition.grain == ShadowRun.Grain.TOTAL:
        total = sum((line.amount for line in lines), ZERO)
        return [TheirLine(key=("total",), label=_("Their total"), place=1, theirs=shadow.Theirs(amount=total))] if lines else []
    agents = Agents(definition)
    if definition.grain == ShadowRun.Grain.CASE:
        known = cases.find_cases(texts={line.keys.get("case", "") for line in lines})
        return [_their_case(line, agents, known) for line in lines]
    told = sum_keys(lines=[_their_line(line, agents, definition) for line in lines])
    return _with_quality(told) if definition.grain == ShadowRun.Grain.LINE else told


def explain_surplus(*, side: PaySide) -> Callable[[Sequence[TheirLine]], list[Surplus]]:
    """Return what says why ours has none of their lines: by case from what is known of it, else that we pay no such thing."""
    paid = {one.agent_id for one in side.settlements}

    def explain(lines: Sequence[TheirLine]) -> list[Surplus]:
        case_ids = {int(line.key[1]) for line in lines if line.key[0] == "case"}
        known = _explain_cases(side, case_ids) if case_ids else {}
        return [known[int(line.key[1])] if line.key[0] == "case" else _without(line, paid) for line in lines]

    return explain


def _without(line: TheirLine, paid: set[int]) -> Surplus:
    agent_id = int(line.key[1])
    return Surplus(code="not_paid" if agent_id in paid else "no_statement", agent_id=agent_id)


class Agents:
    """Who their texts name: by code, by what somebody said that a text means, or by a name that only one agent has."""

    def __init__(self, definition: Definition) -> None:
        self.meanings = definition.meanings
        self.ids: dict[str, int] = {}
        self.names: dict[int, str] = {}
        shared: set[str] = set()
        for pk, code, name in Agent.objects.order_by("pk").values_list("pk", "code", "name"):
            self.names[pk] = name
            self.ids[code.casefold()] = pk
            if self.ids.setdefault(name.casefold(), pk) != pk:
                shared.add(name.casefold())
        for name in shared:
            del self.ids[name]
        self.shared = shared

    def find(self, text: str) -> tuple[int | None, str]:
        """Return the agent, or why nobody is meant."""
        meaning = self.meanings.get(text, "")
        if meaning.startswith("agent:"):
            return int(meaning.removeprefix("agent:")), ""
        found = self.ids.get(text.casefold())
        return found, "" if found else "name_shared" if text.casefold() in self.shared else "unknown_agent"


def _their_case(line: FileLine, agents: Agents, known: Mapping[str, int]) -> TheirLine:
    text = line.keys.get("case", "")
    case_id = known.get(text)
    agent_id, why = agents.find(line.keys["agent"]) if line.keys.get("agent") else (None, "")
    told = theirs_of(line=line)
    if case_id is None:
        return TheirLine(key=(), label=text, place=line.place, theirs=told, why="unknown")
    key = ("case", str(case_id), *([str(agent_id)] if agent_id else []))
    return TheirLine(key=key if not why else (), label=text, place=line.place, theirs=told, why=why)


def _their_line(line: FileLine, agents: Agents, definition: Definition) -> TheirLine:
    text = line.keys.get("agent", "")
    agent_id, why = agents.find(text)
    if definition.grain != ShadowRun.Grain.LINE:
        key = () if why else ("agent", str(agent_id))
        return TheirLine(key=key, label=text, place=line.place, theirs=theirs_of(line=line), why=why)
    kind = label_of(keys=line.keys, grain=definition.grain)
    own = f"kind:{kind}" if kind in kinds.KINDS else ""
    meaning = definition.meanings.get(kind) or own or kinds.suggest_meaning(keys=line.keys)
    why = why or ("" if meaning and meaning != kinds.NOTHING else "nothing_here" if meaning else "unmapped")
    found = meaning.removeprefix("kind:")
    return TheirLine(
        key=() if why else ("agent", str(agent_id), found),
        label=f"{text}: {kind}",
        place=line.place,
        theirs=theirs_of(line=line, kind=found),
        why=why,
    )


def _with_quality(lines: Sequence[TheirLine]) -> list[TheirLine]:
    """Give their quality the basis that it multiplies, so that another multiplier is told apart from other resolutions."""
    basis: dict[str, Fraction] = defaultdict(Fraction)
    for line in lines:
        if line.key and line.theirs.kind in BASIS_KINDS:
            basis[line.key[1]] += line.theirs.amount
    found = []
    for line in lines:
        told = basis.get(line.key[1]) if line.key and line.theirs.kind == "quality" else None
        theirs = (
            shadow.Theirs(amount=line.theirs.amount, count=told, price=line.theirs.amount / told, kind="quality") if told else line.theirs
        )
        found.append(TheirLine(key=line.key, label=line.label, place=line.place, theirs=theirs, why=line.why, facts=line.facts))
    return found


def _kinds(settlement: Settlement, lines: Sequence[SettlementLine]) -> list[OurLine]:
    """Return one line for each kind of pay of a statement; the count is there where all its lines tell one, the price where it is one."""
    by_kind: dict[str, list[SettlementLine]] = defaultdict(list)
    for line in lines:
        by_kind[line.kind].append(line)
    found = []
    for kind, own in by_kind.items():
        amount = sum((money.from_micros(micros=line.amount_micros) for line in own), ZERO)
        counts = [exact.parse_exact(text=line.quantity) if line.quantity else None for line in own]
        count = None if None in counts or kind == "floor" else sum((one for one in counts if one is not None), ZERO)
        if kind == "quality":
            # As payslips are read: what the lines beside it come to, so that another multiplier is told from other resolutions.
            count = sum((money.from_micros(micros=line.amount_micros) for line in lines if line.kind in BASIS_KINDS), ZERO)
        before = sum((exact.parse_exact(text=line.exact) for line in own), ZERO)
        ours = shadow.Ours(amount=amount, count=count, price=before / count if count else None, kind=kind)
        if amount or count:
            label = f"{settlement.agent.name}: {kinds.name_of(kind=kind)}"
            found.append(OurLine(key=("agent", str(settlement.agent_id), kind), label=label, ours=ours, agent_id=settlement.agent_id))
    return found


def _cases(side: PaySide, *, by_agent: bool) -> list[OurLine]:
    """Return what each resolution brings, then for each agent the other kinds of pay, and what rounding leaves."""
    amounts = unit_amounts.amounts_of_settlements(settlements=side.settlements)
    resolution_ids = [pk for by_resolution in amounts.values() for pk in by_resolution]
    case_of = {
        pk: (case, key) for pk, case, key in Resolution.objects.filter(pk__in=resolution_ids).values_list("pk", "case_id", "case__key")
    }
    rounding = money.Round(places=MICRO_PLACES)
    found = []
    for one in side.settlements:
        total = ZERO
        for pk, amount in amounts[one.pk].items():
            parts = {"tier": amount.tier_uplift, "multiplier": amount.quality, "guardrail": amount.guardrail}
            told = rounding.apply(amount.total)
            total += told
            case_id, key = case_of[pk]
            ours = shadow.Ours(amount=told, count=ONE, price=told, kind="case", is_unit=True, parts=parts)
            found.append(
                OurLine(
                    key=("case", str(case_id), *([str(one.agent_id)] if by_agent else [])),
                    label=f"{key}, {one.agent.name}",
                    ours=ours,
                    agent_id=one.agent_id,
                    resolution_id=pk,
                )
            )
        found += _beside(one, side.lines[one.pk], total)
    return found


def _beside(settlement: Settlement, lines: Sequence[SettlementLine], total: Fraction) -> list[OurLine]:
    own = [line for line in _kinds(settlement, lines) if line.ours.kind not in CASE_KINDS]
    rest = money.from_micros(micros=settlement.total_micros) - total - sum((line.ours.amount for line in own), ZERO)
    if rest:
        label = _("%(agent)s: rounding of lines") % {"agent": settlement.agent.name}
        key = ("rounding", str(settlement.agent_id))
        own.append(OurLine(key=key, label=label, ours=shadow.Ours(amount=rest, kind="rounding"), agent_id=settlement.agent_id))
    return own


def _explain_cases(side: PaySide, case_ids: set[int]) -> dict[int, Surplus]:
    """Say of cases that exist why none of our statements pays them, or pays somebody else."""
    paid_here = {one.pk for one in side.settlements}
    earned = Earning.objects.filter(resolution__case__in=case_ids).values_list("resolution__case_id", "settlement_id", "agent__name")
    paid: dict[int, tuple[int, str]] = {case: (settlement, name) for case, settlement, name in earned}
    found: dict[int, Surplus] = {}
    last = Resolution.objects.filter(case__in=case_ids).order_by("case_id", "number")
    for one in last:
        if one.case_id in paid:
            settlement, name = paid[one.case_id]
            code = "other_agent" if settlement in paid_here else "other_period"
            found[one.case_id] = Surplus(code=code, facts={"agent": name}, resolution_id=one.pk)
        else:
            found[one.case_id] = Surplus(code=_state_code(one), facts=_day(one), resolution_id=one.pk)
    return {case: found.get(case, Surplus(code="no_solution")) for case in case_ids}


def _state_code(resolution: Resolution) -> str:
    if resolution.state == "pending":
        return "window_open"
    if resolution.state == "reopened":
        return "reopened"
    if resolution.state == "void":
        return "excluded"
    return "not_payable" if not resolution.is_payable else "other_period"


def _day(resolution: Resolution) -> dict[str, Fraction | str]:
    at = resolution.window_ends_at if resolution.state == "pending" else resolution.reopened_at or resolution.verified_at
    return {"day": at.date().isoformat()} if at else {}
