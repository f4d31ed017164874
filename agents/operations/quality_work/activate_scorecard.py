"""Bring a scorecard version into force, and let the one before it end."""

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import ScorecardVersion
from agents.operations.quality_work import review_contact
from agents.rules import scorecards
from contracts.models.versions import VersionStatus


class UnableToActivateScorecard(Exception):
    """A version that is no draft, whose items do not weigh one, or that begins before the one in force."""


def activate_scorecard(*, version_id: int) -> ScorecardVersion:
    """Activate a draft; the version in force ends on the day that it begins.

    Args:
        version_id: a draft whose items weigh 100 percent together.

    Returns: the active version.
    Raises: UnableToActivateScorecard; nothing is written then.
    """
    with transaction.atomic(), pghistory.context(act="activate scorecard"):
        version = ScorecardVersion.objects.select_for_update().get(pk=version_id)
        if version.status != VersionStatus.DRAFT:
            raise UnableToActivateScorecard(_("%(version)s is no draft; only a draft is activated.") % {"version": version})
        try:
            scorecards.check_items(items=review_contact.items_of(items=version.items.all()))
        except scorecards.InvalidScorecard as refused:
            raise UnableToActivateScorecard(str(refused)) from refused
        before = ScorecardVersion.objects.filter(scorecard=version.scorecard_id, status=VersionStatus.ACTIVE).first()
        if before is not None and before.effective_from >= version.effective_from:
            raise UnableToActivateScorecard(
                _("%(before)s is in force from %(day)s on; let this one begin after that day.")
                % {"before": before, "day": before.effective_from}
            )
        if before is not None:
            before.status, before.effective_to = VersionStatus.ENDED, version.effective_from
            before.save(update_fields=["status", "effective_to"])
        version.status = VersionStatus.ACTIVE
        version.save(update_fields=["status"])
    return version
