"""Kinds of pay as payslips call them, and as people read them here."""

from collections.abc import Mapping
from typing import get_args

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.rules.pay import earnings

NOTHING = "none"
KINDS: tuple[str, ...] = get_args(earnings.Kind)
KIND_WORDS = {
    "unit": gettext_lazy("Resolutions"),
    "tier_uplift": gettext_lazy("Tier uplift"),
    "quality": gettext_lazy("Quality"),
    "guardrail": gettext_lazy("Premium withheld"),
    "recovery": gettext_lazy("Paid recovery"),
    "base": gettext_lazy("Base pay"),
    "category": gettext_lazy("Pay of a time category"),
    "rest": gettext_lazy("Rest breaks"),
    "nonproductive": gettext_lazy("Non-productive time"),
    "piece": gettext_lazy("Piece pay"),
    "bonus": gettext_lazy("Bonus"),
    "commission": gettext_lazy("Commission"),
    "shift_differential": gettext_lazy("Shift differential"),
    "floor": gettext_lazy("Top-up to a minimum"),
    "overtime": gettext_lazy("Overtime"),
    "true_up": gettext_lazy("True-up"),
    "holdback": gettext_lazy("Held back"),
    "release": gettext_lazy("Released"),
    "draw": gettext_lazy("Draw"),
    "draw_recovery": gettext_lazy("Draw paid back"),
    "cap": gettext_lazy("Above the cap"),
    "cap_release": gettext_lazy("Released from the cap"),
    "adjustment": gettext_lazy("Adjustment"),
    "reversal": gettext_lazy("Reversal"),
}
# What payslips often call a kind of pay.
OFTEN = {
    **dict.fromkeys(("base", "hourly", "hourly pay", "salary", "regular"), "base"),
    **dict.fromkeys(("units", "piece rate", "per resolution", "resolutions paid", "per case"), "unit"),
    **dict.fromkeys(("top-up", "minimum wage top-up", "guarantee"), "floor"),
}


def list_meanings() -> list[tuple[str, str]]:
    """Return what a label of theirs can mean: a kind of pay, or nothing here."""
    return [*((f"kind:{kind}", str(KIND_WORDS.get(kind, kind))) for kind in KINDS), (NOTHING, _("Nothing here"))]


def suggest_meaning(*, keys: Mapping[str, str]) -> str:
    """Return the kind of pay that a label names; empty if nothing fits."""
    label = keys.get("kind", "").casefold().strip()
    words = {str(text).casefold(): kind for kind, text in KIND_WORDS.items()} | OFTEN
    found = label.replace(" ", "_") if label.replace(" ", "_") in KINDS else words.get(label)
    return f"kind:{found}" if found else ""


def name_of(*, kind: str) -> str:
    """Name a kind of pay as people read it."""
    return str(KIND_WORDS.get(kind, kind))
