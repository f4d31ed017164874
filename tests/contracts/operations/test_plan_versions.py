"""Plans in full: what they say in words, what one version changes against another, what may be put in force, and how it is kept."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from contracts import models as terms
from contracts.operations import import_terms, versions
from contracts.queries import lint, plan_words, version_changes
from contracts.queries.export_terms import export_terms
from tests import factories

pytestmark = pytest.mark.django_db


def make_draft(**values: Any) -> terms.PayPlanVersion:
    plan = terms.PayPlan.objects.create(code="full", name="Full plan")
    given = {"number": 1, "effective_from": date(2026, 10, 1), "currency": "USD", "rule_pack": "us-federal", **values}
    return terms.PayPlanVersion.objects.create(plan=plan, **given)


@pytest.fixture
def full() -> terms.PayPlanVersion:
    """A draft that uses every term."""
    version = make_draft(
        salary_micros=3_000_000_000,
        salary_hours=Decimal("37.50"),
        basis="fixed",
        crediting="stages",
        accumulate="year",
        holdback_bp=1_250,
        holdback_days=30,
        cap_micros=900_000_000,
        draw_micros=350_000_000,
        is_draw_recoverable=True,
        draw_recovery_bp=5_000,
        clawback_bp=10_000,
    )
    terms.PayPlanTier.objects.create(version=version, up_to=300, share_bp=8_000)
    terms.PayPlanTier.objects.create(version=version, share_bp=10_000)
    terms.PayPlanCategoryRate.objects.create(version=version, category="training", hourly_micros=21_250_000)
    terms.PayPlanClassAmount.objects.create(version=version, amount_micros=1_100_000)
    terms.PayPlanStageWeight.objects.create(version=version, stage="research", weight_bp=3_000)
    terms.PayPlanStageWeight.objects.create(version=version, stage="resolve", weight_bp=7_000)
    return version


def test_every_term_is_put_into_words(full: terms.PayPlanVersion) -> None:
    assert plan_words.describe_plan_version(version=full) == [
        "Hours: a salary of 3,000.00 USD for a month, for 37.5 hours of a workweek; 21.25 USD for an hour of training.",
        "Resolutions 1 to 300 of a year: 80% of the fixed amount.",
        "Resolution 301 and every one after it: 100% of the fixed amount.",
        "Each resolution is paid at the tier that it falls in. The tiers go on through the calendar year and start anew each January.",
        "A share is taken of a fixed amount for its class.",
        "Any query type, any channel: 1.10 USD.",
        "A resolution is shared by the stages of the work on it: research 30%, resolve 70%. Who worked on a stage shares its part "
        "equally; stages without recorded work are left out.",
        "Quality does not move pay: the plan counts no metric.",
        "The usual limits on hours, rest and busy time apply.",
        "12.5% of resolution pay is kept, and paid out in the pay period in which 30 days have passed since the resolution was verified.",
        "A pay period brings at least 350.00 USD: what lifts it there is a draw; it is repaid by 50% of what later periods bring above "
        "that, never below the legal minimum.",
        "At most 900.00 USD of resolution pay and bonuses is paid in a pay period; what is above waits for a period with room.",
        "When a paid resolution is reopened, up to 100% of it can be taken back, only if a person approves it.",
        "Pay law: United States, federal.",
        "A workweek starts on Monday.",
    ]


def test_a_copy_has_everything_and_its_changes_are_told_row_by_row(full: terms.PayPlanVersion) -> None:
    draft = versions.clone_version(version=full, effective_from=date(2027, 1, 1))
    assert version_changes.compare_versions(before=full, after=draft) == []
    draft.cap_micros = None
    draft.save()
    draft.stage_weights.filter(stage="research").delete()
    draft.stage_weights.update(weight_bp=10_000)
    draft.tiers.filter(up_to=300).update(up_to=200)
    told = [(one.what, one.before, one.after) for one in version_changes.compare_versions(before=full, after=draft)]
    assert told == [
        ("Cap", "900.00", "nothing"),
        ("Tiers up to 200, share", "nothing", "80%"),
        ("Stage weights resolve, weight", "70%", "100%"),
        ("Tiers up to 300, share", "80%", "nothing"),
        ("Stage weights research, weight", "30%", "nothing"),
    ]


def test_a_full_plan_goes_in_force_and_its_rows_are_frozen_with_it(full: terms.PayPlanVersion) -> None:
    assert [one for one in lint.lint_version(version=full) if one.severity == "error"] == []
    versions.activate_version(version=full)
    for table in ("payplancategoryrate", "payplanclassamount", "payplanstageweight"):
        refused = pytest.raises(IntegrityError, match="belongs to a version that is active")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM contracts_{table}")
    with pytest.raises(IntegrityError, match="cannot change"), transaction.atomic():
        terms.PayPlanVersion.objects.update(cap_micros=1)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"salary_micros": 1, "base_hourly_micros": 1}, "pay_plan_salary_or_base_hourly"),
        ({"salary_hours": 40}, "pay_plan_salary_or_base_hourly"),
        ({"salary_micros": 1, "salary_hours": 0}, "pay_plan_salary_covers_hours"),
        ({"holdback_bp": 100}, "pay_plan_holdback_has_a_window"),
        ({"holdback_bp": 100, "holdback_days": 0}, "pay_plan_holdback_has_a_window"),
        ({"holdback_bp": 10_001, "holdback_days": 1}, "pay_plan_holdback_has_a_window"),
        ({"cap_micros": -1}, "pay_plan_cap_not_negative"),
        ({"draw_micros": -1}, "pay_plan_draw_is_repaid_in_part"),
        ({"is_draw_recoverable": True}, "pay_plan_draw_is_repaid_in_part"),
        ({"draw_micros": 1, "draw_recovery_bp": 10_001}, "pay_plan_draw_is_repaid_in_part"),
    ],
)
def test_the_database_refuses_terms_that_make_no_sense(values: dict[str, Any], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make_draft(**values)
    assert not terms.PayPlanVersion.objects.exists()


def test_a_tier_has_one_kind_of_rate() -> None:
    version = make_draft()
    for values in ({}, {"share_bp": 1, "amount_micros": 1}, {"unit_amount_micros": 1, "amount_micros": 1}, {"amount_micros": -1}):
        with pytest.raises(IntegrityError, match="pay_plan_tier_share_or_amount"), transaction.atomic():
            terms.PayPlanTier.objects.create(version=version, **values)


def test_stages_without_weights_and_weights_that_miss_one_are_refused() -> None:
    version = make_draft(crediting="stages", base_hourly_micros=20_000_000)
    terms.PayPlanTier.objects.create(version=version, share_bp=2_000)
    with pytest.raises(versions.UnableToActivate, match="no stage has a weight"):
        versions.activate_version(version=version)
    terms.PayPlanStageWeight.objects.create(version=version, stage="resolve", weight_bp=9_999)
    with pytest.raises(versions.UnableToActivate, match=r"stage weights of .* add up to 99.99%"):
        versions.activate_version(version=version)


def test_lint_finds_tiers_that_fill_up_and_classes_without_an_amount() -> None:
    version = make_draft(mode="interpolated", basis="fixed", base_hourly_micros=20_000_000)
    network = factories.make_query_type(code="network", name="Network")
    terms.PayPlanClassAmount.objects.create(version=version, query_type=network, amount_micros=1_000_000)
    terms.PayPlanTier.objects.create(version=version, up_to=300, share_bp=1_000)
    assert [one.code for one in lint.lint_version(version=version)] == ["tiers_fill_up", "class_without_amount"]
    terms.PayPlanTier.objects.create(version=version, share_bp=1_000)
    assert "tier_never_full" in [one.code for one in lint.lint_version(version=version)]
    with pytest.raises(versions.UnableToActivate, match="can never be full"):
        versions.activate_version(version=version)


def test_a_full_plan_travels_exactly(full: terms.PayPlanVersion) -> None:
    written = export_terms()
    full.tiers.all().delete()
    full.stage_weights.all().delete()
    import_terms.import_terms(text=written)
    assert export_terms() == written
