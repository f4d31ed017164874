"""Fingerprints of stored terms: any value that changes, however deep, changes them; nothing else does."""

from datetime import date

import pytest

from contracts import terms_parts
from contracts.models import ContractVersion, PayPlanVersion, QueryType
from contracts.operations import versions
from contracts.queries.fingerprints import fingerprint
from tests import factories

pytestmark = pytest.mark.django_db


def of_plan(version: PayPlanVersion) -> str:
    return fingerprint(part=terms_parts.PLAN, pk=version.plan_id)


def of_client(version: ContractVersion) -> str:
    return fingerprint(part=terms_parts.CLIENT, pk=version.contract.client_id)


def test_a_plan_is_the_same_until_something_below_it_changes(django_assert_num_queries) -> None:
    version = factories.make_plan_version()
    first = of_plan(version)
    with django_assert_num_queries(1):
        assert of_plan(version) == first
    factories.make_plan_version(name="Another")
    assert of_plan(version) == first

    draft = versions.clone_version(version=version, effective_from=date(2017, 1, 1))
    with_draft = of_plan(version)
    draft.tiers.update(share_bp=1234)
    assert len({first, with_draft, of_plan(version)}) == 3


def test_a_client_is_its_contracts_cards_and_policies() -> None:
    version = factories.make_contract_version()
    found = [of_client(version)]
    draft = versions.clone_version(version=version, effective_from=date(2017, 1, 1))
    found.append(of_client(version))
    draft.rate_card_rows.update(unit_amount_micros=3_000_000)
    found.append(of_client(version))
    type(draft.resolution_policy).objects.filter(version=draft).update(silence_window_hours=24)
    found.append(of_client(version))
    assert len(set(found)) == 4


def test_what_stands_beside_counts_whole() -> None:
    version, plan = factories.make_contract_version(), factories.make_plan_version()

    def found() -> str:
        return fingerprint(part=terms_parts.CLIENT, pk=version.contract.client_id, beside=(terms_parts.PLAN, terms_parts.QUERY_TYPE))

    seen = [of_client(version), found()]
    versions.clone_version(version=plan, effective_from=date(2017, 1, 1)).tiers.update(share_bp=1234)
    seen.append(found())
    QueryType.objects.create(code="lamps", name="Lamps")
    seen.append(found())
    QueryType.objects.update(name="Lights")
    seen.append(found())
    assert len(set(seen)) == len(seen)
    assert of_client(version) == seen[0]
