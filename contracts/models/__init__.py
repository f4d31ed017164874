from contracts.models.baselines import ValueBaseline
from contracts.models.calendars import BusinessCalendar, CalendarHours, Holiday
from contracts.models.clients import Channel, Client, Contract, QueryType
from contracts.models.commercials import (
    Forecast,
    ForecastFloor,
    MinimumCommitment,
    ServiceCreditTerms,
    ServiceLevel,
    TaxRate,
    VolumeBand,
    VolumeBaseline,
)
from contracts.models.pay_plan_rates import PayPlanCategoryRate, PayPlanClassAmount, PayPlanStageWeight
from contracts.models.pay_plans import PayPlan, PayPlanLimit, PayPlanMetric, PayPlanTier, PayPlanVersion
from contracts.models.policies import ResolutionPolicy, ResolutionPolicyOverride
from contracts.models.rate_cards import RateCardRow, RateTier
from contracts.models.versions import ContractVersion, VersionStatus

__all__ = [
    "BusinessCalendar",
    "CalendarHours",
    "Channel",
    "Client",
    "Contract",
    "ContractVersion",
    "Forecast",
    "ForecastFloor",
    "Holiday",
    "MinimumCommitment",
    "PayPlan",
    "PayPlanCategoryRate",
    "PayPlanClassAmount",
    "PayPlanLimit",
    "PayPlanMetric",
    "PayPlanStageWeight",
    "PayPlanTier",
    "PayPlanVersion",
    "QueryType",
    "RateCardRow",
    "RateTier",
    "ResolutionPolicy",
    "ResolutionPolicyOverride",
    "ServiceCreditTerms",
    "ServiceLevel",
    "TaxRate",
    "ValueBaseline",
    "VersionStatus",
    "VolumeBand",
    "VolumeBaseline",
]
