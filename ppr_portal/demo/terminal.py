"""The demo in words and tables on the terminal, readable from 80 columns on, also without colors."""

from collections.abc import Sequence
from dataclasses import fields

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ppr_portal.demo.company import Company
from ppr_portal.demo.figures import AgentRow, ClientRow, Figures

WIDTH_MIN = 80
WIDTH_MAX = 120
WIDE = 102
MICROS = 1_000_000
AMOUNTS = (
    ("Units", "unit_micros"),
    ("Quality", "quality_micros"),
    ("Guard.", "guardrail_micros"),
    ("Floor", "floor_micros"),
)
WIDE_AMOUNTS = (("Hours", "hours_micros"), *AMOUNTS, ("Other", "other_micros"))
STATUS_WORDS = {
    "accruing": "open, so far",
    "calculated": "calculated, not approved",
    "approved": "approved",
    "posted": "posted, not paid yet",
    "paid": "closed and paid",
}


def make_console() -> Console:
    """Return a console no narrower than 80 and no wider than 120 columns."""
    console = Console(highlight=False)
    console.width = min(max(console.width, WIDTH_MIN), WIDTH_MAX)
    return console


def show_start(*, console: Console, definition: Company) -> None:
    """Say what is about to happen, and what is real in it."""
    console.print(Text(f"PPR Portal demo: {definition.company}, an invented contact center", style="bold"))
    console.print(
        "Real: the incidents, their times, places and resolvers, from the event log of an IT service desk "
        "(UCI 498: Amaral, Fantinato and Peres 2018, CC BY 4.0). Simulated: clients, contracts, prices, names, pay plans, "
        "working hours, surveys, QA reviews and comments. The log tells no time zone; New York is assumed."
    )
    console.print()


def show_figures(*, console: Console, figures: Figures, currency: str) -> None:
    """Print agents, clients, holds and the sum of tickets."""
    console.print()
    console.print(_agent_table(figures, is_wide=console.width >= WIDE, currency=currency))
    console.print(_pay_notes(figures, currency), soft_wrap=False)
    console.print()
    console.print(_client_table(figures, currency))
    console.print()
    console.print(_held_table(figures, currency))
    console.print()
    _show_equation(console, figures)


def money(*, micros: int | None) -> str:
    """Write whole cents with thousands separators; amounts here are rounded lines and their sums.

    >>> money(micros=1_234_560_000)
    '1,234.56'
    >>> money(micros=-500_000)
    '-0.50'
    """
    if micros is None:
        return "not known yet"
    sign, cents = "-" if micros < 0 else "", abs(micros) // (MICROS // 100)
    return f"{sign}{cents // 100:,}.{cents % 100:02}"


def plain_table(title: str) -> Table:
    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=0,
    )


def _agent_table(figures: Figures, *, is_wide: bool, currency: str) -> Table:
    amounts = WIDE_AMOUNTS if is_wide else AMOUNTS
    heads = ("Payable", "Pending", "Held", *(head for head, _ in amounts), "Total")
    rows = [_agent_cells(row, amounts, is_wide=is_wide) for row in figures.agents]
    total = _agent_cells(figures.total, amounts, is_wide=True)
    table = plain_table(f"Agents by name: resolutions, and pay in {currency} for both pay periods together")
    table.add_column("Agent", no_wrap=True, overflow="ellipsis")
    _add_figure_columns(table, heads, [*rows, total])
    for row in rows:
        table.add_row(*row)
    table.add_section()
    table.add_row(*total, style="bold")
    return table


def _add_figure_columns(table: Table, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Add the columns after the first one, each as wide as its longest figure: a name may be cut short, a figure never."""
    for position, head in enumerate(heads, start=1):
        width = max(len(head), *(len(row[position]) for row in rows))
        table.add_column(head, justify="right", no_wrap=True, min_width=width)


def _agent_cells(row: AgentRow, amounts: Sequence[tuple[str, str]], *, is_wide: bool) -> list[str]:
    counts = [f"{count:,}" if count else "·" for count in (row.payable_count, row.pending_count, row.held_count)]
    cells = [money(micros=getattr(row, column)) if getattr(row, column) else "·" for _, column in amounts]
    return [row.name if is_wide else short_name(name=row.name), *counts, *cells, money(micros=row.total_micros)]


def short_name(*, name: str) -> str:
    """Write a first name as its initial, for narrow terminals.

    >>> short_name(name="Hugo de Vries")
    'H. de Vries'
    """
    first, _, rest = name.partition(" ")
    return f"{first[0]}. {rest}" if rest else name


def _pay_notes(figures: Figures, currency: str) -> Text:
    periods = "; ".join(
        f"{period.name} {STATUS_WORDS[period.status]}: {money(micros=period.total_micros)} {currency} for {period.agent_count} agents"
        for period in figures.periods
    )
    blank = f" {figures.blank_agent_count} agents without work so far are left out." if figures.blank_agent_count else ""
    return Text(
        "Units: shares of what clients pay for resolutions. Quality: what survey, first contact and QA scores add or take; "
        "small samples never take. "
        "Guard.: premium withheld at a load limit, and paid recovery. Floor: top-ups to the minimum wage or a promised hourly pay. "
        f"Total also holds base pay and overtime for every clocked hour, and reversals. {periods}.{blank}",
        style="dim",
    )


def _client_table(figures: Figures, currency: str) -> Table:
    total = ClientRow(name="All clients")
    for column in fields(ClientRow):
        if column.name != "name":
            setattr(total, column.name, sum(getattr(row, column.name) for row in figures.clients))
    rows = [_client_cells(row) for row in figures.clients]
    table = plain_table(f"Clients: where their tickets stand, and what is booked in {currency}")
    table.add_column("Client (simulated)", no_wrap=True)
    heads = ("Tickets", "Payable", "Pending", "Reopened", "Void", "Held", "Booked")
    _add_figure_columns(table, heads, [*rows, _client_cells(total)])
    for row in rows:
        table.add_row(*row)
    table.add_section()
    table.add_row(*_client_cells(total), style="bold")
    return table


def _client_cells(row: ClientRow) -> list[str]:
    counts = (row.ticket_count, row.payable_count, row.pending_count, row.reopened_count, row.void_count, row.held_count)
    return [row.name, *(f"{count:,}" if count else "·" for count in counts), money(micros=row.booked_micros)]


def _held_table(figures: Figures, currency: str) -> Table:
    table = plain_table("Held: missing facts are held with a reason, never dropped and never paid as zero")
    table.add_column("Why, with one example", ratio=1)
    table.add_column("Count", justify="right", no_wrap=True)
    table.add_column(f"At stake, {currency}", justify="right", no_wrap=True)
    for group in figures.held:
        words = Text(f"{group.reason.replace('_', ' ').capitalize()}", style="bold").append(f": {group.example}", style="not bold")
        table.add_row(words, f"{group.count:,} {group.unit}", money(micros=group.amount_micros))
    return table


def _show_equation(console: Console, figures: Figures) -> None:
    counts = figures.counts
    parts = (
        f"{counts.payable:,} payable",
        f"{counts.pending_offered:,} pending (offered)",
        f"{counts.pending_open:,} pending (no solution yet)",
        f"{counts.reopened:,} reopened",
        f"{counts.void:,} void",
        f"{counts.held:,} held",
    )
    console.print(Text(f"Tickets in {counts.tickets:,} = ", style="bold").append(" + ".join(parts), style="not bold"))
    console.print(
        f"Payable: {figures.confirmed_count:,} confirmed by the customer (simulated survey answers), "
        f"{counts.payable - figures.confirmed_count:,} assumed after silence. Pending: not owed yet. "
        "Reopened: the customer came back, on the case or with the same topic, within the contract's window.",
        style="dim",
    )
