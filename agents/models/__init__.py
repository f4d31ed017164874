from agents.models.accounts import AccountMonth
from agents.models.cases import Case, CaseEvent
from agents.models.changed_units import ChangedUnits
from agents.models.check_ins import CheckIn
from agents.models.coaching import CoachingNote, CoachingSession, GoalMetric, ImprovementPlan, ImprovementStep
from agents.models.costs import CostRate
from agents.models.deliveries import ApiKey, AwaitedCase, ChangedCase, HookSecret, RawDelivery
from agents.models.first_contacts import FirstContactChange, FirstContactCount, FirstContactDay
from agents.models.growth import Feedback
from agents.models.intake import HeldRow, ImportRun
from agents.models.jobs import JobRun, Worker
from agents.models.mappings import Mapping, MappingColumn, MappingEvent, MappingValue
from agents.models.notifications import Notification, NotificationPreference
from agents.models.people import Agent, ClientContact, ShiftBand, Site, Team, TeamMembership
from agents.models.plans import PlanAcknowledgement, PlanAssignment, SpecialDay
from agents.models.quality import HeldAnswer, QaReview, ReferenceRate, Survey, SurveyScale
from agents.models.queue import HoldAct
from agents.models.resolutions import Hold, Resolution, ResolutionTransition
from agents.models.reviews import Assessment, AssessmentAnswer, SampledCase, SampleDraw, Scorecard, ScorecardItem, ScorecardVersion
from agents.models.saved_filters import SavedFilter
from agents.models.signals import GamingSignal
from agents.models.sources import Source, SourceIdentity
from agents.models.training import Course, TrainingTask
from agents.models.uploads import Upload
from agents.models.users import User
from agents.models.wellbeing import GuardrailDecision, LoadLook, TimeEntry

__all__ = [
    "AccountMonth",
    "Agent",
    "ApiKey",
    "Assessment",
    "AssessmentAnswer",
    "AwaitedCase",
    "Case",
    "CaseEvent",
    "ChangedCase",
    "ChangedUnits",
    "CheckIn",
    "ClientContact",
    "CoachingNote",
    "CoachingSession",
    "CostRate",
    "Course",
    "Feedback",
    "FirstContactChange",
    "FirstContactCount",
    "FirstContactDay",
    "GamingSignal",
    "GoalMetric",
    "GuardrailDecision",
    "HeldAnswer",
    "HeldRow",
    "Hold",
    "HoldAct",
    "HookSecret",
    "ImportRun",
    "ImprovementPlan",
    "ImprovementStep",
    "JobRun",
    "LoadLook",
    "Mapping",
    "MappingColumn",
    "MappingEvent",
    "MappingValue",
    "Notification",
    "NotificationPreference",
    "PlanAcknowledgement",
    "PlanAssignment",
    "QaReview",
    "RawDelivery",
    "ReferenceRate",
    "Resolution",
    "ResolutionTransition",
    "SampleDraw",
    "SampledCase",
    "SavedFilter",
    "Scorecard",
    "ScorecardItem",
    "ScorecardVersion",
    "ShiftBand",
    "Site",
    "Source",
    "SourceIdentity",
    "SpecialDay",
    "Survey",
    "SurveyScale",
    "Team",
    "TeamMembership",
    "TimeEntry",
    "TrainingTask",
    "Upload",
    "User",
    "Worker",
]
