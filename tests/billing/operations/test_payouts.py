"""Payments are ordered once, follow the schema of the bank, and become paid or returned as the bank says."""

import csv
import hashlib
import io
from datetime import date, timedelta
from fractions import Fraction

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from sepaxml.validation import try_valid_xml

from agents.intake.tables import CELL_CHARACTERS_MAX
from billing.models import BankAccount, BankAnswer, Document, LedgerEntry, Payout, PayoutItem, PayRun, Settlement
from billing.models.payouts import check_iban
from billing.operations import bank_answers, export_payout, pay_out, record_bank_answer
from billing.queries import ledger as balances
from billing.queries import payroll_rows
from tests.billing import payout_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def payable():
    return payout_world.make_payable()


def answer(payable, *rows, as_of=payout_world.ANSWERED_AT, head="reference,status,date,reason"):
    content = "\n".join([head, *rows]).encode()
    return record_bank_answer.record_bank_answer(
        run_id=payable.run.pk, name="answer.csv", content=content, person=payable.approver, as_of=as_of
    )


def says(item, status, on="2016-04-07", reason=""):
    return f"{item.reference},{status},{on},{reason}"


def owed(payable):
    """What the ledger owes each agent, by name."""
    found = balances.party_balances(party="agent", on=date(2016, 4, 30))
    return {agent.name: -found.get(agent.pk, {}).get(("agent_pay", "USD"), 0) for agent in payable.world.agents}


def status_of(payable):
    payable.run.refresh_from_db()
    return payable.run.status, sorted(Settlement.objects.values_list("status", flat=True))


def test_who_has_no_account_is_named_and_left_out_and_stays_owed(payable):
    exported = payable.export()

    assert [(one.name, one.reason) for one in exported.left_out] == [
        ("No Account", "no bank account on 2016-04-07; enter one in the administration.")
    ]
    assert set(payable.items) == {"Ada Byrne", "Zoë Łukasz"}
    assert {item.amount_micros for item in payable.items.values()} == set(
        Settlement.objects.exclude(agent__name="No Account").values_list("total_micros", flat=True)
    )
    assert pay_out.unordered(run=payable.run) == ["No Account"]
    assert set(owed(payable).values()) == set(Settlement.objects.values_list("total_micros", flat=True))


def test_the_order_follows_the_schema_and_holds_every_payment(payable):
    (payout,) = payable.export().payouts
    content = bytes(payout.document.content)
    text = content.decode()

    try_valid_xml(content, "pain.001.001.09")
    assert text.count("<CdtTrfTxInf>") == 2
    assert f"<MsgId>PPR-201603-{payable.run.pk}-1</MsgId>" in text
    assert "<CreDtTm>2016-04-05T12:00:00+00:00</CreDtTm>" in text
    assert "<Nm>Zoe Lukasz</Nm>" in text
    assert "<Cd>SEPA</Cd>" not in text
    assert "<Dt>2016-04-07</Dt>" in text
    total = sum(item.amount_micros for item in payable.items.values())
    assert f"<CtrlSum>{total // 1_000_000}.{total // 10_000 % 100:02}</CtrlSum>" in text
    for item in payable.items.values():
        assert f"<EndToEndId>{item.reference}</EndToEndId>" in text
    assert payout.document.sha256 == hashlib.sha256(content).hexdigest()


def test_euro_is_ordered_as_sepa(payable):
    text = export_payout.payment_order.write_payment_order(
        message="PPR-1",
        payer=export_payout.payment_order.Account(holder="Larkfield", iban=payout_world.SELLER_IBAN, bic="COBADEFFXXX"),
        currency="EUR",
        pay_on=payout_world.PAYDAY,
        made_at=payout_world.POSTED_AT,
        transfers=[
            export_payout.payment_order.Transfer(
                payee=export_payout.payment_order.Account(holder="Ada", iban=payout_world.IBANS[2], bic="ABNANL2A"),
                hundredths=5,
                reference="S-1",
                words="Pay",
            )
        ],
    ).decode()

    assert "<Cd>SEPA</Cd>" in text
    assert '<InstdAmt Ccy="EUR">0.05</InstdAmt>' in text
    assert "<BICFI>ABNANL2A</BICFI>" in text


def test_nothing_is_ordered_twice(payable):
    payable.export()

    with pytest.raises(export_payout.UnableToExport, match="No Account: no bank account"):
        payable.export()

    assert Payout.objects.count() == 1


def test_only_some_agents_are_paid_off_cycle_and_the_others_later(payable):
    payable.export(agent_ids=[payable.world.agents[1].pk])
    assert set(payable.items) == {"Zoë Łukasz"}

    payout_world.give_account(payable.world.agents[2], payout_world.IBANS[2])
    assert payable.export().left_out == ()
    assert set(payable.items) == {"Ada Byrne", "Zoë Łukasz", "No Account"}
    assert [payout.message[-2:] for payout in Payout.objects.order_by("pk")] == ["-1", "-2"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"pay_on": date(2016, 4, 4)}, "2016-04-04 is over"),
        ({"seller_id": 0}, "Choose the company"),
        ({"agent_ids": []}, "is left to order"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused_and_writes_nothing(payable, changed, words):
    with pytest.raises(export_payout.UnableToExport, match=words):
        payable.export(**changed)

    assert not Document.objects.exists()


def test_a_company_without_a_valid_account_pays_nobody(payable):
    type(payable.seller).objects.update(iban="DE00370400440532013000")

    with pytest.raises(export_payout.UnableToExport, match="has no account to pay from"):
        payable.export()


def test_a_run_that_is_not_posted_orders_nothing(payable):
    pay_out.mark_pay_run_paid(run_id=payable.run.pk, person=payable.approver, paid_on=payout_world.PAYDAY, as_of=payout_world.ANSWERED_AT)

    with pytest.raises(export_payout.UnableToExport, match="is paid; payments of a posted run"):
        payable.export()


@pytest.mark.parametrize("iban", ["DE89370400440532013001", "DE8937040044053201300", "XX00", "", "DE89 3704 0044 0532 0130 00"])
def test_a_wrong_account_number_is_refused(iban):
    with pytest.raises(ValidationError, match="IBAN"):
        check_iban(iban)


def test_an_account_that_no_longer_checks_is_left_out(payable):
    BankAccount.objects.filter(iban=payout_world.IBANS[0]).update(iban="GB82WEST12345698765431")

    assert [one.name for one in payable.export().left_out] == ["Ada Byrne", "No Account"]


def test_an_account_counts_on_the_day_of_the_payment(payable):
    BankAccount.objects.filter(iban=payout_world.IBANS[0]).update(effective_to=payout_world.PAYDAY)

    assert [one.name for one in payable.export().left_out] == ["Ada Byrne", "No Account"]
    assert payable.export(pay_on=payout_world.PAYDAY - timedelta(days=1)).payouts[0].items.get().settlement.agent.name == "Ada Byrne"


def test_the_payroll_file_has_a_row_an_agent_and_its_columns_add_up(payable):
    payable.export()
    document = Document.objects.get(kind="payout_csv")
    rows = list(csv.DictReader(io.StringIO(bytes(document.content).decode("utf-8-sig"))))

    assert [row["name"] for row in rows] == ["Ada Byrne", "Zoë Łukasz", "No Account"]
    for row in rows:
        assert sum(Fraction(row[f"{kind}_amount"]) for kind in payroll_rows.KINDS) == Fraction(row["gross"])
        assert (row["hours"], row["rest_hours"], row["resolutions"], row["currency"]) == ("48", "0", "4", "USD")
        assert (row["week_1"], row["week_2"]) == ("2016-03-07", "")
        assert sum(Fraction(row[f"week_{n}_overtime_hours"] or 0) for n in range(1, 7)) == 8
    again = export_payout.keep_payroll_file(run=payable.run, as_of=payout_world.ANSWERED_AT)
    assert (again.pk, again.sha256) == (document.pk, hashlib.sha256(bytes(document.content)).hexdigest())


def test_the_run_is_paid_when_all_payments_are(payable):
    payout_world.give_account(payable.world.agents[2], payout_world.IBANS[2])
    payable.export()
    first, second, third = payable.items.values()

    read = answer(payable, says(first, "paid"), says(second, "pending"))
    assert (read.paid_count, read.waiting_count, read.held) == (1, 1, [])
    assert status_of(payable) == ("posted", ["paid", "posted", "posted"])

    answer(payable, says(second, "PAID"), says(third, "ACSC", on="2016-04-08"))
    assert status_of(payable) == ("paid", ["paid", "paid", "paid"])
    assert payable.run.paid_on == date(2016, 4, 8)
    assert set(owed(payable).values()) == {0}


def test_what_comes_back_is_owed_again_and_ordered_again(payable):
    payout_world.give_account(payable.world.agents[2], payout_world.IBANS[2])
    payable.export()
    answer(payable, *(says(item, "paid") for item in payable.items.values()))
    item = payable.items["Ada Byrne"]

    answer(payable, says(item, "returned", on="2016-04-08", reason="AC04 account closed"))

    assert status_of(payable) == ("posted", ["paid", "paid", "posted"])
    assert owed(payable)["Ada Byrne"] == item.amount_micros
    again = payable.export(as_of=payout_world.ANSWERED_AT, pay_on=date(2016, 4, 11)).payouts[0].items.get()
    assert again.reference == item.reference.removesuffix("-1") + "-2"
    answer(payable, says(again, "paid", on="2016-04-11"), as_of=payout_world.ANSWERED_AT + timedelta(days=4))
    assert status_of(payable)[0] == "paid"
    assert set(owed(payable).values()) == {0}
    assert sum(LedgerEntry.objects.values_list("amount_micros", flat=True)) == 0


def test_a_payment_refused_at_once_moves_nothing_in_the_ledger(payable):
    payable.export()
    count = LedgerEntry.objects.count()

    read = answer(payable, says(payable.items["Ada Byrne"], "rejected", reason="AC01"))

    assert read.returned_count == 1
    assert LedgerEntry.objects.count() == count
    assert payable.items["Ada Byrne"].answer == "AC01"


def test_the_same_file_again_changes_nothing(payable):
    payable.export()
    row = says(payable.items["Ada Byrne"], "paid")
    first = answer(payable, row)

    assert answer(payable, row) == first
    assert answer(payable, row, row).unchanged_count == 2
    assert LedgerEntry.objects.filter(transaction__kind="payout").count() == 2


def test_what_cannot_be_matched_is_held_with_its_reason_and_the_rest_counts(payable):
    payable.export()
    ada, zoe = payable.items["Ada Byrne"], payable.items["Zoë Łukasz"]

    read = answer(
        payable,
        "S-9999,paid,2016-04-07,",
        says(ada, "maybe"),
        says(ada, "paid", on="7 April"),
        says(ada, "paid", on="2016-04-09"),
        says(ada, "paid", on="2016-04-04"),
        says(zoe, "paid"),
        says(zoe, "returned"),
        ",paid,2016-04-07,",
    )

    assert [one["place"] for one in read.held] == ["row 2", "row 3", "row 4", "row 5", "row 6", "row 8", "row 9"]
    assert "No payment of this run" in read.held[0]["reason"]
    assert read.paid_count == 1
    assert {item.status for item in (payable.items["Ada Byrne"], payable.items["Zoë Łukasz"])} == {"exported", "paid"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"name,amount\nAda,3\n", "has no column reference, status, date"),
        (b"reference,status,date\n", "says nothing of any payment"),
        (b"\xff\xfe\x00", "neither XML nor CSV"),
        (b"reference,status,date\nS-1\x00,paid,2016-04-07\n", "holds a zero byte"),
        (b"reference,status,date\nS-1,paid," + b"9" * (CELL_CHARACTERS_MAX + 1), "cannot be read in line 2 .field larger than field limit"),
        (b"<Document><CstmrCdtTrfInitn/></Document>", "no payment status report"),
        (b"<Document><Cstmr", "not whole XML"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><Document>&b;</Document>', "declares a document type"),
    ],
)
def test_a_file_that_is_no_answer_is_refused_whole(payable, content, words):
    payable.export()

    with pytest.raises(bank_answers.UnableToReadAnswer, match=words):
        record_bank_answer.record_bank_answer(
            run_id=payable.run.pk, name="x", content=content, person=payable.approver, as_of=payout_world.ANSWERED_AT
        )

    assert not BankAnswer.objects.exists()


PAIN_002 = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>
<GrpHdr><MsgId>B1</MsgId><CreDtTm>2016-04-07T18:00:00</CreDtTm></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>{message}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{group}</OrgnlGrpInfAndSts>
<OrgnlPmtInfAndSts><OrgnlPmtInfId>{message}</OrgnlPmtInfId>{entries}</OrgnlPmtInfAndSts>
</CstmrPmtStsRpt></Document>"""
ENTRY = """<TxInfAndSts><OrgnlEndToEndId>{reference}</OrgnlEndToEndId><TxSts>{code}</TxSts>{reason}
<OrgnlTxRef><ReqdExctnDt><Dt>2016-01-01</Dt></ReqdExctnDt><PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl></PmtTpInf></OrgnlTxRef></TxInfAndSts>"""
REASON = "<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>Account closed</AddtlInf></StsRsnInf>"


def test_a_status_report_of_the_bank_is_read_payment_by_payment(payable):
    (payout,) = payable.export().payouts
    ada, zoe = payable.items["Ada Byrne"], payable.items["Zoë Łukasz"]
    entries = ENTRY.format(reference=ada.reference, code="ACSC", reason="") + ENTRY.format(
        reference=zoe.reference, code="RJCT", reason=REASON
    )
    content = PAIN_002.format(message=payout.message, group="<GrpSts>PART</GrpSts>", entries=entries).encode()

    read = record_bank_answer.record_bank_answer(
        run_id=payable.run.pk, name="b.xml", content=content, person=payable.approver, as_of=payout_world.ANSWERED_AT
    )

    assert (read.paid_count, read.returned_count, read.held) == (1, 1, [])
    ada, zoe = payable.items["Ada Byrne"], payable.items["Zoë Łukasz"]
    assert (ada.status, ada.answered_on, ada.answer) == ("paid", date(2016, 4, 7), "")
    assert (zoe.status, zoe.answered_on, zoe.answer) == ("returned", date(2016, 4, 7), "AC04 Account closed")


def test_an_order_refused_as_a_whole_returns_each_of_its_payments(payable):
    (payout,) = payable.export().payouts
    content = PAIN_002.format(message=payout.message, group=f"<GrpSts>RJCT</GrpSts>{REASON}", entries="").encode()

    read = record_bank_answer.record_bank_answer(
        run_id=payable.run.pk, name="b.xml", content=content, person=payable.approver, as_of=payout_world.ANSWERED_AT
    )

    assert read.returned_count == 2
    assert {item.answer for item in payable.items.values()} == {"AC04 Account closed"}


def test_marking_a_run_as_paid_by_hand_needs_a_payment_for_each_agent(payable):
    payable.export()
    mark = {"run_id": payable.run.pk, "person": payable.approver, "paid_on": payout_world.PAYDAY, "as_of": payout_world.ANSWERED_AT}

    with pytest.raises(pay_out.UnableToMarkPaid, match="No payment is under way for No Account"):
        pay_out.mark_pay_run_paid(**mark)

    payout_world.give_account(payable.world.agents[2], payout_world.IBANS[2])
    payable.export()
    pay_out.mark_pay_run_paid(**mark)
    assert status_of(payable) == ("paid", ["paid"] * 3)
    assert set(owed(payable).values()) == {0}


def test_a_run_without_orders_is_marked_as_paid_and_posted(payable):
    pay_out.mark_pay_run_paid(run_id=payable.run.pk, person=payable.approver, paid_on=payout_world.PAYDAY, as_of=payout_world.ANSWERED_AT)

    assert status_of(payable) == ("paid", ["paid"] * 3)
    assert set(owed(payable).values()) == {0}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE billing_payoutitem SET amount_micros = 1",
        "DELETE FROM billing_payoutitem",
        "UPDATE billing_payoutitem SET status = 'exported'",
        "UPDATE billing_payout SET pay_on = '2016-05-01'",
        "UPDATE billing_payrun SET status = 'posted', paid_on = NULL",
        "UPDATE billing_settlement SET status = 'posted'",
    ],
)
def test_raw_sql_changes_nothing_that_was_paid(payable, statement):
    payout_world.give_account(payable.world.agents[2], payout_world.IBANS[2])
    payable.export()
    answer(payable, *(says(item, "paid") for item in payable.items.values()))

    with pytest.raises((IntegrityError, Exception), match=r"(?i)cannot|only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert PayRun.objects.get().status == "paid"
    assert PayoutItem.objects.filter(status="paid").count() == 3
