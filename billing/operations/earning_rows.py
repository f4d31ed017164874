"""The earning of each resolution, column by column: which line of its settlement pays it, and how it was verified."""

from collections.abc import Sequence
from fractions import Fraction

import polars as pl

from billing.operations.settled import Settled
from billing.operations.settlement_rows import Outcomes, frame_of
from billing.queries.pay_inputs import raw
from billing.rules import money

PLACED: dict[str, pl.DataType] = {"position": pl.Int64(), "_is_list": pl.Boolean(), "_is_fixed": pl.Boolean(), "_fixed": pl.Int64()}
NOBODY = (None, None, None, None)
# A credit of a line that pays all credits of its class.
ANY_CREDIT = -1
# How the rules of lines that pay one credit each begin.
EACH = "unit.each"
ANY_CLASS = ""
ALIKE = ("agent_id", "class_code", "is_late", "credit_micros")


def place_credits(*, credits: pl.DataFrame, settled: Sequence[Settled]) -> pl.DataFrame:
    """Find the unit line that pays each credit: that of its class and credit, else of its class, else of any.

    Args:
        credits: as `credits.credit_rows` returns them.
        settled: the agents whose settlements are written.

    Returns: the credits of these agents in the same order, with position i64 (0 under a plan that pays no units) and
        price_micros i64, the price that the plan pays by.
    """
    # Credits of one agent that are alike have one line, so few rows look for theirs.
    alike = credits.select(ALIKE).unique(maintain_order=True)
    positions = alike.hstack(_find_positions(alike, settled)).filter(pl.col("position").is_not_null())
    placed = credits.join(positions, on=list(ALIKE), how="inner", maintain_order="left")
    price = pl.when("_is_fixed").then("_fixed").when("_is_list").then("list_micros").otherwise("price_micros").fill_null(0)
    return placed.with_columns(price_micros=price)


def _find_positions(alike: pl.DataFrame, settled: Sequence[Settled]) -> pl.DataFrame:
    """Find the line of each kind of credit, the basis of its plan and what a plan of fixed amounts pays; nulls where nobody is settled."""
    paying = {one.inputs.payee.agent_id: (one.plan.basis, _paying_lines(one), _fixed_amounts(one)) for one in settled}
    rows: list[tuple[int | None, bool | None, bool | None, int | None]] = []
    for agent_id, class_code, is_late, credit in alike.iter_rows():
        if agent_id not in paying:
            rows.append(NOBODY)
            continue
        basis, lines, fixed = paying[agent_id]
        code = class_code + raw.LATE if is_late else class_code
        keys = ((code, credit), (code, ANY_CREDIT), (ANY_CLASS, credit), (ANY_CLASS, ANY_CREDIT))
        position = next((lines[key] for key in keys if key in lines), 0)
        rows.append((position, basis == "list", basis == "fixed", fixed.get(code)))
    return frame_of(rows=rows, schema=PLACED)


def count_outcomes(*, placed: pl.DataFrame) -> Outcomes:
    """Count, for each agent and line, how the resolutions that it pays were verified.

    Args:
        placed: as `place_credits` returns it.

    Returns: counts by agent, position of the line as text, and state.
    """
    counted = placed.group_by("agent_id", "position", "state").agg(pl.len()).sort("agent_id", "position", "state")
    found: dict[int, dict[str, dict[str, int]]] = {}
    for agent_id, position, state, count in counted.iter_rows():
        found.setdefault(agent_id, {}).setdefault(str(position), {})[state] = count
    return found


def make_earnings(*, placed: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the earnings table, in the order of its key.

    Args:
        placed: as `place_credits` returns it.

    Returns: one row per credit: agent_id, resolution_id, verified_us (microseconds since 1970), price_micros, credit_micros
        and line_position, all i64.
    """
    columns = ("agent_id", "resolution_id", "verified_us", "price_micros", "credit_micros", pl.col("position").alias("line_position"))
    return placed.select(columns).sort("agent_id", "resolution_id")


def _paying_lines(settled: Settled) -> dict[tuple[str, int], int]:
    """Return the position of each unit line by class and credit; of two alike, the last."""
    found: dict[tuple[str, int], int] = {}
    if settled.sheet is not None:
        for position, line in enumerate(settled.sheet.lines, start=1):
            if line.kind == "unit":
                credit = line.numbers["credit"][0] if line.rule.startswith(EACH) else ANY_CREDIT
                found[(line.details.get("class", ANY_CLASS), credit)] = position
    else:
        for position, paid in enumerate(settled.pay.lines, start=1):
            if paid.kind == "unit":
                credit = int(Fraction(paid.inputs["credit"]) * money.MICROS) if paid.rule.startswith(EACH) else ANY_CREDIT
                found[(paid.inputs.get("class", ANY_CLASS), credit)] = position
    return found


def _fixed_amounts(settled: Settled) -> dict[str, int]:
    """Return what each credited class is worth under a plan of fixed amounts."""
    unit = settled.plan.pay.unit
    if unit is None or unit.basis != "fixed":
        return {}
    return {code: int(amount * money.MICROS) for code, amount in unit.amounts.items()}
