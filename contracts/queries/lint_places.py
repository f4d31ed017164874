"""Where a finding lies, as the pages of the administration call it."""

from django.utils.translation import gettext as _

from contracts.rules import errors
from contracts.translation import gettext_lazy

NAMES = {
    "rows": gettext_lazy("Rate card"),
    "tiers": "tier",
    "price": "",
    "steps": "",
    "quality": gettext_lazy("Quality"),
    "unit": gettext_lazy("Units and tiers"),
    "draw": gettext_lazy("Draw"),
    "cap": gettext_lazy("Cap"),
    "guardrails": gettext_lazy("Limits"),
    "category_rates": gettext_lazy("Category rates"),
}


def describe_place(*, path: tuple[errors.PathPart, ...]) -> str:
    """Return a finding's path in words, outermost first.

    >>> describe_place(path=("rows", 0, "price", "tiers", 1))
    'Rate card, row 1, tier 2'
    >>> describe_place(path=("quality", "low", "score"))
    'Quality, low, score'
    >>> describe_place(path=())
    'This version'
    """
    told: list[str] = []
    counted = ""
    for part in path:
        if isinstance(part, int):
            told.append(f"{'row' if counted == 'rows' else 'tier' if counted == 'tiers' else 'number'} {part + 1}")
        elif part != "tiers" and (name := NAMES.get(part, str(part).replace("_", " "))):
            told.append(name)
        counted = str(part)
    first, *rest = told or [_("This version")]
    return ", ".join((first[:1].upper() + first[1:], *rest))
