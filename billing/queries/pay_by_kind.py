"""Pay summed by what it is for: the columns in which people compare agents."""

from dataclasses import dataclass

COLUMN_OF_KIND = {
    **dict.fromkeys(("base", "category", "rest", "nonproductive", "shift_differential", "overtime", "true_up"), "hours_micros"),
    **dict.fromkeys(("unit", "tier_uplift", "piece"), "unit_micros"),
    "quality": "quality_micros",
    **dict.fromkeys(("guardrail", "recovery"), "guardrail_micros"),
    "floor": "floor_micros",
}


@dataclass(kw_only=True)
class PayByKind:
    """Sums of lines. What fits no column is in `other_micros`, so the columns always add up to the lines."""

    hours_micros: int = 0
    unit_micros: int = 0
    quality_micros: int = 0
    guardrail_micros: int = 0
    floor_micros: int = 0
    other_micros: int = 0

    def add(self, *, kind: str, amount_micros: int) -> None:
        """Add the amount of a line to the column of its kind."""
        column = COLUMN_OF_KIND.get(kind, "other_micros")
        setattr(self, column, getattr(self, column) + amount_micros)
