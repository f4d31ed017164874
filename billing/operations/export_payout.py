"""Order the pay of a posted run from the bank, and write what payroll needs. Both files are kept byte for byte."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pghistory
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from agents.models import User
from billing.models import BankAccount, Document, Payout, PayoutItem, PayRun, Seller, Settlement
from billing.models.payouts import check_iban
from billing.operations import payment_order, store_document
from billing.operations.lock_pay_run import lock_pay_run
from billing.queries import csv_text, payroll_rows, references
from billing.rules import money

EXPORTABLE = (PayRun.Status.POSTED, PayRun.Status.PAID)
HUNDREDTH_MICROS = 10_000
XML, CSV = "application/xml", "text/csv; charset=utf-8"


class UnableToExport(Exception):
    """A run that is not posted, a payer without an account, a day in the past, or nobody who can be paid."""


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """An agent whose pay was not ordered, and why. It stays owed."""

    name: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Exported:
    """The orders that were made, one a currency, and by name who is in none of them."""

    payouts: tuple[Payout, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(kw_only=True)
class _Sorted:
    payable: dict[str, list[tuple[Settlement, BankAccount]]] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)


def export_payout(
    *, run_id: int, seller_id: int, pay_on: date, person: User, as_of: datetime, agent_ids: Collection[int] | None = None
) -> Exported:
    """Order every payment of a posted run that is not under way or paid yet: one file a currency.

    Args:
        run_id: a posted run.
        seller_id: the company whose account pays.
        pay_on: when the bank is to carry it out, today or later.
        person: who orders it.
        as_of: business instant.
        agent_ids: only these agents, for a payout off the usual day; None is everybody.

    Returns: the orders, and who was left out with the reason; their pay stays owed and comes with a later order.
    Raises: UnableToExport; nothing is written then.
    Source: docs/payouts.md.
    """
    with transaction.atomic(), pghistory.context(user=person.pk, act="order payments"):
        run = lock_pay_run(run_id=run_id)
        if run.status != PayRun.Status.POSTED:
            raise UnableToExport(
                _("%(run)s is %(lower)s; payments of a posted run are ordered.") % {"run": run, "lower": run.get_status_display().lower()}
            )
        if pay_on < as_of.astimezone(ZoneInfo(run.site.timezone)).date():
            raise UnableToExport(
                _("%(pay_on)s is over; choose today or a later day for the payments of %(run)s.") % {"pay_on": pay_on, "run": run}
            )
        payer = _payer(seller_id)
        found = _sort(_open_settlements(run, agent_ids), pay_on)
        if not found.payable:
            told = " ".join(f"{one.name}: {one.reason}" for one in found.left_out)
            raise UnableToExport(
                _("No payment of %(run)s can be ordered. %(told)s") % {"run": run, "told": told}
                if told
                else _("No payment of %(run)s is left to order.") % {"run": run}
            )
        keep_payroll_file(run=run, as_of=as_of)
        payouts = [_order(run, payer, currency, found.payable[currency], pay_on, person, as_of) for currency in sorted(found.payable)]
    return Exported(payouts=tuple(payouts), left_out=tuple(found.left_out))


def keep_payroll_file(*, run: PayRun, as_of: datetime) -> Document:
    """Return the payroll file of a posted run, written when it is first asked for; the run never changes after that.

    Raises: UnableToExport if the run is not posted.
    """
    if run.status not in EXPORTABLE:
        raise UnableToExport(
            _("%(run)s is %(lower)s; the payroll file of a posted run can be had.")
            % {"run": run, "lower": run.get_status_display().lower()}
        )
    key = f"run:{run.pk}"
    known = Document.objects.filter(kind=Document.Kind.PAYOUT_CSV, key=key).first()
    if known is not None:
        return known
    text = csv_text.write_csv(head=payroll_rows.HEAD, rows=payroll_rows.list_payroll_rows(run=run))
    name = f"payroll-{run.site.code}-{run.period_start:%Y-%m}{f'-{run.agent.code}' if run.agent else ''}.csv"
    return store_document.store_document(
        kind=Document.Kind.PAYOUT_CSV, key=key, name=name, content_type=CSV, content=text.encode(), issued_at=as_of
    )


def _payer(seller_id: int) -> payment_order.Account:
    seller = Seller.objects.filter(pk=seller_id).first()
    if seller is None:
        raise UnableToExport(_("Choose the company whose account pays; there is none of this number."))
    try:
        check_iban(seller.iban)
    except ValidationError as fault:
        raise UnableToExport(
            _("%(seller)s has no account to pay from: enter its IBAN in the administration. %(message)s")
            % {"seller": seller, "message": fault.message}
        ) from fault
    return payment_order.Account(holder=seller.bank_account_holder or seller.legal_name, iban=seller.iban, bic=seller.bic)


def _open_settlements(run: PayRun, agent_ids: Collection[int] | None) -> list[Settlement]:
    """Return what is owed and neither paid nor under way, with the number of earlier attempts."""
    owed = Settlement.objects.filter(run=run, total_micros__gt=0)
    if agent_ids is not None:
        owed = owed.filter(agent__in=list(agent_ids))
    under_way = PayoutItem.objects.filter(settlement__run=run).exclude(status=PayoutItem.Status.RETURNED).values("settlement")
    counted = owed.exclude(pk__in=under_way).annotate(attempt_count=Count("payout_items")).select_related("agent").defer("evidence")
    return list(counted.order_by("agent__name", "agent__code"))


def _sort(settlements: Sequence[Settlement], pay_on: date) -> _Sorted:
    """Tell who can be paid from who cannot, each of them with the reason."""
    in_force = BankAccount.objects.filter(agent__in=[found.agent_id for found in settlements], effective_from__lte=pay_on)
    accounts = {found.agent_id: found for found in in_force.filter(Q(effective_to=None) | Q(effective_to__gt=pay_on))}
    found = _Sorted()
    for settlement in settlements:
        account = accounts.get(settlement.agent_id)
        reason = _fault(settlement, account, pay_on)
        if account is None or reason:
            found.left_out.append(LeftOut(name=settlement.agent.name, reason=reason))
        else:
            found.payable.setdefault(settlement.currency, []).append((settlement, account))
    return found


def _fault(settlement: Settlement, account: BankAccount | None, pay_on: date) -> str:
    if account is None:
        return f"no bank account on {pay_on}; enter one in the administration."
    if money.currency_places(currency=settlement.currency) > payment_order.PLACES_MAX:
        return f"{settlement.currency} has more than {payment_order.PLACES_MAX} decimals, which this file cannot carry; pay by another way."
    try:
        check_iban(account.iban)
    except ValidationError as fault:
        return f"the account {account.masked} is wrong. {fault.message}"
    return ""


def _order(
    run: PayRun,
    payer: payment_order.Account,
    currency: str,
    pairs: Iterable[tuple[Settlement, BankAccount]],
    pay_on: date,
    person: User,
    as_of: datetime,
) -> Payout:
    number = Payout.objects.filter(run=run).count() + 1
    message = f"PPR-{run.period_start:%Y%m}-{run.pk}-{number}"
    items, transfers = [], []
    for settlement, account in pairs:
        attempt = settlement.attempt_count + 1  # type: ignore[attr-defined]  # annotated by _open_settlements
        reference = references.payment_reference(settlement=settlement, attempt=attempt)
        items.append(PayoutItem(settlement=settlement, amount_micros=settlement.total_micros, reference=reference))
        transfers.append(_transfer(settlement, account, reference))
    content = payment_order.write_payment_order(
        message=message, payer=payer, currency=currency, pay_on=pay_on, made_at=as_of, transfers=transfers
    )
    document = store_document.store_document(
        kind=Document.Kind.PAYOUT_XML, key=message, name=f"{message}.xml", content_type=XML, content=content, issued_at=as_of
    )
    payout = Payout.objects.create(
        run=run, message=message, currency=currency, pay_on=pay_on, document=document, exported_by=person, exported_at=as_of
    )
    for item in items:
        item.payout = payout
    PayoutItem.objects.bulk_create(items)
    return payout


def _transfer(settlement: Settlement, account: BankAccount, reference: str) -> payment_order.Transfer:
    return payment_order.Transfer(
        payee=payment_order.Account(holder=account.holder, iban=account.iban, bic=account.bic),
        hundredths=settlement.total_micros // HUNDREDTH_MICROS,
        reference=reference,
        words=f"Pay {settlement.period_start:%B %Y} {references.statement_reference(settlement=settlement)}",
    )
