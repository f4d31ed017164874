"""Shadow mode: hold a present invoice or payslip file against what we work out, and keep every difference with its causes."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agents.intake.tables import FileTable, Layout
from agents.models import Site, User
from billing.models import Document, Invoice, ShadowLine, ShadowRun
from billing.operations.store_document import store_document
from billing.operations.write_rows import copy_rows
from billing.queries import pay_periods
from billing.queries.shadow import bill, file, match, pay
from billing.queries.shadow.file import Definition
from billing.rules import money, shadow
from contracts.models import Contract
from contracts.rules import exact

BYTES_MAX = 20 * 1024**2
LINE_FIELDS = (
    *("run", "position", "place", "label", "agent", "resolution", "cause", "their_count", "our_count", "their_price", "our_price"),
    *("their_micros", "our_micros", "causes"),
)
# Sums of a whole have no count to take apart.
WHOLES = (ShadowRun.Grain.AGENT, ShadowRun.Grain.TOTAL)


class UnableToCompare(Exception):
    """A file that is no table, columns that it lacks, or a period of which we have nothing."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What came of a comparison: lines in the order of the file, rows that could not be read, and both sums in micros."""

    lines: tuple[match.ComparedLine, ...]
    held: tuple[file.HeldLine, ...]
    sum_count: int
    their_micros: int
    our_micros: int
    invoice: Invoice | None

    @property
    def causes(self) -> list[dict[str, Any]]:
        """Each cause with its lines and what it moves in micros, the greatest first; together they are the difference."""
        found: dict[str, list[int]] = {}
        for line in self.lines:
            for cause in line.causes:
                known = found.setdefault(cause.code, [0, 0])
                known[0] += 1
                known[1] += _micros(cause.amount)
        rows = [{"code": code, "count": count, "micros": micros} for code, (count, micros) in found.items()]
        return sorted(rows, key=lambda row: (-abs(row["micros"]), row["code"]))


def open_comparison(
    *,
    target: Contract | Site,
    period_start: date,
    name: str,
    content: bytes,
    person: User | None,
    as_of: datetime,
    sheet: str = "",
    lines_before_head: int = 0,
) -> ShadowRun:
    """Keep a file and begin a comparison; which column holds what is said afterwards.

    Args:
        target: the contract whose invoice it is, or the site whose payslips they are.
        period_start: a day of the period.
        name: of the file.
        content: CSV or a workbook, at most 20 MB; compressed with gzip if the name says so.
        person: who compares; None is the command.
        as_of: business instant.
        sheet: of a workbook that has several.
        lines_before_head: how many lines stand above the heads.

    Returns: the run, whose definition is a suggestion.
    Raises: UnableToCompare, or UnableToImport where the file is no table; nothing is written then.
    """
    if len(content) > BYTES_MAX:
        raise UnableToCompare(_("%(file)s is larger than 20 MB; compare a part of it.") % {"file": name})
    side = ShadowRun.Side.BILL if isinstance(target, Contract) else ShadowRun.Side.PAY
    layout = Layout(sheet=sheet, lines_before_head=lines_before_head)
    suggested = file.suggest(table=file.read_table(name=name, content=content, layout=layout), side=side)
    suggested = replace(suggested, sheet=sheet, lines_before_head=lines_before_head)
    start, end = _period(target, period_start)
    sha256 = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        document = store_document(
            kind=Document.Kind.SHADOW_FILE,
            key=f"sha256:{sha256}",
            name=name[:160],
            content_type="application/octet-stream",
            content=content,
            issued_at=as_of,
        )
        owner = {"contract": target} if side == ShadowRun.Side.BILL else {"site": target}
        run = ShadowRun(side=side, period_start=start, period_end=end, file=document, made_by=person, made_at=as_of, **owner)
        run.definition, run.grain, run.currency = suggested.as_json(), suggested.grain, _currency(run)
        run.save()
    return run


def copy_comparison(*, run: ShadowRun, person: User, as_of: datetime) -> ShadowRun:
    """Begin another comparison of the same file, read as before until somebody says otherwise; the first one stays."""
    kept = ("side", "contract", "site", "period_start", "period_end", "file", "definition", "grain", "currency")
    return ShadowRun.objects.create(made_by=person, made_at=as_of, **{name: getattr(run, name) for name in kept})


def read_table(*, run: ShadowRun, definition: Definition) -> FileTable:
    """Read the cells of the file of a run.

    Raises: UnableToImport if it is no table as the definition says.
    """
    layout = Layout(sheet=definition.sheet, lines_before_head=definition.lines_before_head)
    return file.read_table(name=run.file.name, content=bytes(run.file.content), layout=layout)


def compare(*, run: ShadowRun, definition: Definition, table: FileTable | None = None) -> Comparison:
    """Work out every difference; nothing is written.

    Args:
        run: which file, whose, which period.
        definition: how the file is read.
        table: its cells, where they are read already.

    Returns: each line with its causes; together they add up to the difference of the sums.
    Raises: UnableToCompare if a column is missing or there is nothing of ours; UnableToImport if the file is no table.
    """
    table = table if table is not None else read_table(run=run, definition=definition)
    check_definition(table=table, definition=definition)
    read = file.read_lines(table=table, definition=definition, currency=run.currency)
    theirs, ours, explain, invoice = _sides(run, definition, read.lines)
    lines = match.match(theirs=theirs, ours=ours, places=money.currency_places(currency=run.currency), explain_surplus=explain)
    if definition.grain in WHOLES:
        lines = [_not_itemized(line) for line in lines]
    made = Comparison(
        lines=tuple(lines),
        held=read.held,
        sum_count=len(read.sum_places),
        their_micros=_micros(exact.total(values=[line.amount for line in read.lines])),
        our_micros=_micros(exact.total(values=[line.ours.amount for line in ours])),
        invoice=invoice,
    )
    assert sum(row["micros"] for row in made.causes) == made.our_micros - made.their_micros, "causes add up to the difference"
    return made


def store_comparison(*, run: ShadowRun, definition: Definition, made: Comparison) -> ShadowRun:
    """Keep what came of a comparison; from then on it stays.

    Args:
        run: a draft.
        definition: how the file was read.
        made: as `compare` returned it.

    Raises: UnableToCompare if it was compared already.
    """
    with transaction.atomic():
        locked = ShadowRun.objects.select_for_update().get(pk=run.pk)
        if locked.state != ShadowRun.State.DRAFT:
            raise UnableToCompare(_("This comparison is done and stays; compare the file again to begin another."))
        copy_rows(model=ShadowLine, fields=LINE_FIELDS, rows=_rows(run.pk, made))
        locked.definition, locked.grain, locked.state = definition.as_json(), definition.grain, ShadowRun.State.DONE
        locked.invoice, locked.currency = made.invoice, run.currency
        locked.their_micros, locked.our_micros, locked.causes = made.their_micros, made.our_micros, made.causes
        locked.line_count, locked.held_count = len(made.lines), len(made.held)
        locked.same_count = sum(not line.causes for line in made.lines)
        locked.save()
    return locked


def check_definition(*, table: FileTable, definition: Definition) -> None:
    """Refuse a definition that names columns which the file lacks, or that leaves out what a row is about or comes to.

    Raises: UnableToCompare.
    """
    missing = [head for head in (*definition.columns.values(), *definition.amounts) if head not in table.columns]
    if missing:
        raise UnableToCompare(_('The file has no column "%(column)s".') % {"column": missing[0]})
    figures = definition.columns.keys() & {"amount", "price"}
    if not definition.amounts and "amount" not in figures and not ("price" in figures and "count" in definition.columns):
        raise UnableToCompare(_("Choose the column that holds the amount, or those of count and price."))
    keys = file.KEYS_OF[ShadowRun.Grain(definition.grain)]
    if keys and not any(key in definition.columns for key in keys):
        raise UnableToCompare(_("Choose the column that says what a row is about."))


def write_facts(*, facts: Mapping[str, Fraction | str]) -> dict[str, str]:
    """Return the figures of a cause as they are stored: exact numbers as text."""
    return {name: value if isinstance(value, str) else exact.format_exact(value=value) for name, value in facts.items()}


def _sides(
    run: ShadowRun, definition: Definition, lines: tuple[file.FileLine, ...]
) -> tuple[list[match.TheirLine], list[match.OurLine], match.Explainer, Invoice | None]:
    words = {"whose": run.contract or run.site, "month": f"{run.period_start:%Y-%m}"}
    if run.side == ShadowRun.Side.PAY:
        pay_side = pay.read_side(run=run)
        if not pay_side.settlements:
            raise UnableToCompare(_("%(whose)s has no statements of %(month)s; calculate pay for it first.") % words)
        theirs = pay.read_theirs(side=pay_side, definition=definition, lines=lines)
        return theirs, pay.read_ours(side=pay_side, definition=definition), pay.explain_surplus(side=pay_side), None
    invoice = bill.find_invoice(run=run)
    if invoice is None:
        raise UnableToCompare(_("%(whose)s has no invoice or draft of %(month)s; the nightly job writes drafts once cases count.") % words)
    bill_side = bill.read_side(invoice=invoice)
    theirs = bill.read_theirs(side=bill_side, definition=definition, lines=lines)
    ours = bill.read_ours(side=bill_side, definition=definition, has_tax=bill.tells_tax(theirs=theirs))
    return theirs, ours, bill.explain_surplus(side=bill_side), invoice


def _not_itemized(line: match.ComparedLine) -> match.ComparedLine:
    causes = tuple(shadow.Cause(code="not_itemized", amount=cause.amount) if cause.code == "other" else cause for cause in line.causes)
    return match.ComparedLine(**{**vars(line), "causes": causes})


def _rows(run_id: int, made: Comparison) -> Iterator[tuple[Any, ...]]:
    position = 0
    for line in made.lines:
        position += 1
        theirs, ours = line.theirs, line.ours
        yield (
            *(run_id, position, line.place, line.label[:200], line.agent_id, line.resolution_id, shadow.main_cause(causes=line.causes)),
            *(_write(side.count) if side else "" for side in (theirs, ours)),
            *(_write(side.price) if side else "" for side in (theirs, ours)),
            *(_micros(side.amount) if side else None for side in (theirs, ours)),
            [{"code": cause.code, "micros": _micros(cause.amount), "facts": write_facts(facts=cause.facts)} for cause in line.causes],
        )
    for row in made.held:
        position += 1
        causes = [{"code": shadow.HELD, "micros": 0, "facts": {"reason": row.reason}}]
        yield (run_id, position, row.place, row.label[:200], None, None, shadow.HELD, "", "", "", "", None, None, causes)


def _write(value: Fraction | None) -> str:
    return "" if value is None else exact.format_exact(value=value)


def _micros(amount: Fraction) -> int:
    micros = amount * money.MICROS
    assert micros.denominator == 1, "amounts are whole micros"
    return int(micros)


def _period(target: Contract | Site, day: date) -> tuple[date, date]:
    """Return the period that holds a day: the site's month, or what our invoice or draft of that day covers."""
    if isinstance(target, Site):
        found = pay_periods.period_of(site=target, day=day)
        return found.start, found.end
    invoice = Invoice.objects.filter(contract=target, period_start__lte=day, period_end__gt=day).order_by("-pk").first()
    if invoice is None:
        words = _("%(whose)s has no invoice or draft of %(month)s; the nightly job writes drafts once cases count.")
        raise UnableToCompare(words % {"whose": target, "month": f"{day:%Y-%m}"})
    return invoice.period_start, invoice.period_end


def _currency(run: ShadowRun) -> str:
    if run.side == ShadowRun.Side.BILL:
        invoice = bill.find_invoice(run=run)
        return invoice.currency if invoice else ""
    found = pay.find_currency(run=run)
    if not found:
        words = _("%(whose)s has no statements of %(month)s; calculate pay for it first.")
        raise UnableToCompare(words % {"whose": run.site, "month": f"{run.period_start:%Y-%m}"})
    return found
