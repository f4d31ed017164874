"""The life of a dated version: a draft is copied from the last one, checked, activated, and ended by the next."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contracts import lint_sentences, terms_parts
from contracts.models import ContractVersion, PayPlanVersion, RateCardRow, VersionStatus
from contracts.queries import lint, resolution_terms
from contracts.rules import errors
from contracts.rules.lint import findings

TIERED = (RateCardRow.Shape.GRADUATED, RateCardRow.Shape.VOLUME, RateCardRow.Shape.GRADUATED_PERCENTAGE)

Version = TypeVar("Version", ContractVersion, PayPlanVersion)


_follow_ups: list[Callable[[ContractVersion], object]] = []


def register_follow_up(*, act: Callable[[ContractVersion], object]) -> None:
    """Name the one who looks again at work that a contract version may price otherwise. This app imports no other, so the
    portal brings the two together when it starts.

    Args:
        act: called with each contract version that came into force or ended; it takes the place of one named before.
    """
    _follow_ups[:] = [act]


def follow_up(*, version: models.Model) -> None:
    """Let work be looked at again after a version came into force or ended; a plan version asks nobody.

    Args:
        version: of a contract or of a pay plan.
    """
    if isinstance(version, ContractVersion):
        for act in _follow_ups:
            act(version)


class UnableToActivate(ValueError):
    """A draft that may not become what people are paid or billed by; with the findings that stop it, if it was linted."""

    def __init__(self, message: str, found: Sequence[findings.Finding] = ()) -> None:
        super().__init__(message)
        self.found = tuple(found)


class UnableToEnd(ValueError):
    """A version that cannot be ended on that day."""


def find_version_before(*, version: Version) -> Version | None:
    """Return the version of the same contract or plan that has the next lower number; None for the first one.

    Args:
        version: the later one; stored.
    """
    return _siblings(version).filter(number__lt=version.number).order_by("-number").first()


def next_number(*, version: Version) -> int:
    """Return the number of a new version: one above the highest of the same contract or plan.

    Args:
        version: one that names its contract or plan; it need not be stored.
    """
    return int(_siblings(version).aggregate(highest=models.Max("number"))["highest"] or 0) + 1


@transaction.atomic
def clone_version(*, version: Version, effective_from: date) -> Version:
    """Copy a version with everything in it into a new draft.

    Args:
        version: the version to start from; it is not changed.
        effective_from: first day of the new draft.

    Returns: the draft, numbered one above the highest version of the same contract or plan.
    Source: design.md section 4, "open work keeps its snapshot": a change is a new version.
    """
    _siblings(version).select_for_update().order_by("pk").first()
    number = next_number(version=version)
    draft: Version = _copy(
        version,
        number=number,
        status=VersionStatus.DRAFT,
        effective_from=effective_from,
        effective_to=None,
        note=f"Copied from version {version.number}.",
    )
    _copy_below(terms_parts.CONTRACT_VERSION if isinstance(version, ContractVersion) else terms_parts.PLAN_VERSION, version, draft)
    return draft


@transaction.atomic
def activate_version(*, version: Version) -> Version:
    """Make a draft the version in force from its first day; the one before it ends there.

    Args:
        version: a draft.

    Returns: the active version. From now on the database refuses any change of it.
    Raises: UnableToActivate, naming what is missing, what lint found, or which version is in the way.
    Source: design.md section 4; style.md, "terms never overlap".
    """
    siblings = list(_siblings(version).select_for_update().order_by("number"))
    draft: Version = next(sibling for sibling in siblings if sibling.pk == version.pk)
    if draft.status != VersionStatus.DRAFT:
        raise UnableToActivate(
            _("%(draft)s is %(lower)s already; copy it into a new draft to change something.")
            % {"draft": draft, "lower": draft.get_status_display().lower()}
        )
    refuse_gaps(version=draft)
    for other in siblings:
        if other.status == VersionStatus.DRAFT or (other.effective_to and other.effective_to <= draft.effective_from):
            continue
        if other.effective_from >= draft.effective_from:
            raise UnableToActivate(
                _(
                    "%(other)s is in force from %(effective_from)s, which is not before %(effective_from_2)s. Choose a later first "
                    "day, or end that version."
                )
                % {"other": other, "effective_from": other.effective_from, "effective_from_2": draft.effective_from}
            )
        other.effective_to = draft.effective_from
        other.save(update_fields=["effective_to"])
    refuse_findings(version=draft)
    draft.status = VersionStatus.ACTIVE
    draft.save(update_fields=["status"])
    follow_up(version=draft)
    return draft


@transaction.atomic
def end_version(*, version: Version, effective_to: date) -> Version:
    """End an active version before a day, for a contract or plan that nothing follows.

    Args:
        version: an active version.
        effective_to: first day that it is no longer in force.

    Raises: UnableToEnd if it is not active or the day is not after its first.
    """
    locked: Version = _siblings(version).select_for_update().get(pk=version.pk)
    if locked.status != VersionStatus.ACTIVE:
        raise UnableToEnd(
            _("%(locked)s is %(lower)s; only an active version can be ended.")
            % {"locked": locked, "lower": locked.get_status_display().lower()}
        )
    if effective_to <= locked.effective_from:
        raise UnableToEnd(
            _("%(locked)s starts on %(effective_from)s; choose a later day than %(effective_to)s.")
            % {"locked": locked, "effective_from": locked.effective_from, "effective_to": effective_to}
        )
    locked.effective_to = effective_to
    locked.status = VersionStatus.ENDED
    locked.save(update_fields=["effective_to", "status"])
    follow_up(version=locked)
    return locked


def _siblings(version: Version) -> models.QuerySet[Any]:
    if isinstance(version, ContractVersion):
        return ContractVersion.objects.filter(contract=version.contract_id)
    return PayPlanVersion.objects.filter(plan=version.plan_id)


def refuse_gaps(*, version: Version) -> None:
    """Refuse a draft that lacks what pay or bills need, before anything is computed from it.

    Args:
        version: a draft of a contract or of a pay plan.

    Raises: UnableToActivate.
    """
    draft = version
    if isinstance(draft, ContractVersion):
        if not hasattr(draft, "resolution_policy"):
            raise UnableToActivate(_("%(draft)s has no resolution policy, so nothing could count. Add one below.") % {"draft": draft})
        _refuse_unreadable(draft)
        rows = list(draft.rate_card_rows.prefetch_related("tiers"))
        if not rows:
            raise UnableToActivate(_("%(draft)s has no prices. Add at least one row to its rate card.") % {"draft": draft})
        for row in rows:
            if row.shape in TIERED:
                _refuse_open_ladder(f"The row for {row}", [tier.up_to for tier in row.tiers.all()], draft)
        return
    _refuse_plan_gaps(draft)


def _refuse_plan_gaps(draft: PayPlanVersion) -> None:
    # A tier that earns as it fills has an end; what lint says of work beyond the last one is for people to weigh.
    if draft.mode != PayPlanVersion.Mode.INTERPOLATED or not draft.tiers.exists():
        _refuse_open_ladder("The plan", [tier.up_to for tier in draft.tiers.all()], draft)
    for name, rows in (("quality weights", draft.metrics), ("stage weights", draft.stage_weights)):
        weights = sum(rows.values_list("weight_bp", flat=True))
        if rows.exists() and weights != 10_000:
            raise UnableToActivate(
                _("The %(name)s of %(draft)s add up to %(weights)s%%. Make them 100%%.")
                % {"name": name, "draft": draft, "weights": f"{weights / 100:g}"}
            )
    if draft.crediting == PayPlanVersion.Crediting.STAGES and not draft.stage_weights.exists():
        raise UnableToActivate(
            _("%(draft)s shares credit by stages, but no stage has a weight. Add the stages and their weights below.") % {"draft": draft}
        )


def _refuse_unreadable(draft: ContractVersion) -> None:
    try:
        resolution_terms.freeze_policy(policy=draft.resolution_policy)
    except errors.InvalidInput as refused:
        raise UnableToActivate(
            _("The resolution policy of %(draft)s cannot be applied. %(message)s") % {"draft": draft, "message": refused.message}
        ) from refused


def refuse_findings(*, version: Version) -> list[findings.Finding]:
    """Stop at errors of lint; a warning is for people to weigh.

    Args:
        version: a draft of a contract or of a pay plan.

    Returns: the warnings.
    Raises: UnableToActivate with the errors.
    """
    draft, told_of = version, lint.lint_version(version=version)
    found = [one for one in told_of if one.severity == "error"]
    if found:
        told = " ".join(
            f"{number}. {lint_sentences.tell(one.what)} {lint_sentences.tell(one.remedy)}" for number, one in enumerate(found, start=1)
        )
        count = ngettext("%(count)s finding", "%(count)s findings", len(found)) % {"count": len(found)}
        raise UnableToActivate(
            _("%(draft)s stays a draft: %(count)s must be mended. %(told)s") % {"draft": draft, "count": count, "told": told}, found
        )
    return told_of


def _refuse_open_ladder(what: str, bounds: list[int | None], draft: Version) -> None:
    if None not in bounds:
        raise UnableToActivate(
            _("%(what)s of %(draft)s has no last tier without an end, so a high count would have no price. Add a tier with an empty bound.")
            % {"what": what, "draft": draft}
        )


def _copy_below(part: terms_parts.Part, source: Any, made: Any) -> None:
    """Copy every row that belongs to a row, as the terms document knows them: a term that travels is copied too."""
    for _other, accessor, child in part.only:
        held = getattr(source, accessor, None)
        if held is not None:
            _copy_below(child, held, _copy(held, **{child.owner: made}))
    for _other, accessor, child in part.children:
        for row in list(getattr(source, accessor).all()):
            _copy_below(child, row, _copy(row, **{child.owner: made}))


def _copy(row: Any, /, **changes: Any) -> Any:
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key}
    made = type(row)(**values)
    for name, value in changes.items():
        setattr(made, name, value)
    made.save(force_insert=True)
    return made
