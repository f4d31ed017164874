"""The demo company as data: reads `data/company.yaml`, `people.csv` and `locations.csv`, and refuses what it does not know.

Every scalar is read as text and then parsed by its type, so that no amount ever passes through a float.
"""

import csv
import functools
import pathlib
from datetime import date, datetime
from decimal import Decimal

import yaml
from pydantic import BaseModel, ConfigDict

DATA_DIR = pathlib.Path(__file__).resolve().parent / "data"
INCIDENT_LOG = DATA_DIR / "uci-incidents.csv.gz"
MICROS = 1_000_000
BASIS_POINTS = 100


class Row(BaseModel):
    """A part of the definition; a typing error in a name is an error, not a default."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Column(Row):
    """Where something stands in the log."""

    column: str
    only_when_resolved: bool = False


class MappingDefinition(Row):
    """How the log is read."""

    date_format: str
    missing: tuple[str, ...]
    note: str
    columns: dict[str, Column | str]
    states: dict[str, str]
    channels: dict[str, str]


class SourceDefinition(Row):
    """The system that the records come from."""

    code: str
    name: str
    vendor: str
    attribution: str
    mapping: MappingDefinition


class ChannelDefinition(Row):
    """A way that contacts come in."""

    name: str
    is_voice: bool
    is_digital: bool


class QueryTypes(Row):
    """A first-level query type and the log's categories below it."""

    name: str
    categories: tuple[int, ...]


class RateTier(Row):
    """A band of a rate; without `up_to` it has no end."""

    up_to: int | None = None
    price: Decimal


class Rate(Row):
    """A row of a rate card; a missing field means any."""

    query_type: str | None = None
    channel: str | None = None
    price: Decimal | None = None
    tiers: tuple[RateTier, ...] = ()


class PolicyOverride(Row):
    """What one class does differently."""

    query_type: str | None = None
    channel: str | None = None
    delivery_model: str = ""
    silence_window_hours: int | None = None


class VersionDefinition(Row):
    """One version of a contract."""

    start: date
    end: date | None = None
    note: str
    policy: dict[str, str]
    overrides: tuple[PolicyOverride, ...] = ()
    rates: tuple[Rate, ...]


class ContractDefinition(Row):
    """A client's contract."""

    code: str
    name: str
    timezone: str


class AddressDefinition(Row):
    """Who somebody is on an invoice."""

    legal_name: str
    street: str
    postcode: str
    city: str
    country: str
    tax_id: str = ""
    email: str = ""


class BuyerDefinition(AddressDefinition):
    """How a client stands on its invoices."""

    attention: str = ""
    reference: str = ""


class SellerDefinition(AddressDefinition):
    """Who issues invoices, and with which numbers."""

    code: str
    invoice_prefix: str
    first_invoice: int
    credit_note_prefix: str


class PaymentDefinition(Row):
    """A payment that a client made."""

    client: str
    amount: Decimal
    received_at: datetime
    reference: str


class BillingDefinition(Row):
    """How the first month was billed."""

    known_at: datetime
    finalized_by: str
    seller: SellerDefinition
    payment: PaymentDefinition


class ClientDefinition(Row):
    """A company that pays for resolutions."""

    code: str
    name: str
    buyer: BuyerDefinition
    contract: ContractDefinition
    versions: tuple[VersionDefinition, ...]


class ShareTier(Row):
    """A band of the agent's own count in a period, and the share of the price in percent."""

    up_to: int | None = None
    share: Decimal


class QualityCurve(Row):
    """Two points of the quality curve, in percent."""

    low_score: Decimal
    low_multiplier: Decimal
    high_score: Decimal
    high_multiplier: Decimal


class PayPlanDefinition(Row):
    """What agents on one plan get."""

    code: str
    name: str
    start: date
    note: str
    base_hourly: Decimal
    guaranteed_hourly: Decimal | None = None
    clawback: Decimal
    basis: str
    tiers: tuple[ShareTier, ...]
    metrics: dict[str, Decimal]
    quality: QualityCurve


class SiteDefinition(Row):
    """A place that people work at."""

    name: str
    timezone: str


class TeamDefinition(Row):
    """A team; `groups` says which of the log's assignment groups it stands for."""

    code: str
    name: str
    site: str
    groups: str
    lead: str


class PersonDefinition(Row):
    """Somebody who signs in and is no agent."""

    sign_in: str
    name: str
    roles: tuple[str, ...]
    client: str | None = None


class Reference(Row):
    """A made-up reference rate; a missing class field means any."""

    metric: str
    query_type: str | None = None
    channel: str | None = None
    successes: int
    results: int


class Close(Row):
    """How the first pay period was closed, and who did it; a run that owes more than `approves_alone` takes two people."""

    period_start: date
    known_at: datetime
    approves_alone: int
    first_approved_at: datetime
    first_approver: str
    approved_at: datetime
    posted_at: datetime
    approver: str


class FewSurveys(Row):
    """An agent whom few customers answer, to show how a small sample is treated."""

    agent: str
    count: int
    start: datetime


class Hostile(Row):
    """How many of an agent's last customers before a moment are hostile."""

    agent: str
    count: int
    until: datetime


class Showcase(Row):
    """What the first screens show: an agent with a guardrail, a reversal and a dispute, and one with three surveys."""

    agent: str
    few_surveys: FewSurveys
    hostile: tuple[Hostile, ...]
    dispute_at: datetime
    reversal_at: datetime
    reversal_by: str


class Company(Row):
    """Everything that the demo makes up."""

    company: str
    currency: str
    now: datetime
    log_timezone: str
    source: SourceDefinition
    channels: dict[str, ChannelDefinition]
    query_types: dict[str, QueryTypes]
    clients: tuple[ClientDefinition, ...]
    pay_plans: tuple[PayPlanDefinition, ...]
    sites: dict[str, SiteDefinition]
    teams: tuple[TeamDefinition, ...]
    domain: str
    people: tuple[PersonDefinition, ...]
    references: tuple[Reference, ...]
    close: Close
    billing: BillingDefinition
    showcase: Showcase


class Words(Row):
    """What customers, reviewers and leads say in the demo."""

    class Comment(Row):
        """A customer's words and the expectations they speak of."""

        words: str
        tags: tuple[str, ...]

    favorable: tuple[Comment, ...]
    unfavorable: tuple[Comment, ...]
    qa_passed: tuple[str, ...]
    qa_missed: tuple[str, ...]
    coaching: tuple[str, ...]
    dispute: str
    reversal: str


class AgentDefinition(Row):
    """An agent, and the name under which the log credits them."""

    code: str
    name: str
    resolved_by: str
    team: str
    plan: str
    employed_from: date


@functools.cache
def load_company() -> Company:
    """Return the definition in company.yaml."""
    return Company.model_validate(_read_yaml("company.yaml"))


@functools.cache
def load_words() -> Words:
    """Return the words in words.yaml."""
    return Words.model_validate(_read_yaml("words.yaml"))


@functools.cache
def load_agents() -> tuple[AgentDefinition, ...]:
    """Return the agents in people.csv, in order of their codes."""
    with (DATA_DIR / "people.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(AgentDefinition.model_validate(row) for row in csv.DictReader(lines))


@functools.cache
def load_locations() -> dict[str, str]:
    """Return which place of the log belongs to which contract."""
    with (DATA_DIR / "locations.csv").open(encoding="utf-8", newline="") as lines:
        return {row["location"]: row["contract"] for row in csv.DictReader(lines)}


def to_micros(amount: Decimal) -> int:
    """Return a written amount in micros; the definition has at most six places, so nothing is rounded."""
    return int(amount * MICROS)


def to_basis_points(percent: Decimal) -> int:
    """Return written percent in basis points."""
    return int(percent * BASIS_POINTS)


def _read_yaml(name: str) -> object:
    # BaseLoader makes text of every scalar and nothing else, which is stricter than the safe loader.
    return yaml.load((DATA_DIR / name).read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
