"""The PDF of a statement is issued once; page, PDF and CSV hold everything that pay law asks of a statement."""

import csv
import hashlib
import io
from datetime import date
from fractions import Fraction

import pypdf
import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent, PlanAcknowledgement
from billing.models import Document, Settlement, SettlementLine
from billing.queries import statement_facts
from ppr_portal import statement_papers
from tests import factories
from tests.ppr_portal.company import Company

pytestmark = pytest.mark.django_db


def files(company: Company, name: str, month: date = factories.MARCH) -> str:
    return reverse(name, args=[company.agent.pk, month])


def test_the_pdf_is_issued_once_and_stays_whatever_is_changed_later(company: Company, client: Client) -> None:
    client.force_login(company.user_of("agent"))
    first = client.get(files(company, "statement_pdf"))
    Agent.objects.filter(pk=company.agent.pk).update(name="Somebody Else")
    again = client.get(files(company, "statement_pdf"))

    assert first.content.startswith(b"%PDF-")
    assert first["Content-Type"] == "application/pdf"
    assert again.content == first.content
    document = Document.objects.get(kind="statement_pdf")
    assert document.sha256 == hashlib.sha256(first.content).hexdigest()
    assert document.name == f"statement-{company.agent.code}-2016-03.pdf"


def test_a_reader_of_spanish_gets_a_copy_and_the_statement_as_issued(company: Company, client: Client) -> None:
    reader = company.user_of("agent")
    reader.language = "es"
    reader.save()
    client.force_login(reader)
    page = client.get(files(company, "statement")).content.decode()
    copy = client.get(files(company, "statement_pdf") + "?in=es")
    issued = client.get(files(company, "statement_pdf"))

    assert f'{files(company, "statement_pdf")}?in=es"' in page
    assert f'{files(company, "statement_pdf")}"' in page
    words = " ".join(" ".join(each.extract_text() for each in pypdf.PdfReader(io.BytesIO(copy.content)).pages).split())
    assert "Total antes de impuestos" in words
    assert "Total before tax" not in words
    assert copy.content != issued.content
    assert client.get(files(company, "statement_pdf") + "?in=xx").content == issued.content


def test_a_statement_that_may_still_change_has_no_pdf(company: Company, client: Client) -> None:
    client.force_login(company.user_of("agent"))
    april = Settlement.objects.get(agent=company.agent, period_start=factories.APRIL)

    assert client.get(files(company, "statement_pdf", factories.APRIL)).status_code == 404
    with pytest.raises(statement_papers.UnableToIssue, match="is not posted and may still change"):
        statement_papers.issue_statement(settlement_id=april.pk)
    assert not Document.objects.filter(kind="statement_pdf").exists()


def test_page_and_csv_tell_what_stands_beside_the_lines(company: Company, client: Client) -> None:
    client.force_login(company.user_of("agent"))
    settlement = Settlement.objects.get(agent=company.agent, period_start=factories.MARCH)
    PlanAcknowledgement.objects.create(
        agent=company.agent, version=settlement.plan_version, acknowledged_at=factories.NOON, words="The plan", words_hash="0" * 64
    )
    page = client.get(files(company, "statement")).content.decode()
    rows = list(csv.DictReader(io.StringIO(client.get(files(company, "statement_csv")).content.decode("utf-8-sig"))))

    for words in ("2016 so far", "Advances and pay kept for later", "How to contest it", "Workweeks and regular rate", "Plan read"):
        assert words in page
    assert "not acknowledged" not in page
    beside = [row for row in rows if not row["position"]]
    assert {"total", "year_to_date", "workweek", "workweek_overtime", "floor_test", "plan", "contest"} <= {row["kind"] for row in beside}
    total = next(row for row in beside if row["kind"] == "total")
    lines = sum(Fraction(row["amount"]) for row in rows if row["position"])
    assert Fraction(total["amount"]) == lines == Fraction(settlement.total_micros, 1_000_000)
    assert "read 2016-" in next(row for row in beside if row["kind"] == "plan")["label"]


def test_the_year_so_far_adds_up_and_leaves_out_what_comes_later(company: Company) -> None:
    march = Settlement.objects.get(agent=company.agent, period_start=factories.MARCH)
    april = Settlement.objects.get(agent=company.agent, period_start=factories.APRIL)

    assert statement_facts.read_facts(settlement=march).year_total_micros == march.total_micros
    assert statement_facts.read_facts(settlement=april).year_total_micros == march.total_micros + april.total_micros
    rows = statement_facts.read_facts(settlement=april).year_rows
    units = SettlementLine.objects.filter(settlement__agent=company.agent, kind="unit").values_list("amount_micros", flat=True)
    assert {row.kind: row.amount_micros for row in rows}["unit"] == sum(units)


def test_a_new_year_starts_anew_and_balances_are_named() -> None:
    agent, version = factories.make_agent(), factories.make_plan_version()
    line = [{"kind": "base", "label": "Base pay", "amount_micros": 5_000_000}]
    factories.make_settlement(
        agent=agent, plan_version=version, period_start=date(2015, 12, 1), period_end=date(2016, 1, 1), status="paid", lines=line
    )
    evidence = {"balances": {"draw": "12.5", "holdback": "0", "cap": "0", "reversal": "3"}, "holiday_hours": "4.83"}
    january = factories.make_settlement(
        agent=agent, plan_version=version, period_start=date(2016, 1, 1), period_end=date(2016, 2, 1), lines=line, evidence=evidence
    )

    facts = statement_facts.read_facts(settlement=january)

    assert (facts.year, facts.year_total_micros) == (2016, 5_000_000)
    assert [(one.name, one.amount_micros) for one in facts.balances] == [("draw", 12_500_000), ("reversal", 3_000_000)]
    assert facts.holiday_hours == Fraction(483, 100)
    assert facts.acknowledged_at is None
