"""Terms kept in the process: what is in force is read once, and whatever changes is read again."""

import itertools
from datetime import date

import pytest
from django.db import connection, transaction

from contracts.models import PayPlanVersion, VersionStatus
from contracts.operations import versions
from contracts.queries import kept, plan_terms, terms
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> PayPlanVersion:
    return factories.make_plan_version()


def read_plan(version: PayPlanVersion) -> plan_terms.PlanTerms:
    return plan_terms.load_plan_terms(version_ids=[version.pk])[version.pk]


def first_rate(version: PayPlanVersion):
    unit = read_plan(version).pay.unit
    assert unit is not None
    return unit.tiers[0].rate


def test_a_plan_in_force_is_read_once(version: PayPlanVersion, django_assert_num_queries) -> None:
    first = read_plan(version)
    with django_assert_num_queries(1):
        assert read_plan(version) is first


def test_who_knows_the_stamps_asks_nothing(version: PayPlanVersion, django_assert_num_queries) -> None:
    first = read_plan(version)
    stamps = kept.read_stamps(of=kept.PLAN_STAMPS, version_ids=[version.pk])
    with django_assert_num_queries(0):
        assert plan_terms.load_plans(version_ids=[version.pk], stamps=stamps)[version.pk] is first
        assert plan_terms.read_versions(version_ids=[version.pk], stamps=stamps)[version.pk].tiers.all()


def test_a_draft_is_read_anew_each_time(version: PayPlanVersion) -> None:
    draft = versions.clone_version(version=version, effective_from=date(2017, 1, 1))
    before = first_rate(draft)
    draft.tiers.update(share_bp=1234)
    assert kept.read_stamps(of=kept.PLAN_STAMPS, version_ids=[draft.pk]) == {}
    assert before != first_rate(draft) == plan_terms.Fraction(1234, 10_000)


def test_an_activation_that_was_taken_back_leaves_nothing_behind(version: PayPlanVersion) -> None:
    draft = versions.clone_version(version=version, effective_from=date(2017, 1, 1))
    with transaction.atomic():
        versions.activate_version(version=draft)
        undone = first_rate(draft)
        transaction.set_rollback(True)
    draft.tiers.update(share_bp=1234)
    versions.activate_version(version=PayPlanVersion.objects.get(pk=draft.pk))
    assert undone != first_rate(draft) == plan_terms.Fraction(1234, 10_000)


def test_a_renamed_plan_is_called_by_its_new_name(version: PayPlanVersion) -> None:
    assert "Larch" not in read_plan(version).label
    version.plan.name = "Larch"
    version.plan.save()
    assert read_plan(version).label == "Larch, version 2"


def test_a_version_that_ends_is_shown_as_ended(version: PayPlanVersion) -> None:
    assert plan_terms.read_versions(version_ids=[version.pk])[version.pk].status == VersionStatus.ACTIVE
    versions.end_version(version=version, effective_to=date(2018, 1, 1))
    assert plan_terms.read_versions(version_ids=[version.pk])[version.pk].effective_to == date(2018, 1, 1)


def test_a_class_that_gets_another_code_is_another_promise(version: PayPlanVersion) -> None:
    query_type = factories.make_query_type(code="billing/refund")
    stamp = kept.read_stamps(of=kept.PLAN_STAMPS, version_ids=[version.pk])
    query_type.code = "billing/refunds"
    query_type.save()
    assert kept.read_stamps(of=kept.PLAN_STAMPS, version_ids=[version.pk]) != stamp


def test_a_contract_in_force_is_read_once_and_again_when_its_zone_changes(django_assert_num_queries) -> None:
    version = factories.make_contract_version()
    first = terms.load_contract_terms(version_ids=[version.pk])[version.pk]
    with django_assert_num_queries(1):
        assert terms.load_contract_terms(version_ids=[version.pk])[version.pk] is first
    version.contract.timezone = "Asia/Tokyo"
    version.contract.save()
    assert terms.load_contract_terms(version_ids=[version.pk])[version.pk].zone.key == "Asia/Tokyo"


def test_the_one_that_nobody_asked_for_longest_goes_first() -> None:
    few: kept.Kept[str] = kept.Kept(most=2)
    stamps = {1: "a", 2: "b", 3: "c"}
    few.keep(stamps=stamps, entries={1: "one", 2: "two"})
    assert few.find(stamps={1: "a"}) == {1: "one"}
    few.keep(stamps=stamps, entries={3: "three", 4: "no stamp"})
    assert few.find(stamps=stamps) == {1: "one", 3: "three"}
    assert few.find(stamps={1: "b"}) == {}


def test_another_database_has_other_versions_under_the_same_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    few: kept.Kept[str] = kept.Kept(most=2)
    few.keep(stamps={1: "a"}, entries={1: "here"})
    with monkeypatch.context() as patched:
        patched.setitem(connection.settings_dict, "NAME", "elsewhere")
        assert few.find(stamps={1: "a"}) == {}
    assert few.find(stamps={1: "a"}) == {1: "here"}


def test_the_versions_asked_for_come_in_the_order_of_their_numbers() -> None:
    made = [factories.make_plan_version(), factories.make_plan_version()]
    for asked in itertools.permutations(version.pk for version in made):
        assert list(plan_terms.load_plans(version_ids=asked)) == sorted(asked)
