"""Numbers without a gap."""

from billing.models import NumberSeries


def take_number(*, series_id: int) -> str:
    """Take the next number of a series, inside the caller's transaction: if that is undone, the number is free again.

    Others who want a number wait until the transaction ends, so numbers have neither gaps nor doubles.

    Args:
        series_id: the series.

    Returns: prefix and number, filled with zeros in front.
    Raises: TransactionManagementError outside a transaction.
    Source: design.md section 5, "gap-free number under a lock".
    """
    series = NumberSeries.objects.select_for_update().get(pk=series_id)
    number = series.next_number
    series.next_number = number + 1
    series.save(update_fields=["next_number"])
    return f"{series.prefix}{number:0{series.width}d}"
