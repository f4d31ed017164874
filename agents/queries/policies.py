"""Resolution policies of contract versions, as the frozen terms that rules read."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from contracts.models import Channel
from contracts.models import ResolutionPolicy as StoredPolicy
from contracts.queries import resolution_terms
from contracts.rules import errors, resolution_policy
from contracts.rules.resolution_policy import ResolutionPolicy


@dataclass(frozen=True, kw_only=True)
class Policies:
    """The policies that can be read, and why the others cannot, both by contract version."""

    readable: dict[int, ResolutionPolicy]
    unreadable: dict[int, str]

    def effective(self, *, version_id: int, query_type: str | None, channel: str | None) -> ResolutionPolicy:
        """Return the one policy in force for a class."""
        return resolution_policy.effective_policy(policy=self.readable[version_id], query_type=query_type, channel=channel)


def load_policies(*, drafts: Collection[int] = ()) -> Policies:
    """Read the policy of every active or ended contract version, and of the drafts asked for, in a fixed number of queries."""
    stored = StoredPolicy.objects.filter(Q(version__status__in=("active", "ended")) | Q(version__in=drafts))
    unassisted = frozenset(Channel.objects.filter(is_assisted=False).values_list("code", flat=True))
    readable: dict[int, ResolutionPolicy] = {}
    unreadable: dict[int, str] = {}
    for policy in resolution_terms.with_terms(policies=stored):
        try:
            readable[policy.version_id] = resolution_terms.freeze_policy(policy=policy, unassisted_channels=unassisted)
        except errors.InvalidInput as refused:
            unreadable[policy.version_id] = _("The resolution policy of %(version)s cannot be applied: %(message)s") % {
                "version": policy.version,
                "message": refused.message,
            }
    return Policies(readable=readable, unreadable=unreadable)
