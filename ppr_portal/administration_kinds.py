"""What the administration's first page shows side by side: contracts and pay plans, each with its versions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from contracts.models import Contract, ContractVersion, PayPlan, PayPlanVersion
from contracts.translation import gettext_lazy


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How versions of contracts and of plans differ; `field` is what a version calls its contract or plan."""

    title: str
    all_words: str
    parent: Any
    version: Any
    field: str
    note: Callable[[Any], str]
    order: tuple[str, ...]
    related: tuple[str, ...]
    try_route: str


CONTRACTS = Kind(
    title=gettext_lazy("Contracts"),
    all_words=gettext_lazy("All contracts"),
    parent=Contract,
    version=ContractVersion,
    field="contract",
    note=lambda contract: str(contract.client.name),
    order=("client__name", "name", "pk"),
    related=("client",),
    try_route="version_simulation",
)
PLANS = Kind(
    title=gettext_lazy("Pay plans"),
    all_words=gettext_lazy("All pay plans"),
    parent=PayPlan,
    version=PayPlanVersion,
    field="plan",
    note=lambda plan: str(plan.code),
    order=("name", "pk"),
    related=(),
    try_route="plan_back_test",
)
KINDS = (CONTRACTS, PLANS)


def url_of(model: Any, page: str, *args: object) -> str:
    """Return the address of a page of the administration: a model's list, a form to add one, or the one of an id."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def may(request: HttpRequest, act: str, model: Any) -> bool:
    """Tell whether somebody may view, add, change or delete rows of a model."""
    return request.user.has_perm(f"{model._meta.app_label}.{act}_{model._meta.model_name}")
