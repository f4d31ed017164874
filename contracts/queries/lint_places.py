"""Where a finding lies, as the pages of the administration call it."""

from contracts.rules import errors

NAMES = {
    "rows": "Rate card",
    "tiers": "tier",
    "price": "",
    "steps": "",
    "quality": "Quality",
    "unit": "Units and tiers",
    "draw": "Draw",
    "cap": "Cap",
    "guardrails": "Limits",
    "category_rates": "Category rates",
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
    first, *rest = told or ["This version"]
    return ", ".join((first[:1].upper() + first[1:], *rest))
