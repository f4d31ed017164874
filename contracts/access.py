"""Who may see which contracts: a client contact their own client's, those who set up, approve or audit all of them."""

from typing import Any

from django.db.models import QuerySet

from contracts.models import Contract

READERS = ("contract_admin", "approver", "auditor")
CLIENT = "client"


def contracts_for(user: Any) -> QuerySet[Contract]:
    """Return the contracts that a person may see. Roles are the names of groups; the people behind them live in another app."""
    roles = set(user.groups.values_list("name", flat=True))
    if user.is_superuser or roles.intersection(READERS):
        return Contract.objects.all()
    if CLIENT in roles:
        return Contract.objects.filter(client__contacts__user=user)
    return Contract.objects.none()
