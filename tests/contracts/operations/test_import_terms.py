"""Terms as one document: out and in again with the same bytes, whole or not at all, never over an active version."""

import dataclasses
import io
import pathlib
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from contracts import models as terms
from contracts import rule_packs, terms_parts, yaml_text
from contracts.operations import import_terms, versions
from contracts.queries.export_terms import export_terms
from contracts.rules import rule_packs as pack_rules
from tests import factories

pytestmark = pytest.mark.django_db

VERSIONS = "clients/0/contracts/0/versions"

DOCUMENT = (pathlib.Path(__file__).parent / "terms.yaml").read_text(encoding="utf-8")


def changed(**replacements: str) -> str:
    text = DOCUMENT
    for before, after in replacements.values():
        assert before in text
        text = text.replace(before, after)
    return text


def faults_of(text: str) -> list[tuple[str, str]]:
    with pytest.raises(import_terms.UnableToImport) as refused:
        import_terms.import_terms(text=text)
    return [("/".join(str(part) for part in fault.path), fault.message) for fault in refused.value.faults]


def test_a_document_is_stored_and_written_out_with_every_default_named() -> None:
    done = import_terms.import_terms(text=DOCUMENT)
    assert len(done.created) == 11
    assert done.updated == []
    content = yaml_text.read_yaml(text=export_terms())
    first, second, third = content["clients"][0]["contracts"][0]["versions"]
    assert (first["status"], first["effective_to"], first["resolution_policy"]["silence_window_hours"]) == ("ended", "2026-07-01", 48)
    assert second["rate_card"][0] == {
        "query_type": None,
        "channel": None,
        "outcome": "",
        "shape": "per_unit",
        "unit_amount": "4.00",
        **dict.fromkeys(("package_size", "package_amount", "free_units", "rate", "fixed_amount", "free_events", "free_amount")),
        **dict.fromkeys(("per_event_min", "per_event_max")),
        "usage_discount": 0,
        "percent_discount": "0%",
        **dict.fromkeys(("maximum", "minimum")),
        "tiers": [],
    }
    assert second["rate_card"][4]["tiers"] == [
        {"up_to": 1500, "unit_amount": "2.40", "flat_amount": "0.000001", "block_size": None, "rate": None},
        {"up_to": None, "unit_amount": "2.20", "flat_amount": "0.00", "block_size": None, "rate": None},
    ]
    package, percentage, valued = second["rate_card"][1:4]
    assert (package["package_size"], package["package_amount"], package["free_units"], package["minimum"]) == (50, "40.00", 10, "80.00")
    assert (percentage["rate"], percentage["fixed_amount"], percentage["per_event_max"]) == ("2.125%", "0.30", "9.00")
    assert [(tier["up_to"], tier["rate"], tier["flat_amount"]) for tier in valued["tiers"]] == [
        (10_000, "2%", "0.00"),
        (None, "1.5%", "5.00"),
    ]
    assert second["commitment"] == {"amount": "5000.00", "overage_factor": "150%"}
    assert second["forecast_floor"] == {"floor": "80%", "unit_amount": "1.90"}
    assert [one["period_start"] for one in second["forecasts"]] == ["2026-07-01", "2026-08-01"]
    assert [(one["side"], one["up_to"]) for one in second["volume_bands"]] == [
        ("above", "9%"),
        ("above", "20%"),
        ("above", None),
        ("below", None),
    ]
    assert second["service_credits"] == {"at_risk": "10%", "earn_back_periods": 3}
    assert [(one["metric"], one["pool"], one["count_min"]) for one in second["service_levels"]] == [
        ("csat", "200%", 30),
        ("fcr", "100%", 20),
    ]
    assert second["taxes"] == [{"name": "Sales tax", "rate": "8.875%"}]
    assert (third["billing_calendar"], third["billing_anchor"], third["prepaid_expiry_months"]) == ("two_weeks", "2026-12-28", 12)
    assert (second["billing_calendar"], second["billing_anchor"], third["commitment"], third["taxes"]) == ("month", None, None, [])
    assert second["resolution_policy"]["reduced_price"] == "50%"
    assert second["resolution_policy"]["overrides"][0]["silence_window_hours"] == 24
    assert (third["status"], third["prices_voice"], third["resolution_policy"]) == ("draft", True, None)
    plan = content["pay_plans"][0]["versions"][0]
    assert (plan["base_hourly"], plan["clawback"], plan["workweek_starts_on"]) == ("12.50", "100%", "sunday")
    assert [tier["share"] for tier in plan["tiers"]] == ["18%", "24.5%"]
    assert plan["limits"] == [{"limit": "pace", "warn": None, "act": "6.5"}]


def export_after(text: str) -> str:
    """Import into nothing, export, and leave nothing behind."""
    with transaction.atomic():
        import_terms.import_terms(text=text)
        written = export_terms()
        transaction.set_rollback(True)
    assert not terms.Client.objects.exists()
    return written


def test_an_export_imports_into_nothing_and_exports_the_same_bytes() -> None:
    written = export_after(DOCUMENT)
    assert export_after(written) == written


def test_importing_again_changes_nothing() -> None:
    import_terms.import_terms(text=DOCUMENT)
    written = export_terms()
    for text in (DOCUMENT, written):
        again = import_terms.import_terms(text=text)
        assert (again.created, again.updated, again.unchanged_count) == ([], [], 11)
    assert export_terms() == written


def test_an_active_version_that_differs_is_refused_by_name_and_nothing_is_imported() -> None:
    import_terms.import_terms(text=DOCUMENT)
    before = export_terms()
    text = changed(price=("up_to: null, unit_amount: 2.20", "up_to: null, unit_amount: 2.10"), draft=("is new: 100%", "is newer"))
    assert faults_of(text) == [
        (
            VERSIONS + "/1/rate_card/0/tiers/0/unit_amount",
            "Alder Home: Care, version 2 is active and cannot change: unit amount is 2.20 here and 2.10 in the document. "
            "Make a new version.",
        )
    ]
    assert export_terms() == before


@pytest.mark.parametrize(
    ("before", "after", "path", "said"),
    [
        ("- {unit_amount: 4}", "", VERSIONS + "/1/rate_card", "missing in the document"),
        ("- {channel: chat, silence_window_hours: 24}", "", VERSIONS + "/1/resolution_policy/overrides", "missing"),
        ("{metric: csat, weight: 60%}", "{metric: fcr, weight: 60%}", "pay_plans/0/versions/0/metrics/0", "is not here"),
        ("status: ended", "status: active", VERSIONS + "/0/status", "status is ended here and active"),
        ("timezone: America/New_York", "timezone: Europe/Paris", "clients/0/contracts/0/timezone", "would move what was promised"),
        (
            "resolution_policy: {silence_window_hours: 48}",
            "",
            VERSIONS + "/0/resolution_policy",
            "missing in the document",
        ),
    ],
)
def test_what_an_active_version_rests_on_stays(before: str, after: str, path: str, said: str) -> None:
    import_terms.import_terms(text=DOCUMENT)
    found = faults_of(changed(one=(before, after)))
    assert [place for place, _ in found][:1] == [path]
    assert said in found[0][1]


def test_a_draft_is_rewritten_and_a_client_renamed() -> None:
    import_terms.import_terms(text=DOCUMENT)
    text = changed(
        name=("name: Alder Home", "name: Alder & Sons"),
        draft=('note: "Phone is new: 100%"', "rate_card: [{channel: phone, unit_amount: 6}]\n            resolution_policy: {}"),
    )
    done = import_terms.import_terms(text=text)
    assert done.created == []
    assert done.updated == ["client alder", "Alder & Sons: Care, version 3"]
    version = terms.ContractVersion.objects.get(number=3)
    assert (version.note, version.rate_card_rows.get().unit_amount_micros, version.resolution_policy.verified_by) == (
        "",
        6_000_000,
        "customer_or_silence",
    )
    assert import_terms.import_terms(text=text).updated == []


def test_a_draft_here_is_not_activated_by_a_document() -> None:
    import_terms.import_terms(text=DOCUMENT)
    found = faults_of(DOCUMENT.replace("status: draft", "status: active"))
    assert [path for path, _ in found] == [VERSIONS + "/2/status"]
    assert "activate it in the administration" in found[0][1]
    assert terms.ContractVersion.objects.get(number=3).status == "draft"


@pytest.mark.parametrize(
    ("before", "after", "path", "said"),
    [
        ("name: Care plan", "nme: Care plan", "pay_plans/0/nme", "no such field"),
        ("name: Care plan", "", "pay_plans/0/name", "required"),
        ("share: 18%", "share: 0.18", "pay_plans/0/versions/0/tiers/0/share", 'as text, such as "18%"'),
        ("share: 18%", "share: 18.005%", "pay_plans/0/versions/0/tiers/0/share", "at most two decimals"),
        ("unit_amount: 4}", "unit_amount: 4.0000001}", VERSIONS + "/1/rate_card/1/unit_amount", "at most six decimals"),
        ("unit_amount: 4}", "unit_amount: -4}", VERSIONS + "/1/rate_card/1/unit_amount", "zero or more"),
        ("effective_from: 2027-01-01", "effective_from: 2027-1-1", VERSIONS + "/2/effective_from", "YYYY-MM-DD"),
        ("currency: USD\n            prices", "currency: usd\n            prices", VERSIONS + "/2/currency", "is no currency"),
        ("shape: graduated\n", "shape: stepped\n", VERSIONS + "/1/rate_card/0/shape", "not a valid choice"),
        (
            "channel: chat, silence",
            "channel: fax, silence",
            VERSIONS + "/1/resolution_policy/overrides/0/channel",
            "fax",
        ),
        ("reduced_price: 50%", "", VERSIONS + "/1/resolution_policy/reduced_price", "needs the part that stays"),
        ("reopen_effect: reduced_price", "", VERSIONS + "/1/resolution_policy", "reduced price has its part"),
        ("workweek_starts_on: sunday", "workweek_starts_on: 7", "pay_plans/0/versions/0/workweek_starts_on", "monday"),
        ("code: chat, name", "code: phone, name", "channels/1", "written twice"),
        ("status: ended", "status: active", VERSIONS + "/1/effective_from", ""),
        ("format: ppr-portal terms 1", "format: other", "format", "only"),
        ("pay_plans:", "plans:", "plans", "no such list"),
    ],
)
def test_a_document_that_cannot_be_is_refused_with_its_place(before: str, after: str, path: str, said: str) -> None:
    text = changed(one=(before, after))
    if "status" in before:
        text = text.replace("effective_to: 2026-07-01", "effective_to: 2026-07-02")
    found = faults_of(text)
    assert found[0][0] == path
    assert said in found[0][1]
    assert not terms.Client.objects.exists()
    assert not terms.QueryType.objects.exists()


def test_a_version_that_overlaps_one_here_is_refused() -> None:
    version = factories.make_contract_version()
    text = f"""
clients:
  - code: {version.contract.client.code}
    name: {version.contract.client.name}
    contracts:
      - code: {version.contract.code}
        name: {version.contract.name}
        timezone: America/New_York
        versions:
          - {{number: 7, status: active, effective_from: 2020-01-01, currency: USD}}
"""
    assert "Version 7 starts on 2020-01-01, while Larch Home: Larch Home 2016, version 1 is still in force" in faults_of(text)[0][1]
    assert version.contract.versions.count() == 1


def test_every_stored_term_is_in_the_document() -> None:
    parts, seen = [part for _, part in terms_parts.DOCUMENT], {}
    while parts:
        part = parts.pop()
        seen[part.model] = {field.column for field in part.fields} | {part.owner}
        parts += [child for _, _, child in (*part.only, *part.children)]
    # Rows that history triggers write are a record of changes, not terms.
    models = [getattr(terms, name) for name in terms.__all__ if hasattr(getattr(terms, name), "_meta")]
    assert set(models) == set(seen)
    for model in models:
        columns = {field.name for field in model._meta.concrete_fields if not field.primary_key}
        assert columns == seen[model] - {""}, model


VERSION = "clients/0/contracts/0/versions/1"
PLAN = "pay_plans/0/versions/0"


@pytest.mark.parametrize(
    ("before", "after", "path", "words"),
    [
        ("prices_voice: true\n            currency", "prices_voice: false\n            currency", VERSION, "does not price voice"),
        ("- {share: 24.5%}", "- {up_to: 400, share: 24.5%}", PLAN, "has no last tier without an end"),
        ("weight: 40%", "weight: 30%", PLAN, "add up to 90%"),
        ("{share: 24.5%}\n", "{share: 12%}\n        mode: whole\n", PLAN, "stays a draft: "),
    ],
)
def test_a_version_comes_in_force_only_as_an_activation_lets_it(before: str, after: str, path: str, words: str) -> None:
    refused = faults_of(changed(this=(before, after)))
    assert [where for where, _ in refused] == [path]
    assert words in refused[0][1]
    assert not terms.Client.objects.exists()
    assert not terms.PayPlan.objects.exists()


def test_what_an_activation_refuses_comes_as_a_draft() -> None:
    text = changed(this=("weight: 40%", "weight: 30%")).replace(
        "        status: active\n        effective_from: 2026-01-01", "        effective_from: 2026-01-01"
    )
    import_terms.import_terms(text=text)
    assert terms.PayPlanVersion.objects.get().status == "draft"


def test_what_lint_only_warns_of_is_told_and_stored(tmp_path) -> None:
    file, told = tmp_path / "terms.yaml", io.StringIO()
    file.write_text(changed(this=("- {share: 24.5%}\n", "- {share: 24.5%}\n        mode: whole\n")), encoding="utf-8")
    call_command("import_terms", str(file), stdout=told)
    assert "warning: /pay_plans/0/versions/0: Care plan, version 1: " in told.getvalue()
    assert terms.PayPlanVersion.objects.get().status == "active"


def raise_wage(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a newer rule pack hold a higher wage from a later day."""
    load = rule_packs.load_rule_pack

    def load_newer(**asked: Any) -> Any:
        pack = load(**asked)
        later = pack_rules.DatedRate(starts_on=date(2027, 1, 1), rate=Fraction(8))
        return dataclasses.replace(pack, min_wages=(*pack.min_wages, later)) if pack.min_wages else pack

    monkeypatch.setattr(rule_packs, "load_rule_pack", load_newer)


def test_what_was_in_force_before_the_law_rose_makes_the_round_trip_where_the_command_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    file, told = tmp_path / "terms.yaml", io.StringIO()
    written = export_after(DOCUMENT.replace("base_hourly: 12.50", "base_hourly: 7.25"))
    file.write_text(written, encoding="utf-8")
    raise_wage(monkeypatch)

    assert [where for where, _ in faults_of(written)] == [PLAN]
    call_command("import_terms", str(file), "--as-in-force", stdout=told)

    assert "as in force, though an activation would refuse it: /pay_plans/0/versions/0: Care plan, version 1: " in told.getvalue()
    assert export_terms() == written


def test_what_nothing_can_be_computed_from_is_refused_as_in_force_too() -> None:
    text = changed(this=("- {share: 24.5%}", "- {up_to: 400, share: 24.5%}"))
    with pytest.raises(import_terms.UnableToImport, match="has no last tier without an end"):
        import_terms.import_terms(text=text, as_in_force=True)


def test_the_commands_write_and_read_a_file(tmp_path) -> None:
    import_terms.import_terms(text=DOCUMENT)
    file, out = tmp_path / "terms.yaml", io.StringIO()
    call_command("export_terms", output=str(file))
    assert file.read_text(encoding="utf-8") == export_terms()
    call_command("export_terms", stdout=out)
    assert out.getvalue() == export_terms()
    told = io.StringIO()
    call_command("import_terms", str(file), stdout=told)
    assert told.getvalue() == "0 created, 0 updated, 11 already as the document says.\n"


def test_a_dry_run_says_what_would_be_done_and_does_nothing(tmp_path) -> None:
    file, told = tmp_path / "terms.yaml", io.StringIO()
    file.write_text(DOCUMENT, encoding="utf-8")
    call_command("import_terms", str(file), "--dry-run", stdout=told)
    assert "Would be created: client alder" in told.getvalue()
    assert told.getvalue().endswith("11 created, 0 updated, 0 already as the document says; nothing was written.\n")
    assert not terms.Client.objects.exists()


def test_a_refused_file_ends_with_exit_2_and_says_where(tmp_path) -> None:
    file, told = tmp_path / "terms.yaml", io.StringIO()
    file.write_text(DOCUMENT.replace("currency: USD", "currency: US"), encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        call_command("import_terms", str(file), stdout=told)
    assert ended.value.code == 2
    assert '"path": "/clients/0/contracts/0/versions/0/currency"' in told.getvalue()


def test_an_import_leaves_versions_that_the_document_does_not_name() -> None:
    version = factories.make_contract_version()
    import_terms.import_terms(text=DOCUMENT)
    draft = versions.clone_version(version=version, effective_from=date(2030, 1, 1))
    import_terms.import_terms(text=DOCUMENT)
    assert terms.ContractVersion.objects.filter(pk=draft.pk).exists()


def test_the_example_of_the_guide_imports() -> None:
    guide = (pathlib.Path(__file__).parents[3] / "docs" / "terms.md").read_text(encoding="utf-8")
    example = guide.partition("```yaml\n")[2].partition("```")[0]
    assert len(import_terms.import_terms(text=example).created) == 7
