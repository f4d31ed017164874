"""Resolution policies of contract versions, as the frozen terms that rules read."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from contracts.models import ResolutionPolicy as StoredPolicy
from contracts.models import ResolutionPolicyOverride as StoredOverride
from contracts.rules import errors, resolution_policy
from contracts.rules.resolution_policy import PolicyOverride, ResolutionPolicy

SAME_KNOBS = (
    "delivery_model",
    "verified_by",
    "silence_clock",
    "reopen_effect",
    "reduced_price_bp",
    "repeat_scope",
    "unit_cap",
    "counts_no_further_action",
    "priced_as_of",
)
WINDOWS = ("silence_window", "reopen_window", "repeat_window")


@dataclass(frozen=True, kw_only=True)
class Policies:
    """The policies that can be read, and why the others cannot, both by contract version."""

    readable: dict[int, ResolutionPolicy]
    unreadable: dict[int, str]

    def effective(self, *, version_id: int, query_type: str | None, channel: str | None) -> ResolutionPolicy:
        """Return the one policy in force for a class."""
        return resolution_policy.effective_policy(policy=self.readable[version_id], query_type=query_type, channel=channel)


def load_policies() -> Policies:
    """Read the policy of every active or ended contract version, in two queries."""
    stored = StoredPolicy.objects.filter(version__status__in=("active", "ended")).select_related("version__contract")
    readable: dict[int, ResolutionPolicy] = {}
    unreadable: dict[int, str] = {}
    for policy in stored.prefetch_related("overrides__query_type", "overrides__channel"):
        try:
            readable[policy.version_id] = freeze_policy(policy=policy)
        except errors.InvalidInput as refused:
            unreadable[policy.version_id] = f"The resolution policy of {policy.version} cannot be applied: {refused.message}"
    return Policies(readable=readable, unreadable=unreadable)


def freeze_policy(*, policy: StoredPolicy) -> ResolutionPolicy:
    """Read one stored policy.

    Raises: InvalidPolicy if its knobs contradict each other.
    """
    knobs: dict[str, Any] = {name: getattr(policy, name) for name in SAME_KNOBS}
    windows: dict[str, Any] = {name: timedelta(hours=getattr(policy, f"{name}_hours")) for name in WINDOWS}
    return ResolutionPolicy(
        **knobs,
        **windows,
        exclusions=frozenset(policy.exclusions),
        timezone=policy.version.contract.timezone,
        overrides=tuple(_freeze_override(override) for override in policy.overrides.all()),
    )


def _freeze_override(override: StoredOverride) -> PolicyOverride:
    hours = {name: getattr(override, f"{name}_hours") for name in WINDOWS}
    changed: dict[str, Any] = {name: timedelta(hours=value) for name, value in hours.items() if value is not None}
    changed |= {name: value for name in ("delivery_model", "verified_by") if (value := getattr(override, name))}
    return PolicyOverride(
        query_type=override.query_type.code if override.query_type else None,
        channel=override.channel.code if override.channel else None,
        **changed,
    )
