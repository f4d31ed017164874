"""What the demo's clients get for what they pay: what they state about before, and what is counted of the months."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import yaml

from agents.operations.resolutions.count_first_contacts import count_first_contacts
from billing.operations.count_value import count_value
from contracts.models import Channel, Contract, ValueBaseline
from ppr_portal.demo import accounts, company

Progress = Callable[[str, int, int], None]
STATED_FROM = date(2016, 1, 1)


class BaselineDefinition(company.Row):
    """What one contract, or one channel of it, was like before."""

    contract: str
    channel: str | None = None
    contact: Decimal
    contacts: Decimal
    fcr: Decimal | None = None
    csat: Decimal | None = None
    repeat: Decimal | None = None
    source: str


class ValueDefinition(company.Row):
    """Everything that the file tells."""

    baselines: tuple[BaselineDefinition, ...]


def report_value(progress: Progress) -> str:
    """State what was before, and count every month that is there."""
    stated = sum(_state(found) for found in load_value().baselines)
    progress("Counting", 0, 1)
    now = company.load_company().now
    report = count_value(as_of=now)
    count_first_contacts(as_of=now)
    brought = accounts.bring_accounts()
    return f"{stated} baselines stated, {report.changed_count} months counted, {brought}"


def load_value() -> ValueDefinition:
    """Read the file; every scalar is text until its type parses it."""
    document = yaml.load((company.DATA_DIR / "value.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 (reads text alone)
    return ValueDefinition.model_validate(document)


def _state(found: BaselineDefinition) -> bool:
    values = {
        "contact_micros": company.to_micros(found.contact),
        "contacts_per_resolution": found.contacts,
        "fcr_bp": _percent(found.fcr),
        "csat_bp": _percent(found.csat),
        "repeat_micros": None if found.repeat is None else company.to_micros(found.repeat),
        "source": found.source,
    }
    _baseline, is_new = ValueBaseline.objects.get_or_create(
        contract=Contract.objects.get(code=found.contract),
        channel=Channel.objects.get(code=found.channel) if found.channel else None,
        starts_on=STATED_FROM,
        currency=company.load_company().currency,
        defaults=values,
    )
    return is_new


def _percent(rate: Decimal | None) -> int | None:
    return None if rate is None else company.to_basis_points(rate)
