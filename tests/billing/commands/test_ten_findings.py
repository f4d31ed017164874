"""Each of the ten surprises that lint looks for, walked through as a document and as a stored version on its page.

Of each finding a person reads what is wrong, where it lies, how much money it is about, and what to do.
"""

import html
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from agents import models as work
from billing.calculator import lint as documents
from contracts import models as terms
from contracts import yaml_text
from contracts.operations import versions
from contracts.queries import lint
from tests import factories

pytestmark = pytest.mark.django_db

TODAY = date(2016, 4, 12)
JUNE = date(2016, 6, 1)
Version = terms.ContractVersion | terms.PayPlanVersion


@dataclass(frozen=True, kw_only=True)
class Surprise:
    """A finding: its document with place and amount, and the stored version with what its page says."""

    code: str
    document: str
    path: str
    amount: str | None
    store: Callable[[], Version]
    where: str
    at_stake: str
    words: str
    severity: str = "error"


def contract_draft() -> terms.ContractVersion:
    return versions.clone_version(version=factories.make_contract_version(), effective_from=JUNE)


def plan_draft(**changes: object) -> terms.PayPlanVersion:
    draft = versions.clone_version(version=factories.make_plan_version(), effective_from=JUNE)
    type(draft).objects.filter(pk=draft.pk).update(**changes)
    draft.refresh_from_db()
    return draft


def tiered(shape: str, *tiers: tuple[int | None, int]) -> terms.ContractVersion:
    draft = contract_draft()
    draft.rate_card_rows.all().delete()
    row = terms.RateCardRow.objects.create(version=draft, shape=shape)
    for up_to, micros in tiers:
        terms.RateTier.objects.create(row=row, up_to=up_to, unit_amount_micros=micros)
    return draft


def resolved(version: terms.ContractVersion, *, channel: terms.Channel, count: int = 1) -> list[work.Resolution]:
    """Verified and payable resolutions of yesterday, the class network/outage by a channel."""
    made = []
    for place in range(count):
        when = factories.NOON - timedelta(days=1, minutes=place)
        one = factories.make_resolution(agent=None, version=version, resolved_at=when, verified_at=when)
        changes = {"is_payable": True, "channel": channel, "query_type": factories.make_query_type()}
        work.Resolution.objects.filter(pk=one.pk).update(**changes)
        made.append(one)
    return made


def far_tier() -> terms.ContractVersion:
    """Six cases of a quarter are two a month, and twenty is ten times that."""
    draft = tiered("graduated", (20, 2_000_000), (None, 1_800_000))
    resolved(draft, channel=factories.make_channel(), count=6)
    return draft


def unpriced_class() -> terms.ContractVersion:
    draft = contract_draft()
    draft.rate_card_rows.update(channel=factories.make_channel())
    resolved(draft, channel=factories.make_channel(code="email", name="E-mail"), count=3)
    return draft


def below_cost() -> terms.ContractVersion:
    """Twenty cases of an hour each at 30.00 an hour, priced at 2.40."""
    draft = contract_draft()
    agent = factories.make_agent()
    work.CostRate.objects.create(currency="USD", starts_on=date(2016, 1, 1), hourly_micros=30_000_000)
    for one in resolved(draft, channel=factories.make_channel(), count=20):
        source = one.case.source
        identity, _ = work.SourceIdentity.objects.get_or_create(
            source=source, space="resolver", value=agent.code, defaults={"agent": agent}
        )
        at = factories.NOON - timedelta(days=1)
        work.CaseEvent.objects.create(
            case=one.case, source=source, key=f"contact-{one.pk}", type="contact", occurred_at=at, received_at=at,
            agent_identity=identity, handle_seconds=3_600,
        )  # fmt: skip
    return draft


def phone_row() -> terms.ContractVersion:
    draft = contract_draft()
    phone = terms.Channel.objects.create(code="line-1", name="Line 1", is_voice=True, is_digital=False)
    terms.RateCardRow.objects.create(version=draft, channel=phone, unit_amount_micros=6_000_000)
    return draft


def overlapping() -> terms.ContractVersion:
    draft = contract_draft()
    other = versions.clone_version(version=draft.contract.versions.get(number=1), effective_from=date(2016, 7, 1))
    versions.activate_version(version=other)
    return draft


def odd_weights() -> terms.PayPlanVersion:
    draft = plan_draft()
    draft.metrics.all().delete()
    for metric, weight_bp in (("csat", 6_000), ("qa", 3_900)):
        terms.PayPlanMetric.objects.create(version=draft, metric=metric, weight_bp=weight_bp)
    return draft


def out_of_reach() -> terms.PayPlanVersion:
    """Five an hour for 48 hours a week reach no tier that begins at 5,000."""
    draft = plan_draft()
    draft.tiers.all().delete()
    terms.PayPlanTier.objects.create(version=draft, up_to=5_000, share_bp=1_800)
    terms.PayPlanTier.objects.create(version=draft, share_bp=2_400)
    terms.PayPlanLimit.objects.create(version=draft, limit="pace", act=Decimal(5))
    return draft


SURPRISES = [
    Surprise(
        code="tier_unreachable",
        document="currency: USD\nprice:\n  shape: graduated\n"
        "  tiers: [{up_to: 5, unit_amount: 2}, {up_to: 5.5, unit_amount: 1.90}, {unit_amount: 1.80}]",
        path="/price/tiers/1",
        amount="0",
        store=far_tier,
        where="Rate card, row 1, tier 2",
        at_stake="0.00 USD, at last quarter's volume",
        words="last quarter had 6 cases, 2 a billing period",
        severity="warning",
    ),
    Surprise(
        code="cliff",
        document="currency: USD\nlint: {jump_max: 5}\nprice:\n  shape: graduated\n"
        "  tiers: [{up_to: 10, unit_amount: 1}, {unit_amount: 1, flat_amount: 8}]",
        path="/price/tiers/1",
        amount="9",
        store=lambda: tiered("volume", (10, 1_000_000), (None, 3_000_000)),
        where="Rate card, row 1, tier 2",
        at_stake="23.00 USD",
        words="One case more",
        severity="warning",
    ),
    Surprise(
        code="below_cost",
        document="currency: USD\nlint: {unit_cost: 2.00, count: 130}\nprice: {shape: per_unit, unit_amount: 1.90}",
        path="/price/unit_amount",
        amount="13",
        store=below_cost,
        where="Rate card, row 1",
        at_stake="552.00 USD",
        words="costs us 30.00; the 20 of last quarter lose 552.00",
        severity="warning",
    ),
    Surprise(
        code="class_without_price",
        document="kind: rate_card\ncurrency: USD\nrows: [{channel: chat, price: {shape: per_unit, unit_amount: 2}}]\n"
        "usage: [{query_type: warranty, channel: email, quantity: 41}]\nlint: {costs: [{unit_cost: 9.50}]}",
        path="/rows",
        amount="389.5",
        store=unpriced_class,
        where="Rate card",
        at_stake="not known",
        words="Last quarter had 3 cases of it",
    ),
    Surprise(
        code="voice_by_accident",
        document="kind: rate_card\ncurrency: USD\nrows: [{channel: phone, price: {shape: per_unit, unit_amount: 6}}]\nusage: []",
        path="/rows/0/channel",
        amount="6",
        store=phone_row,
        where="Rate card, row 2, channel",
        at_stake="6.00 USD, per phone case",
        words="does not price voice",
    ),
    Surprise(
        code="dates_overlap",
        document="currency: USD\nversions:\n"
        "  - {effective_from: 2026-01-01, effective_to: 2026-07-02, rows: [{price: {shape: per_unit, unit_amount: 2}}]}\n"
        "  - {effective_from: 2026-07-01, rows: [{price: {shape: per_unit, unit_amount: 1}}]}",
        path="/versions/1/effective_from",
        amount=None,
        store=overlapping,
        where="",
        at_stake="not known",
        words="2016-07-01",
    ),
    Surprise(
        code="weights",
        document="currency: USD\nplan: {base_hourly: 12.50, unit: {share: 0.2}, quality: {low: {score: 0.5, multiplier: 0.85},"
        " high: {score: 0.8, multiplier: 1.15}, weights: {csat: 0.6, qa: 0.39}}}",
        path="/plan/quality/weights",
        amount=None,
        store=odd_weights,
        where="Quality, weights",
        at_stake="not known",
        words="99%",
    ),
    Surprise(
        code="tier_past_guardrails",
        document="currency: USD\nplan: {base_hourly: 12.50, unit: {tiers: [{up_to: 600, share: 0.18}, {share: 0.24}]},"
        " guardrails: {pace: {act: 10}}}\nlint: {period_days: 7}",
        path="/plan/unit/tiers/1",
        amount="0.06",
        store=out_of_reach,
        where="Units and tiers, tier 2",
        at_stake="0.06 USD, for each 1.00 of price",
        words="",
    ),
    Surprise(
        code="under_minimum_wage",
        document="rule_pack: us-federal\neffective_from: 2026-10-01\ncurrency: USD\nplan: {base_hourly: 7.00, unit: {share: 0.2}}",
        path="/plan/base_hourly",
        amount="0.25",
        store=lambda: plan_draft(base_hourly_micros=7_000_000),
        where="Base hourly",
        at_stake="0.25 USD, per hour",
        words="The minimum wage of us-federal is 7.25",
    ),
    Surprise(
        code="draw_without_end",
        document="currency: USD\nplan:\n  base_hourly: 12.50\n  unit: {share: 0.2}\n"
        "  draw: {minimum: 350, recoverable: true, recovery_share: 0}",
        path="/plan/draw/recovery_share",
        amount="350",
        store=lambda: plan_draft(draw_micros=350_000_000, is_draw_recoverable=True, draw_recovery_bp=0),
        where="Draw, recovery share",
        at_stake="350.00 USD, per period, at most",
        words="the debt grows without end",
    ),
]
TEN = pytest.mark.parametrize("surprise", SURPRISES, ids=lambda surprise: surprise.code)


@pytest.fixture(autouse=True)
def april(settings: LazySettings) -> None:
    settings.PPR_NOW = factories.NOON


@TEN
def test_the_document_tells_what_where_how_much_and_what_to_do(surprise: Surprise) -> None:
    document = yaml_text.read_yaml(text=surprise.document)
    found = [one for result in documents.lint_document(document=document, today=TODAY) for one in result.to_json()]
    ours = [one for one in found if one["code"] == surprise.code]

    assert [(one["path"], one["severity"]) for one in ours] == [(surprise.path, surprise.severity)]
    assert (ours[0]["at_stake"] or {}).get("exact") == surprise.amount
    assert ours[0]["what"].endswith(".")
    assert ours[0]["remedy"].endswith(".")


@TEN
def test_the_page_of_the_version_tells_the_same(surprise: Surprise, client: Client) -> None:
    version = surprise.store()
    ours = [one for one in lint.lint_version(version=version) if one.code == surprise.code]
    client.force_login(factories.make_user(is_staff=True, is_superuser=True))
    model = type(version)._meta.model_name
    page = html.unescape(client.get(reverse(f"admin:contracts_{model}_change", args=[version.pk])).content.decode())

    assert [one.severity for one in ours] == [surprise.severity]
    for shown in (ours[0].what, ours[0].remedy, surprise.where, surprise.at_stake, surprise.words):
        assert shown in page
