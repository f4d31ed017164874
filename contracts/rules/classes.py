"""A class of cases as one text: its query type, a slash, its channel, as in billing/refund/chat.

"any" stands in the place of what is not known of a case, and of what a row of terms does not ask for.
"""

ANY = "any"
ANY_CLASS = f"{ANY}/{ANY}"


def join_class(*, query_type: str | None, channel: str | None) -> str:
    """Write a class.

    Args:
        query_type: its code, which may have slashes of its own; none or empty for any.
        channel: its code, without a slash; none or empty for any.

    Source: design.md section 3, "Class".

    >>> join_class(query_type="billing/refund", channel="chat"), join_class(query_type=None, channel=None)
    ('billing/refund/chat', 'any/any')
    """
    return f"{query_type or ANY}/{channel or ANY}"


def split_class(*, code: str) -> tuple[str | None, str | None]:
    """Take a class apart.

    Args:
        code: as `join_class` writes it; a text without a slash is a channel.

    Returns: the codes of the query type and of the channel, each none for any.
    Source: design.md section 3, "Class".

    >>> split_class(code="billing/refund/chat"), split_class(code="any/chat"), split_class(code="chat")
    (('billing/refund', 'chat'), (None, 'chat'), (None, 'chat'))
    """
    query_type, _, channel = code.rpartition("/")
    return _known(query_type), _known(channel)


def _known(code: str) -> str | None:
    return None if code in ("", ANY) else code
