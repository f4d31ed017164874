"""The one shape of a refused input: where it is wrong, and what to do about it."""

from collections.abc import Iterable

PathPart = str | int


class InvalidInput(ValueError):
    """Terms or facts that a rule refuses; nothing was computed.

    Args:
        message: what is wrong, for whom, and what to do next, as one sentence.
        path: where in the caller's document the fault lies, outermost part first.
    """

    def __init__(self, message: str, *, path: tuple[PathPart, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.path = path

    def inside(self, *outer: PathPart) -> "InvalidInput":
        """Return the same refusal, seen from a document that holds this one at `outer`."""
        return type(self)(self.message, path=(*outer, *self.path))


def point_to(*, path: Iterable[PathPart]) -> str:
    """Write a place in a document as a JSON pointer.

    Args:
        path: names and positions, outermost first.

    Returns: the pointer; empty for the whole document.
    Source: RFC 6901.

    >>> point_to(path=("price", "tiers", 1, "up/to"))
    '/price/tiers/1/up~1to'
    """
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
