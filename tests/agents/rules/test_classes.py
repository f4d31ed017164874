"""Classes are written row by row as they are one by one, and taken apart again."""

import polars as pl
import pytest

from agents.rules.frames import classes as frames
from contracts.rules import classes

PARTS = [
    ("billing/refund", "chat", "billing/refund/chat"),
    (None, "chat", "any/chat"),
    ("billing", None, "billing/any"),
    (None, None, "any/any"),
]


@pytest.mark.parametrize(("query_type", "channel", "code"), PARTS)
def test_a_class_is_written_and_taken_apart_again(query_type: str | None, channel: str | None, code: str) -> None:
    assert classes.join_class(query_type=query_type, channel=channel) == code
    assert classes.split_class(code=code) == (query_type, channel)


def test_columns_say_the_same() -> None:
    frame = pl.DataFrame([part[:2] for part in PARTS], schema={"query_type": pl.String(), "channel": pl.String()}, orient="row")
    written = frame.select(frames.join_classes(query_type=pl.col("query_type"), channel=pl.col("channel"))).to_series()
    assert written.to_list() == [code for *_, code in PARTS]
