"""What a pay line is called. Its label is stored in English with the line; people read it in their own language."""

from billing.rules.pay import carried
from contracts.translation import gettext_lazy

LABELS = {
    "Above the cap, deferred": gettext_lazy("Above the cap, deferred"),
    "Adjustment": gettext_lazy("Adjustment"),
    "After contact work": gettext_lazy("After contact work"),
    "Available waiting": gettext_lazy("Available waiting"),
    "Base pay": gettext_lazy("Base pay"),
    "Bonus": gettext_lazy("Bonus"),
    "Commission": gettext_lazy("Commission"),
    "Deferred pay released": gettext_lazy("Deferred pay released"),
    "Double holiday on rest day": gettext_lazy("Double holiday on rest day"),
    "Double holiday": gettext_lazy("Double holiday"),
    "Double-time premium": gettext_lazy("Double-time premium"),
    "Draw repaid": gettext_lazy("Draw repaid"),
    "Draw": gettext_lazy("Draw"),
    "Flat sum in double time": gettext_lazy("Flat sum in double time"),
    "Flat sum in overtime": gettext_lazy("Flat sum in overtime"),
    "Guarantee top-up": gettext_lazy("Guarantee top-up"),
    "Held back": gettext_lazy("Held back"),
    "Holiday": gettext_lazy("Holiday"),
    "Hours beyond the salary": gettext_lazy("Hours beyond the salary"),
    "Minimum wage top-up": gettext_lazy("Minimum wage top-up"),
    "Night differential": gettext_lazy("Night differential"),
    "Nonproductive": gettext_lazy("Nonproductive"),
    "Overtime hours beside the salary": gettext_lazy("Overtime hours beside the salary"),
    "Salary, part of the week": gettext_lazy("Salary, part of the week"),
    "Overtime premium": gettext_lazy("Overtime premium"),
    "Overtime, double holiday on rest day": gettext_lazy("Overtime, double holiday on rest day"),
    "Overtime, double holiday": gettext_lazy("Overtime, double holiday"),
    "Overtime, regular holiday on rest day": gettext_lazy("Overtime, regular holiday on rest day"),
    "Overtime, regular holiday on special day on rest day": gettext_lazy("Overtime, regular holiday on special day on rest day"),
    "Overtime, regular holiday on special day": gettext_lazy("Overtime, regular holiday on special day"),
    "Overtime, regular holiday": gettext_lazy("Overtime, regular holiday"),
    "Overtime, rest day": gettext_lazy("Overtime, rest day"),
    "Overtime, special day on rest day": gettext_lazy("Overtime, special day on rest day"),
    "Overtime, special day": gettext_lazy("Overtime, special day"),
    "Paid recovery": gettext_lazy("Paid recovery"),
    "Percent bonus": gettext_lazy("Percent bonus"),
    "Piece pay": gettext_lazy("Piece pay"),
    "Premium suspended": gettext_lazy("Premium suspended"),
    "Productive": gettext_lazy("Productive"),
    "Quality": gettext_lazy("Quality"),
    "Regular holiday on rest day": gettext_lazy("Regular holiday on rest day"),
    "Regular holiday on special day on rest day": gettext_lazy("Regular holiday on special day on rest day"),
    "Regular holiday on special day": gettext_lazy("Regular holiday on special day"),
    "Regular holiday": gettext_lazy("Regular holiday"),
    "Resolutions": gettext_lazy("Resolutions"),
    "Rest break": gettext_lazy("Rest break"),
    "Rest breaks": gettext_lazy("Rest breaks"),
    "Rest day": gettext_lazy("Rest day"),
    "Salary": gettext_lazy("Salary"),
    "Shift differential": gettext_lazy("Shift differential"),
    "Special day on rest day": gettext_lazy("Special day on rest day"),
    "Special day": gettext_lazy("Special day"),
    "System boot": gettext_lazy("System boot"),
    "Taken back from earlier periods": gettext_lazy("Taken back from earlier periods"),
    "Training": gettext_lazy("Training"),
}
# Labels that end in a name or a number of their own.
BEGINNINGS = {
    "Overtime of the week of ": gettext_lazy("Overtime of the week of %(what)s"),
    "Pay above ": gettext_lazy("Pay above %(what)s"),
    "Released for ": gettext_lazy("Released for %(what)s"),
    "Share above ": gettext_lazy("Share above %(what)s"),
    "Taken back for ": gettext_lazy("Taken back for %(what)s"),
}
# How a label ends that is of hours an earlier period paid.
EARLIER = gettext_lazy("%(what)s, earlier part of the week")


def tell_label(label: str) -> str:
    """Return a stored label in the reader's language; one that a person wrote stays as it is."""
    if label in LABELS:
        return str(LABELS[label])
    if label.endswith(carried.EARLIER):
        return str(EARLIER) % {"what": tell_label(label.removesuffix(carried.EARLIER))}
    for beginning, told in BEGINNINGS.items():
        if label.startswith(beginning):
            return told % {"what": label.removeprefix(beginning)}
    return label
