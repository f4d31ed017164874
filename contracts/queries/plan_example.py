"""A worked example of a pay plan, computed by whoever computes pay: this app imports no other, so the portal brings them together."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from contracts import models as terms


@dataclass(frozen=True, kw_only=True)
class ExampleLine:
    """One line of the example: what it is for, how it is made, and the amount as text."""

    label: str
    how: str
    amount: str


@dataclass(frozen=True, kw_only=True)
class Example:
    """What an agent would be paid for a month that is described in one sentence; `refusal` says why there is none."""

    story: str = ""
    lines: tuple[ExampleLine, ...] = ()
    total: str = ""
    currency: str = ""
    refusal: str = ""


_sources: list[Callable[[terms.PayPlanVersion], Example]] = []


def register_example(*, source: Callable[[terms.PayPlanVersion], Example]) -> None:
    """Name the one who computes pay."""
    _sources[:] = [source]


def find_example(*, version: terms.PayPlanVersion) -> Example:
    """Return the worked example of a stored version; without anybody who computes pay, none."""
    return _sources[0](version) if _sources else Example(refusal=_("Nobody computes pay here."))
