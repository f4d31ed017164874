"""Withdraw a final run whose agent did not leave then after all: the run of the month pays them again."""

import pghistory
from django.db import models, transaction
from django.utils.translation import gettext as _

from agents.models import User
from billing.models import Earning, PayRun, Settlement, SettlementLine
from billing.operations.calculate_pay_run import lock_site
from billing.operations.lock_pay_run import lock_pay_run
from billing.queries import payees

Status = PayRun.Status


class UnableToWithdraw(Exception):
    """A run that is gone, of a month, being calculated or approved; one that something refers to, or whose month nobody else would pay."""


class AlreadyWithdrawn(UnableToWithdraw):
    """A run that somebody withdrew meanwhile."""


def withdraw_final_run(*, run_id: int, person: User) -> PayRun:
    """Delete the run of one agent with its settlement; the audit log keeps that it was.

    Args:
        run_id: a final run that is calculated or in review.
        person: who withdraws it.

    Returns: the run as it was.
    Raises: UnableToWithdraw, of which AlreadyWithdrawn says that the run is gone; nothing is written then.
    Source: design.md section 9, a run before approval is no record; docs/payouts.md, "Final pay".
    """
    with transaction.atomic(), pghistory.context(user=person.pk, act="withdraw final pay"):
        site_id = PayRun.objects.values_list("site", flat=True).filter(pk=run_id).first()
        if site_id is None:
            raise AlreadyWithdrawn(_("This final pay is withdrawn already."))
        lock_site(site_id=site_id)
        run = lock_pay_run(run_id=run_id)
        if run.agent_id is None or run.status not in (Status.CALCULATED, Status.IN_REVIEW):
            words = _("%(run)s is %(state)s; only final pay that is calculated and not approved can be withdrawn.")
            raise UnableToWithdraw(words % {"run": run, "state": run.get_status_display().lower()})
        month = payees.find_month_without(run=run)
        if month is not None:
            words = _("%(month)s is %(state)s without %(agent)s and pays nobody else any more; take this final pay further and adjust it.")
            raise UnableToWithdraw(words % {"month": month, "state": month.get_status_display().lower(), "agent": run.agent})
        settlements = list(Settlement.objects.filter(run=run).values_list("pk", flat=True))
        try:
            Earning.objects.filter(agent=run.agent_id, settlement__in=settlements).delete()
            SettlementLine.objects.filter(settlement__in=settlements).delete()
            Settlement.objects.filter(pk__in=settlements).delete()
            PayRun.objects.filter(pk=run_id).delete()
        except models.ProtectedError as refused:
            words = _("Something refers to the pay of %(run)s, such as a dispute; decide that first.")
            raise UnableToWithdraw(words % {"run": run}) from refused
    return run
