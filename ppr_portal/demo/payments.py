"""How March's pay left in the demo: simulated accounts, one order a site, and the bank's answer that all of it was paid."""

import csv
import io
from datetime import UTC, datetime, time

from agents.models import Agent, User
from billing.models import BankAccount, PayoutItem, PayRun, Seller
from billing.operations.export_payout import export_payout
from billing.operations.record_bank_answer import record_bank_answer
from billing.rules import paydays

SIMULATED = "simulated"
# No bank has this number, so no account of the demo can be anybody's.
NO_BANK = "00000000"
LETTERS_OF_DE = "131400"


def pay_through_the_bank(*, run: PayRun, seller: Seller, approver: User, as_of: datetime) -> None:
    """Order the payments of a posted run for its payday, and read an answer in which the bank paid every one.

    Args:
        run: a posted run.
        seller: the company that pays.
        approver: who orders and brings the answer.
        as_of: business instant of the order; the answer comes on the evening of the payday.
    """
    _seed_accounts(run, seller)
    payday = paydays.find_payday(period_end=run.period_end, working_day=run.site.payday_rule)
    export_payout(run_id=run.pk, seller_id=seller.pk, pay_on=payday, person=approver, as_of=as_of)
    told = io.StringIO()
    writer = csv.writer(told)
    writer.writerow(("reference", "status", "date", "reason"))
    for reference in PayoutItem.objects.filter(payout__run=run).order_by("pk").values_list("reference", flat=True):
        writer.writerow((reference, "paid", payday.isoformat(), ""))
    answered_at = datetime.combine(payday, time(23), tzinfo=UTC)
    name = f"{SIMULATED}-answer-{run.site.code}.csv"
    record_bank_answer(run_id=run.pk, name=name, content=told.getvalue().encode(), person=approver, as_of=answered_at)


def make_iban(*, number: int) -> str:
    """Return an account number that passes every check and belongs to no bank.

    >>> make_iban(number=7)
    'DE41000000000000000007'
    """
    account = f"{NO_BANK}{number:010d}"
    return f"DE{98 - int(account + LETTERS_OF_DE) % 97:02d}{account}"


def _seed_accounts(run: PayRun, seller: Seller) -> None:
    if not seller.iban:
        seller.iban, seller.bank_account_holder = make_iban(number=1), f"{seller.legal_name} ({SIMULATED})"
        seller.save(update_fields=["iban", "bank_account_holder"])
    agents = Agent.objects.filter(settlements__run=run, bank_accounts=None).distinct().order_by("pk")
    BankAccount.objects.bulk_create(
        BankAccount(
            agent=agent, holder=f"{agent.name} ({SIMULATED})"[:70], iban=make_iban(number=1_000 + agent.pk), effective_from=run.period_start
        )
        for agent in agents
    )
