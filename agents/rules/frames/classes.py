"""Classes of cases column by column, as `contracts/rules/classes.py` writes them one by one."""

import polars as pl

from contracts.rules import classes


def join_classes(*, query_type: pl.Expr, channel: pl.Expr) -> pl.Expr:
    """Write the class of each row.

    Args:
        query_type, channel: codes, str; null for any.

    Returns: str, as "billing/refund/chat".
    Source: `contracts/rules/classes.py`; equal to `join_class` row by row.

    >>> frame = pl.DataFrame({"q": ["billing/refund", None], "h": ["chat", None]})
    >>> frame.select(join_classes(query_type=pl.col("q"), channel=pl.col("h"))).to_series().to_list()
    ['billing/refund/chat', 'any/any']
    """
    return query_type.fill_null(classes.ANY) + "/" + channel.fill_null(classes.ANY)
