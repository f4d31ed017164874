"""The rows of the simulator's page and file: sums, counts, statement lines and classes, as they were and as they would be."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from billing.queries import class_names
from billing.queries.simulator import simulate_version
from billing.queries.simulator.sides import Side
from billing.rules import money
from contracts import lint_sentences, reading
from contracts.models import ContractVersion
from contracts.queries import lint
from contracts.rules.lint import findings
from contracts.translation import gettext_lazy

ZERO = Fraction(0)
# How a line says that its row is of any.
ANY_QUERY_TYPE, ANY_CHANNEL = "any query type", "any channel"
# What lint finds about prices that jump, fall or end.
CLIFF_CODES = frozenset({"cliff", "total_falls", "tiers_end", "tier_unreachable", "tier_never_full", "tiers_fill_up"})
COUNTS = (
    ("total", gettext_lazy("Claimed solved"), gettext_lazy("in these months")),
    ("verified", gettext_lazy("Verified and counted"), gettext_lazy("confirmed or assumed")),
    ("capped", gettext_lazy("Verified, not counted"), gettext_lazy("another one of the case or customer counts")),
    ("pending", gettext_lazy("Pending"), gettext_lazy("not verified yet")),
    ("reopened", gettext_lazy("Reopened"), gettext_lazy("not counted")),
    ("kept", gettext_lazy("Reopened and counted"), gettext_lazy("the policy keeps them")),
    ("void", gettext_lazy("Void"), gettext_lazy("excluded, merged or not counted")),
)
UNPRICED = (
    ("no_price", gettext_lazy("No price"), gettext_lazy("no row of the card fits")),
    ("voice_not_priced", gettext_lazy("Phone, not priced"), gettext_lazy("the version prices no voice")),
    ("beyond_last_tier", gettext_lazy("Beyond the last tier"), gettext_lazy("no tier reaches them")),
    ("no_value", gettext_lazy("No value told"), gettext_lazy("the price is a part of it")),
)


@dataclass(frozen=True, kw_only=True)
class Sum:
    """An amount as it was and as it would be, in micros of its currency."""

    label: str
    note: str
    currency: str
    now_micros: int
    then_micros: int
    is_total: bool = False

    @property
    def difference_micros(self) -> int:
        """What it would be more."""
        return self.then_micros - self.now_micros


@dataclass(frozen=True, kw_only=True)
class Count:
    """A count as it was and as it would be."""

    label: str
    note: str
    now: int
    then: int

    @property
    def difference(self) -> int:
        """What it would be more."""
        return self.then - self.now


@dataclass(frozen=True, kw_only=True)
class ClassView:
    """A class: units billed, what they were rated at, and what is left of it after the pay that it brings."""

    code: str
    name: str
    now_count: int
    then_count: int
    amount: Sum
    margin: Sum | None


@dataclass(frozen=True, kw_only=True)
class Cliff:
    """A place of the card where one unit changes much, as lint tells it."""

    what: str
    at_stake: str
    remedy: str
    is_error: bool


def list_sums(*, found: simulate_version.Simulation) -> list[Sum]:
    """Return the bill, the pay and the margin side by side; margin only where all pay is in the currency of the bill."""
    currency = found.then.currency
    rows = [
        _sum(_("Client is billed"), _("before taxes"), currency, found.now.net, found.then.net),
        _sum(_("Taxes"), "", currency, found.now.total - found.now.net, found.then.total - found.then.net),
        _sum(_("Client pays"), "", currency, found.now.total, found.then.total, is_total=True),
    ]
    if found.pay is None:
        return rows
    now, then = found.pay.pays
    for pay_currency in sorted({*now.own, *then.own}):
        amounts = (now.own.get(pay_currency, ZERO), then.own.get(pay_currency, ZERO))
        rows.append(_sum(_("Agents get for these resolutions"), _("with tiers, quality, floors"), pay_currency, *amounts))
    if not {*now.own, *then.own} - {currency}:
        margins = (found.now.net - now.own.get(currency, ZERO), found.then.net - then.own.get(currency, ZERO))
        rows.append(_sum(_("Margin"), _("bill before taxes less that pay"), currency, *margins, is_total=True))
    for pay_currency in sorted({*now.total, *then.total}):
        totals = (now.total.get(pay_currency, ZERO), then.total.get(pay_currency, ZERO))
        rows.append(_sum(_("Whole pay of the agents concerned"), _("hours and other work too"), pay_currency, *totals))
    return rows


def list_counts(*, found: simulate_version.Simulation) -> list[Count]:
    """Return what became of the resolutions, what is billed, and what has no price."""
    rows = [
        Count(label=label, note=note, now=getattr(found.now.counts, name), then=getattr(found.then.counts, name))
        for name, label, note in COUNTS
    ]
    rows.append(Count(label=_("Billed"), note=_("verified in these periods"), now=found.now.billed_count, then=found.then.billed_count))
    unpriced = [
        Count(label=label, note=note, now=getattr(found.now.unpriced, name), then=getattr(found.then.unpriced, name))
        for name, label, note in UNPRICED
    ]
    missing = Count(
        label=_("No version in force"), note=_("nothing prices them"), now=found.now.without_version, then=found.then.without_version
    )
    always = {_("No price")}
    return [*rows, *(row for row in (*unpriced, missing) if row.now or row.then or row.label in always)]


def list_lines(*, found: simulate_version.Simulation, names: class_names.ClassNames) -> list[Sum]:
    """Return the statement lines of all periods together, line by line, by the names that stand on invoices."""
    amounts: dict[tuple[str, str], list[Fraction]] = {}
    for place, side in enumerate((found.now, found.then)):
        for kind, label, amount in _lines(side):
            amounts.setdefault((kind, label), [ZERO, ZERO])[place] += amount
    notes = {"rated": _("rated"), "minimum": _("minimum of a row"), "tax": _("tax")}
    return [
        _sum(name_line(label=label, names=names) if kind in notes else label, notes.get(kind, ""), found.then.currency, *pair)
        for (kind, label), pair in amounts.items()
    ]


def name_line(*, label: str, names: class_names.ClassNames) -> str:
    """Write the codes of a priced row, as in "desk, phone", by their names; whatever is no code stays as it is."""
    query_type, comma, rest = label.partition(", ")
    if not comma:
        return label
    channel, *outcome = rest.split(", ")
    first = names.query_types.get(query_type) or (_("Any query type") if query_type == ANY_QUERY_TYPE else query_type)
    known = names.channels.get(channel)
    second = reading.inside_a_sentence(known) if known else _("any channel") if channel == ANY_CHANNEL else channel
    return ", ".join((first, second, *outcome))


def list_period_lines(*, found: simulate_version.Simulation) -> list[tuple[str, Sum]]:
    """Return the statement lines period by period, for the file."""
    amounts: dict[tuple[str, str, str], list[Fraction]] = {}
    for place, side in enumerate((found.now, found.then)):
        for period in side.periods:
            for line in period.lines:
                key = (f"{period.start_date}", line.kind, line.label)
                amounts.setdefault(key, [ZERO, ZERO])[place] += line.amount
    return [(start, _sum(label, kind, found.then.currency, *pair)) for (start, kind, label), pair in amounts.items()]


def list_classes(*, found: simulate_version.Simulation, names: class_names.ClassNames) -> list[ClassView]:
    """Return the classes, those that differ most first."""
    currency = found.then.currency
    views = []
    for row in found.classes:
        margin = None
        if row.now_pay is not None and row.then_pay is not None:
            margin = _sum("", "", currency, row.now - row.now_pay, row.then - row.then_pay)
        views.append(
            ClassView(
                code=row.code,
                name=names.name(code=row.code),
                now_count=row.now_count,
                then_count=row.then_count,
                amount=_sum("", "", currency, row.now, row.then),
                margin=margin,
            )
        )
    return views


def list_cliffs(*, version: ContractVersion) -> list[Cliff]:
    """Return where one unit more changes much in a version, as lint finds it."""
    return [
        Cliff(
            what=lint_sentences.tell(one.what),
            at_stake=""
            if one.amount is None
            else f"{findings.show_amount(one.amount)} {version.currency}, {lint_sentences.tell(one.amount_of)}",
            remedy=lint_sentences.tell(one.remedy),
            is_error=one.severity == "error",
        )
        for one in lint.lint_version(version=version)
        if one.code in CLIFF_CODES
    ]


def _lines(side: Side) -> Iterable[tuple[str, str, Fraction]]:
    for period in side.periods:
        for line in period.lines:
            yield line.kind, line.label, line.amount


def _sum(label: str, note: str, currency: str, now: Fraction, then: Fraction, *, is_total: bool = False) -> Sum:
    return Sum(
        label=label,
        note=note,
        currency=currency,
        now_micros=money.to_micros(amount=now, currency=currency),
        then_micros=money.to_micros(amount=then, currency=currency),
        is_total=is_total,
    )
