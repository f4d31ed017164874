"""References that people and banks repeat when they mean a statement or a payment."""

from billing.models import Settlement


def statement_reference(*, settlement: Settlement) -> str:
    """Return the reference that a person gives when they ask about a statement, for example S-2016-03-0417."""
    return f"S-{settlement.period_start:%Y-%m}-{settlement.pk:04d}"


def payment_reference(*, settlement: Settlement, attempt: int) -> str:
    """Return the end-to-end reference of a payment; each attempt has its own, so that an answer means one of them."""
    return f"{statement_reference(settlement=settlement)}-{attempt}"
