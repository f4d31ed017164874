"""The earning of each resolution, column by column: which line of its settlement pays it, and how it was verified."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

import polars as pl

from billing.operations.settle_agents import Settled
from billing.queries.pay_inputs import raw
from billing.rules import money

# By agent, by position of the line as text, by state: how many resolutions.
Outcomes = Mapping[int, Mapping[str, Mapping[str, int]]]
FIELDS = ("settlement", "agent", "resolution", "verified_at", "price_micros", "credit_micros", "line_position")
PAYING: dict[str, pl.DataType] = {
    "agent_id": pl.Int64(),
    "_class": pl.String(),
    "_credit": pl.Int64(),
    "_position": pl.Int64(),
}
PLANS: dict[str, pl.DataType] = {"agent_id": pl.Int64(), "_is_list": pl.Boolean(), "_is_fixed": pl.Boolean()}
FIXED: dict[str, pl.DataType] = {"agent_id": pl.Int64(), "_of": pl.String(), "_fixed": pl.Int64()}
# A credit of a line that pays all credits of its class.
ANY_CREDIT = -1
ANY_CLASS = ""


def place_credits(*, credits: pl.DataFrame, settled: Sequence[Settled]) -> pl.DataFrame:
    """Find the unit line that pays each credit: that of its class and credit, else of its class, else of any.

    Args:
        credits: as `credits.read_credits` returns them.
        settled: the agents whose settlements are written.

    Returns: the credits of these agents in the same order, with position i64 (0 under a plan that pays no units) and
        price_micros i64, the price that the plan pays by.
    """
    lines = pl.DataFrame([row for one in settled for row in _paying_lines(one)], schema=PAYING, orient="row")
    bases = [(one.inputs.payee.agent_id, one.plan.basis == "list", one.plan.basis == "fixed") for one in settled]
    plans = pl.DataFrame(bases, schema=PLANS, orient="row")
    fixed = pl.DataFrame([row for one in settled for row in _fixed_amounts(one)], schema=FIXED, orient="row")
    late = pl.when(pl.col("is_late") == 1).then(pl.lit(raw.LATE)).otherwise(pl.lit(""))
    placed = credits.join(plans, on="agent_id", how="inner", maintain_order="left").with_columns(_of=pl.col("class_code") + late)
    found = []
    of_any, any_credit = pl.lit(ANY_CLASS), pl.lit(ANY_CREDIT, dtype=pl.Int64)
    keys = (("_of", "credit_micros"), ("_of", any_credit), (of_any, "credit_micros"), (of_any, any_credit))
    for number, (code, credit) in enumerate(keys):
        keyed = placed.select("agent_id", _class=code, _credit=credit)
        joined = keyed.join(lines, on=["agent_id", "_class", "_credit"], how="left", maintain_order="left")
        found.append(joined["_position"].alias(f"_position_{number}"))
    placed = placed.join(fixed, on=["agent_id", "_of"], how="left", maintain_order="left")
    price = pl.when("_is_fixed").then("_fixed").when("_is_list").then("list_micros").otherwise("price_micros").fill_null(0)
    position = pl.coalesce(*(series.name for series in found), pl.lit(0, dtype=pl.Int64))
    return placed.with_columns(found).with_columns(position=position, price_micros=price)


def count_outcomes(*, placed: pl.DataFrame) -> Outcomes:
    """Count, for each agent and line, how the resolutions that it pays were verified."""
    counted = placed.group_by("agent_id", "position", "state").agg(pl.len()).sort("agent_id", "position", "state")
    found: dict[int, dict[str, dict[str, int]]] = {}
    for agent_id, position, state, count in counted.iter_rows():
        found.setdefault(agent_id, {}).setdefault(str(position), {})[state] = count
    return found


def make_earnings(*, placed: pl.DataFrame, settlement_ids: Mapping[int, int]) -> pl.DataFrame:
    """Return the rows of the earnings table, in the order of its key.

    Args:
        placed: as `place_credits` returns it.
        settlement_ids: the settlement of each agent.

    Returns: one row per credit, columns as FIELDS name them; instants as text.
    """
    settlement = pl.col("agent_id").replace_strict(list(settlement_ids), list(settlement_ids.values()), return_dtype=pl.Int64)
    verified_at = pl.from_epoch("verified_us", time_unit="us").dt.to_string("%Y-%m-%d %H:%M:%S%.6f+00")
    columns = (
        settlement.alias("settlement"),
        pl.col("agent_id").alias("agent"),
        pl.col("resolution_id").alias("resolution"),
        verified_at.alias("verified_at"),
        "price_micros",
        "credit_micros",
        pl.col("position").alias("line_position"),
    )
    return placed.select(columns).sort("agent", "resolution")


def _paying_lines(settled: Settled) -> list[tuple[int, str, int, int]]:
    """Return class, credit and position of each unit line; of two alike, the last."""
    found: dict[tuple[str, int], int] = {}
    for position, line in enumerate(settled.pay.lines, start=1):
        if line.kind == "unit":
            is_each = line.rule.startswith("unit.each")
            credit = int(Fraction(line.inputs["credit"]) * money.MICROS) if is_each else ANY_CREDIT
            found[(line.inputs.get("class", ANY_CLASS), credit)] = position
    return [(settled.inputs.payee.agent_id, code, credit, position) for (code, credit), position in found.items()]


def _fixed_amounts(settled: Settled) -> list[tuple[int, str, int]]:
    """Return what each credited class is worth under a plan of fixed amounts."""
    unit = settled.plan.pay.unit
    if unit is None or unit.basis != "fixed":
        return []
    return [(settled.inputs.payee.agent_id, code, int(amount * money.MICROS)) for code, amount in unit.amounts.items()]
