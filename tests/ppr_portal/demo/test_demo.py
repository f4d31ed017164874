"""The whole demo, from the incident log to explained pay: its sums agree, it repeats without adding, and it refuses production."""

import pathlib
from datetime import datetime

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import models as db
from django.test import override_settings

from agents.access import Role
from agents.models import Agent, GamingSignal, GuardrailDecision, Hold, ImportRun, JobRun, Source, Survey, TimeEntry, User
from agents.operations.imports.import_cases import import_cases
from agents.queries.case_counts import count_cases
from billing.models import BankAccount, BankAnswer, Dispute, PayoutItem, PayRun, Reversal, Settlement, SettlementLine
from billing.queries.explanations import explain_line
from ppr_portal.celery import app
from ppr_portal.demo import clock, company, figures, people, terminal
from ppr_portal.environment import DEMO_CLOCK
from tests.ppr_portal.demo import demo_database

NOW = company.load_company().now
JOBS = (
    "agents.verify_due_resolutions",
    "agents.watch_guardrails",
    "agents.find_signals",
    "agents.freeze_reference_rates",
    "billing.refresh_pay",
    "billing.start_pay_runs",
)


def count_rows() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models() if model._meta.managed}


def read_figures() -> figures.Figures:
    return figures.read_figures(source_code="incidents", as_of=NOW)


def test_every_ticket_of_the_log_is_in_exactly_one_place(demo: None) -> None:
    counts = count_cases(source_code="incidents", as_of=NOW)
    parts = (counts.payable, counts.pending_offered, counts.pending_open, counts.reopened, counts.void, counts.held)
    assert counts.tickets == sum(parts) == 14_950
    assert min(counts.payable, counts.pending_offered, counts.pending_open, counts.reopened, counts.held) > 100


def test_the_tables_agree_with_each_other(demo: None) -> None:
    found = read_figures()
    placed = [sum(getattr(row, name) for row in found.clients) for name in ("payable_count", "reopened_count", "void_count", "held_count")]
    assert placed == [found.counts.payable, found.counts.reopened, found.counts.void, found.counts.held]
    assert sum(row.pending_count for row in found.clients) == found.counts.pending_offered + found.counts.pending_open
    assert sum(row.ticket_count for row in found.clients) == 14_950
    assert found.total.payable_count == found.counts.payable
    assert found.total.held_count == Hold.objects.filter(released_at=None).values("resolution").distinct().count()
    settled = Settlement.objects.aggregate(total=db.Sum("total_micros"))["total"]
    assert found.total.total_micros == settled == sum(period.total_micros for period in found.periods)
    columns = ("hours_micros", "unit_micros", "quality_micros", "guardrail_micros", "floor_micros", "other_micros")
    assert all(sum(getattr(row, column) for column in columns) == row.total_micros for row in found.agents)


def test_signals_wait_for_a_lead_without_the_nightly_job(demo: None) -> None:
    waiting = GamingSignal.objects.filter(status=GamingSignal.Status.OPEN, found_at=NOW)
    assert waiting.exists()
    assert JobRun.objects.get(job="find_signals").changed_count == waiting.count()
    assert Hold.objects.filter(reason="gaming_signal", released_at=None).exists()


def test_agents_stand_by_name_and_nobody_is_ranked(demo: None) -> None:
    names = [row.name for row in read_figures().agents]
    assert names == [*sorted(names[:-1]), figures.NO_AGENT]


def test_a_second_demo_adds_nothing_twice_and_prints_the_same_tables(demo: None, var_dir: pathlib.Path) -> None:
    before = count_rows()
    printed = demo_database.run_demo(var_dir=var_dir)
    assert count_rows() == before
    assert "90,268 rows, 14,950 tickets: 0 new, 80 rows held" in printed
    assert "Tickets in 14,950 = " in printed
    assert "Maya Torres" in printed
    assert people.demo_password() in printed
    assert datetime.fromisoformat((var_dir / DEMO_CLOCK).read_text(encoding="ascii").strip()) == NOW


def test_a_second_import_of_the_log_reports_nothing_new(demo: None) -> None:
    report = import_cases(path=company.INCIDENT_LOG, source_code="incidents", received_at=NOW)
    assert (report.new_count, report.new_case_count, report.changed_count) == (0, 0, 0)
    assert report.unchanged_count + report.held_count == report.row_count == 90_268


def test_march_is_paid_by_somebody_who_did_not_prepare_it_and_april_accrues(demo: None) -> None:
    runs = PayRun.objects.filter(period_start="2016-03-01")
    assert {(run.site.code, run.status, str(run.paid_on)) for run in runs} == {
        ("albany", "paid", "2016-04-07"),
        ("san-antonio", "paid", "2016-04-07"),
    }
    assert all(run.approved_by is not None and run.approved_by != run.prepared_by for run in runs)
    first = {run.site.code: str(run.first_approved_by) for run in runs if run.first_approved_by_id}
    assert first == {"albany": "Helen Strand"}
    assert not any(shard.failures for run in runs for shard in run.shards.all())
    assert set(Settlement.objects.filter(period_start="2016-04-01").values_list("status", flat=True)) == {"accruing"}


def test_march_left_through_the_bank_by_accounts_that_nobody_has(demo: None) -> None:
    items = PayoutItem.objects.all()
    assert set(items.values_list("status", flat=True)) == {"paid"}
    assert items.count() == Settlement.objects.filter(period_start="2016-03-01", total_micros__gt=0).count()
    assert all("(simulated)" in account.holder and account.iban[4:12] == "00000000" for account in BankAccount.objects.all())
    assert not any(answer.held for answer in BankAnswer.objects.all())


def test_lines_of_every_settlement_add_up_to_its_total(demo: None) -> None:
    sums = SettlementLine.objects.order_by().values("settlement", "settlement__total_micros").annotate(total=db.Sum("amount_micros"))
    assert sums
    assert all(row["total"] == row["settlement__total_micros"] for row in sums)


def test_a_line_of_every_kind_is_recomputed_by_its_explanation(demo: None) -> None:
    lines = SettlementLine.objects.select_related("settlement__plan_version__plan").order_by("kind", "-settlement__resolution_count", "pk")
    found = list(lines.distinct("kind"))
    assert {"unit", "tier_uplift", "quality", "guardrail", "recovery", "base", "overtime", "floor", "reversal"} <= {
        line.kind for line in found
    }
    for line in found:
        assert explain_line(line=line).steps


def test_the_scheduled_jobs_find_nothing_to_change(demo: None) -> None:
    before, known = count_rows(), list(JobRun.objects.values_list("pk", flat=True))
    with override_settings(PPR_NOW=NOW):
        app.loader.import_default_modules()
        for name in JOBS:
            app.tasks[name].apply(throw=True)
    changed = {name for name, count in count_rows().items() if count != before[name]}
    assert changed == {"agents.JobRun"}
    assert not JobRun.objects.exclude(outcome=JobRun.Outcome.DONE).exists()
    assert not JobRun.objects.exclude(pk__in=known).exclude(changed_count=0).exists()


def test_unit_pay_is_a_plausible_part_of_pay(demo: None) -> None:
    total = read_figures().total
    assert 0.15 < total.unit_micros / total.total_micros < 0.40
    assert 0 < total.floor_micros < total.unit_micros // 10


def test_the_first_screens_show_a_guardrail_a_reversal_a_dispute_and_a_three_survey_agent(demo: None) -> None:
    agent = Agent.objects.get(user__email="agent@larkfield.example")
    assert agent.guardrail_decisions.filter(effect="paid_recovery").count() == 2
    kinds = set(
        SettlementLine.objects.filter(settlement__agent=agent, settlement__period_start="2016-04-01").values_list("kind", flat=True)
    )
    assert {"unit", "quality", "base", "recovery", "reversal"} <= kinds
    dispute = Dispute.objects.get(agent=agent)
    assert dispute.status == Dispute.Status.OPEN
    assert dispute.due_at > NOW
    assert (dispute.due_at - NOW).days < 3
    lead = User.objects.get(email="lead@larkfield.example")
    members = Agent.objects.filter(memberships__team__lead=lead)
    assert agent in members
    assert members.annotate(answers=db.Count("surveys")).filter(answers=3).exists()
    assert GuardrailDecision.objects.filter(agent__in=members, effect="premium_suspended").exists()
    assert Reversal.objects.filter(status="proposed").count() > 5


def test_the_three_survey_agent_is_provisional_and_loses_nothing(demo: None) -> None:
    agent = Agent.objects.get(code=company.load_company().showcase.few_surveys.agent)
    assert Survey.objects.filter(agent=agent).count() == 3
    april = Settlement.objects.get(agent=agent, period_start="2016-04-01")
    assert april.evidence["score"]["provisional"] is True
    assert april.lines.get(kind="quality").amount_micros >= 0


def test_what_is_unmapped_is_held_with_the_amount_at_stake(demo: None) -> None:
    held = Hold.objects.filter(released_at=None, reason="unmapped_identity")
    assert held.count() > 1_000
    verified = held.filter(resolution__is_payable=True).exclude(resolution__holds__reason="no_price")
    assert not verified.filter(amount_micros=None).exists()
    assert not Hold.objects.filter(released_at=None, reason="no_price").exclude(amount_micros=None).exists()


def test_what_is_simulated_says_so(demo: None) -> None:
    real = Source.objects.get(code="incidents")
    assert not real.is_simulated
    assert "CC BY 4.0" in real.attribution
    assert all(source.is_simulated for source in Source.objects.exclude(pk=real.pk))
    assert not TimeEntry.objects.exclude(source__vendor=Source.Vendor.SIMULATED).exists()
    assert not Agent.objects.filter(is_simulated=False).exists()


@pytest.mark.parametrize(
    ("sign_in", "role"),
    [
        ("agent", Role.AGENT),
        ("lead", Role.LEAD),
        ("admin", Role.CONTRACT_ADMIN),
        ("approver", Role.APPROVER),
        ("auditor", Role.AUDITOR),
        ("client", Role.CLIENT),
    ],
)
def test_every_role_can_sign_in_with_the_printed_password(demo: None, sign_in: str, role: Role) -> None:
    people.refresh_passwords(company=company.load_company())
    user = authenticate(None, email=f"{sign_in}@larkfield.example", password=people.demo_password())
    assert user is not None
    assert set(user.groups.values_list("name", flat=True)) == {role.value}
    assert user.is_superuser is False


def test_a_changed_key_gives_the_sign_ins_the_password_that_is_printed(demo: None) -> None:
    with override_settings(SECRET_KEY="another key, as after make clean"):
        people.refresh_passwords(company=company.load_company())
        assert User.objects.get(email="lead@larkfield.example").check_password(people.demo_password())


@override_settings(PPR_MODE="production")
@pytest.mark.django_db
def test_production_refuses_the_demo_and_nothing_is_written() -> None:
    with pytest.raises(CommandError, match="PPR_MODE is production"):
        call_command("demo", "--no-serve")
    assert not User.objects.exists()
    assert not ImportRun.objects.exists()


@pytest.mark.django_db
def test_another_companys_database_is_left_alone(var_dir: pathlib.Path) -> None:
    Source.objects.create(code="their-desk", name="Their help desk")
    with pytest.raises(CommandError, match="another company's records"), override_settings(PPR_VAR_DIR=var_dir):
        call_command("demo", "--no-serve")
    assert not User.objects.exists()
    assert not (var_dir / DEMO_CLOCK).exists()


def test_the_clock_stands_where_the_records_end_unless_it_is_set(var_dir: pathlib.Path) -> None:
    with override_settings(PPR_VAR_DIR=var_dir, PPR_NOW=None):
        clock.stop_at(instant=NOW)
    assert datetime.fromisoformat((var_dir / DEMO_CLOCK).read_text(encoding="ascii").strip()) == NOW


@pytest.mark.parametrize("width", [80, 100, 120])
def test_the_tables_fit_the_terminal(demo: None, width: int) -> None:
    console = terminal.make_console()
    console.width = width
    with console.capture() as captured:
        terminal.show_figures(console=console, figures=read_figures(), currency="USD")
    lines = captured.get().splitlines()
    assert max(len(line.rstrip()) for line in lines) <= width
    figures_cut = [line for line in lines if "…" in line[20:]]
    assert figures_cut == []
