"""Numbers of rows, as addresses and forms write them."""

# A bigint holds whatever has so many digits; Python refuses to read some thousands of them.
DIGITS_MAX = 18


def read_id(text: str) -> int | None:
    """Return the number of a row that a text is; none for anything that can be the number of no row.

    >>> read_id("12"), read_id("x"), read_id("9" * 19)
    (12, None, None)
    """
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= DIGITS_MAX else None
