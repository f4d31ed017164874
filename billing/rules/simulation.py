"""What a simulation counts and compares: resolutions by what became of them, prices by class, and another rate of reopening."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from agents.rules.frames import classes
from billing.rules import allocation, money

BASIS_POINTS = 10_000


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What became of the resolutions claimed in some days; each is in exactly one of the first six.

    Args:
        verified: confirmed or assumed, and counted.
        capped: verified, but another one of the case or the customer counts.
        pending: not verified yet.
        reopened: the customer came back, and it does not count.
        kept: the customer came back, and it counts all the same.
        void: excluded, merged, or not counted.
        total: all of them.
    """

    verified: int
    capped: int
    pending: int
    reopened: int
    kept: int
    void: int
    total: int


@dataclass(frozen=True, kw_only=True)
class ClassRow:
    """A class as it is and as it would be: units billed, what they were rated at, and its part of the agents' pay, exact."""

    code: str
    now_count: int
    then_count: int
    now: Fraction
    then: Fraction
    now_pay: Fraction | None = None
    then_pay: Fraction | None = None

    @property
    def difference(self) -> Fraction:
        """What it would be rated at more."""
        return self.then - self.now


def count_states(*, units: pl.DataFrame) -> Counts:
    """Count resolutions by what became of them.

    Args:
        units: one row per resolution: state str, is_payable bool, reason str.

    Returns: the counts; they add up to the total.
    Source: design.md section 10; docs/simulator.md.

    >>> rows = [("confirmed", True, "counted"), ("assumed", False, "cap_once_per_case"), ("reopened", True, "counted")]
    >>> frame = pl.DataFrame(rows, schema=["state", "is_payable", "reason"], orient="row")
    >>> count_states(units=frame)
    Counts(verified=1, capped=1, pending=0, reopened=0, kept=1, void=0, total=3)
    """
    is_verified = pl.col("state").is_in(["confirmed", "assumed"])
    is_reopened, is_payable = pl.col("state") == "reopened", pl.col("is_payable")
    found = units.select(
        verified=(is_verified & is_payable).sum(),
        capped=(is_verified & ~is_payable).sum(),
        pending=(pl.col("state") == "pending").sum(),
        reopened=(is_reopened & ~is_payable).sum(),
        kept=(is_reopened & is_payable).sum(),
        void=(pl.col("state") == "void").sum(),
        total=pl.len(),
    ).row(0, named=True)
    return Counts(**found)


def compare_classes(*, now: pl.DataFrame, then: pl.DataFrame) -> tuple[ClassRow, ...]:
    """Put two ratings side by side, class by class.

    Args:
        now, then: one row per rated resolution: query_type str, channel str, amount_micros i64.

    Returns: one row per class of either, those that differ most first, then by code.
    Source: design.md section 10; docs/simulator.md.

    >>> rated = pl.DataFrame({"query_type": ["a"], "channel": ["chat"], "amount_micros": [2_000_000]})
    >>> compare_classes(now=rated, then=rated.with_columns(amount_micros=3_000_000))[0].difference
    Fraction(1, 1)
    """
    sums = [_sum_classes(frame) for frame in (now, then)]
    rows = [
        ClassRow(
            code=code,
            now_count=sums[0].get(code, (0, 0))[0],
            then_count=sums[1].get(code, (0, 0))[0],
            now=Fraction(sums[0].get(code, (0, 0))[1], money.MICROS),
            then=Fraction(sums[1].get(code, (0, 0))[1], money.MICROS),
        )
        for code in {**sums[0], **sums[1]}
    ]
    return tuple(sorted(rows, key=lambda row: (-abs(row.difference), -row.now, row.code)))


def share_pay(*, rated: Mapping[str, Fraction], pay: Fraction, rounding: money.Round) -> dict[str, Fraction]:
    """Share pay between classes by what each was rated at; parts by largest remainder add up to the pay.

    Args:
        rated: by class, major unit, zero or more.
        pay: major unit, in the same currency.
        rounding: the currency's places.

    Source: docs/simulator.md.

    >>> shared = share_pay(rated={"a": Fraction(3), "b": Fraction(1)}, pay=Fraction(2), rounding=money.Round(places=2))
    >>> [(code, str(part)) for code, part in shared.items()]
    [('a', '3/2'), ('b', '1/2')]
    """
    if not any(rated.values()):
        return {}
    codes = sorted(rated)
    split = allocation.allocate_amount(amount=pay, weights=[rated[code] for code in codes], rounding=rounding, keys=codes)
    return dict(zip(codes, split.parts, strict=True))


def change_reopens(*, units: pl.DataFrame, part: Fraction) -> pl.DataFrame:
    """Let more or fewer customers come back: a part of the reopened resolutions more fall, or fewer, evenly over time.

    Args:
        units: one row per resolution: case_id, number, case_key, state, reason, is_payable, outcome, price_bp, resolved_us,
            verified_us, reopened_us.
        part: of the resolutions that fell by a return, from -1 (nobody comes back) upward; 1/2 is half as many again.

    Returns: the frame with others reopened. One that stands after all counts from when it was verified, or else from when
        the customer came back in truth, and no later resolution of its case counts beside it. One that falls has no
        later resolution.
    Source: design.md section 10; docs/simulator.md, "Another rate of reopening".
    """
    has_fallen = (pl.col("state") == "reopened") & ~pl.col("is_payable") & pl.coalesce("verified_us", "reopened_us").is_not_null()
    count = units.select(has_fallen.sum()).item()
    wanted = abs(int(part * count))
    if not wanted:
        return units
    return _stand(units, has_fallen, wanted) if part < 0 else _fall(units, wanted)


def _sum_classes(frame: pl.DataFrame) -> dict[str, tuple[int, int]]:
    code = classes.join_classes(query_type=pl.col("query_type"), channel=pl.col("channel"))
    summed = frame.group_by(code.alias("code")).agg(count=pl.len(), micros=pl.col("amount_micros").sum()).sort("code")
    return {code: (count, micros) for code, count, micros in summed.iter_rows()}


def _choose(units: pl.DataFrame, among: pl.Expr, wanted: int) -> pl.DataFrame:
    """Choose rows evenly over time: the wanted count of those among which it is chosen, case_id and number."""
    ordered = units.filter(among).sort("resolved_us", "case_key", "number").select("case_id", "number")
    total = max(1, ordered.height)
    place = pl.int_range(1, pl.len() + 1, dtype=pl.Int64)
    return ordered.filter(place * wanted // total > (place - 1) * wanted // total)


def _stand(units: pl.DataFrame, has_fallen: pl.Expr, wanted: int) -> pl.DataFrame:
    chosen = _choose(units, has_fallen, wanted).unique("case_id", keep="first", maintain_order=True)
    marked = units.join(chosen.with_columns(_stands=pl.lit(value=True)), on=["case_id", "number"], how="left", maintain_order="left")
    stands = pl.col("_stands").fill_null(value=False)
    is_beside = pl.col("case_id").is_in(chosen["case_id"].implode()) & ~stands & pl.col("is_payable")
    return marked.with_columns(
        state=pl.when(stands).then(pl.lit("assumed")).otherwise("state"),
        reason=pl.when(stands).then(pl.lit("counted")).when(is_beside).then(pl.lit("cap_once_per_case")).otherwise("reason"),
        outcome=pl.when(stands).then(pl.coalesce("outcome", pl.lit("assumed"))).otherwise("outcome"),
        verified_us=pl.when(stands).then(pl.coalesce("verified_us", "reopened_us")).otherwise("verified_us"),
        price_bp=pl.when(stands).then(pl.lit(BASIS_POINTS, dtype=pl.Int64)).otherwise("price_bp"),
        is_payable=(pl.col("is_payable") | stands) & ~is_beside,
    ).drop("_stands")


def _fall(units: pl.DataFrame, wanted: int) -> pl.DataFrame:
    counted = pl.col("is_payable") & pl.col("state").is_in(["confirmed", "assumed"])
    chosen = _choose(units, counted, wanted).with_columns(_falls=pl.lit(value=True))
    marked = units.join(chosen, on=["case_id", "number"], how="left", maintain_order="left")
    falls = pl.col("_falls").fill_null(value=False)
    return marked.with_columns(
        state=pl.when(falls).then(pl.lit("reopened")).otherwise("state"),
        reason=pl.when(falls).then(pl.lit("reopened")).otherwise("reason"),
        is_payable=pl.col("is_payable") & ~falls,
    ).drop("_falls")
