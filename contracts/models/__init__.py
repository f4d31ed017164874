from contracts.models.clients import Channel, Client, Contract, QueryType
from contracts.models.pay_plans import PayPlan, PayPlanLimit, PayPlanMetric, PayPlanTier, PayPlanVersion
from contracts.models.policies import ResolutionPolicy, ResolutionPolicyOverride
from contracts.models.rate_cards import RateCardRow, RateTier
from contracts.models.versions import ContractVersion, VersionStatus

__all__ = [
    "Channel",
    "Client",
    "Contract",
    "ContractVersion",
    "PayPlan",
    "PayPlanLimit",
    "PayPlanMetric",
    "PayPlanTier",
    "PayPlanVersion",
    "QueryType",
    "RateCardRow",
    "RateTier",
    "ResolutionPolicy",
    "ResolutionPolicyOverride",
    "VersionStatus",
]
