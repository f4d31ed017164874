"""Rating a million resolutions under every price shape, beside the same sums as one SQL statement, and correcting reopened cases."""

from collections.abc import Iterator
from datetime import date

import polars as pl
from django.db import connection

from benchmarks.measurement import Measurement, timed
from billing.rules import booking
from contracts.rules import rate_cards
from contracts.rules.exact import parse_exact

RESOLUTIONS = 1_000_000
CONTRACTS = 20
REOPENED = 10_000
MARCH = date(2016, 3, 1)

# One row of each shape, in turn, for each contract; the SQL below prices the same rows.
SHAPES: tuple[rate_cards.Price, ...] = (
    rate_cards.PerUnit(unit_amount=parse_exact(text="0.99")),
    rate_cards.Graduated(
        tiers=(
            rate_cards.Tier(up_to=parse_exact(text="20000"), unit_amount=parse_exact(text="1.10")),
            rate_cards.Tier(unit_amount=parse_exact(text="0.90")),
        )
    ),
    rate_cards.Volume(
        tiers=(
            rate_cards.Tier(up_to=parse_exact(text="20000"), unit_amount=parse_exact(text="1.10")),
            rate_cards.Tier(unit_amount=parse_exact(text="0.90")),
        )
    ),
    rate_cards.Package(package_size=parse_exact(text="50"), package_amount=parse_exact(text="40")),
    rate_cards.Percentage(rate_percent=parse_exact(text="2.5"), fixed_amount=parse_exact(text="0.30")),
    rate_cards.GraduatedPercentage(
        tiers=(
            rate_cards.PercentageTier(up_to=parse_exact(text="100000"), rate_percent=parse_exact(text="2")),
            rate_cards.PercentageTier(rate_percent=parse_exact(text="1")),
        )
    ),
)

MAKE = f"""
    CREATE TEMPORARY TABLE rated AS
    SELECT i AS resolution_id, i %% {CONTRACTS} + 1 AS version_id, i %% {CONTRACTS} + 1 AS row_id, (i %% {CONTRACTS}) %% 6 AS shape,
           i::bigint * 7919 %% 2678400000 AS verified_us, lpad(i::text, 9, '0') AS case_key, 1 AS number,
           (1000 + i %% 9000)::bigint * 10000 AS value_micros
    FROM generate_series(1, {RESOLUTIONS}) AS i""".replace("%%", "%")

SQL = """
    WITH placed AS (
        SELECT row_id, shape, value_micros,
               row_number() OVER w AS place, sum(value_micros) OVER w AS running, count(*) OVER (PARTITION BY row_id) AS total
        FROM rated WINDOW w AS (PARTITION BY row_id ORDER BY verified_us, case_key, number)),
    priced AS (
        SELECT row_id, CASE shape
            WHEN 0 THEN 990000
            WHEN 1 THEN CASE WHEN place <= 20000 THEN 1100000 ELSE 900000 END
            WHEN 2 THEN CASE WHEN total <= 20000 THEN 1100000 ELSE 900000 END
            WHEN 3 THEN CASE WHEN (place - 1) % 50 = 0 THEN 40000000 ELSE 0 END
            WHEN 4 THEN value_micros * 25 / 1000 + 300000
            ELSE (least(running, 100000000000) - least(running - value_micros, 100000000000)) * 2 / 100
               + (greatest(running, 100000000000) - greatest(running - value_micros, 100000000000)) / 100 END AS amount
        FROM placed)
    SELECT row_id, sum(amount)::bigint FROM priced GROUP BY row_id ORDER BY row_id"""


def measure() -> Iterator[Measurement]:
    """Measure the sums in SQL, the rating with a price for every single resolution, and the correction of reopened cases."""
    with connection.cursor() as cursor:
        cursor.execute(MAKE)
        cursor.execute("ANALYZE rated")
        with timed() as watch:
            cursor.execute(SQL)
            summed = {row_id: int(amount) for row_id, amount in cursor.fetchall()}
        yield Measurement("rating", "sums in one SQL statement", "resolutions", RESOLUTIONS, watch.seconds)
    payable = _read()
    prices = {row_id: SHAPES[(row_id - 1) % 6] for row_id in range(1, CONTRACTS + 1)}
    with timed() as watch:
        rating = booking.rate_payable(payable=payable, prices=prices)
        totals = rating.rated.group_by("row_id").agg(pl.col("amount_micros").sum())
    yield Measurement("rating", "rules, a price for each", "resolutions", RESOLUTIONS, watch.seconds)
    found = dict(totals.iter_rows())
    if found != summed:
        raise AssertionError(f"The rules and the SQL statement disagree: {sorted(found.items() ^ summed.items())[:4]}")
    yield from _correct(payable, rating.rated, prices)


def _read() -> pl.DataFrame:
    content = bytearray()
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "COPY (SELECT resolution_id, version_id, row_id, verified_us, case_key, number, value_micros FROM rated) TO STDOUT CSV"
        ) as copy,
    ):
        for block in copy:
            content += bytes(block)
    names = ["resolution_id", "version_id", "row_id", "verified_us", "case_key", "number", "value_micros"]
    schema = {name: pl.String() if name == "case_key" else pl.Int64() for name in names}
    frame = pl.read_csv(bytes(content), has_header=False, schema=schema)
    return frame.with_columns(period_start=pl.lit(MARCH), price_bp=pl.lit(10_000, dtype=pl.Int64))


def _correct(payable: pl.DataFrame, rated: pl.DataFrame, prices: dict[int, rate_cards.Price]) -> Iterator[Measurement]:
    """Reopen cases of a month that is booked, and write the signed lines that follow."""
    booked = rated.select(*booking.KEY, "amount_micros", "list_micros", revision=pl.lit(1, dtype=pl.Int64), reason=pl.lit(""))
    # One in a hundred of every contract, so that tiers, packages and running values move behind each of them.
    every = RESOLUTIONS // REOPENED
    still = payable.filter(pl.col("resolution_id") // CONTRACTS % every != 0)
    with timed() as watch:
        lines = booking.write_differences(rated=booking.rate_payable(payable=still, prices=prices).rated, booked=booked)
    if lines.filter(pl.col("position") == 0).height > REOPENED:
        raise AssertionError("More cases were taken back than were reopened.")
    yield Measurement(
        "rating correction", f"{REOPENED:,} reopened in a month, {lines.height:,} lines", "resolutions", RESOLUTIONS, watch.seconds
    )
