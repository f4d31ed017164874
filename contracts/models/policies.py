"""The resolution policy of a contract version: when a solved case counts. See design.md section 4."""

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from contracts.models import fields
from contracts.models.calendars import BusinessCalendar
from contracts.models.clients import Channel, QueryType
from contracts.models.versions import ContractVersion, frozen_with_version

POLICY_VERSION = "SELECT status FROM contracts_contractversion WHERE id = item.version_id"
OVERRIDE_VERSION = """SELECT status FROM contracts_contractversion
    WHERE id = (SELECT version_id FROM contracts_resolutionpolicy WHERE id = item.policy_id)"""

AS_IN_POLICY = "Empty: as in the policy."

EXCLUSIONS = [
    "spam",
    "test",
    "internal",
    "duplicate",
    "merged",
    "abandoned",
    "wrong_queue",
    "client_outage",
    "greeting_only",
    "self_service",
]


def default_exclusions() -> list[str]:
    """Return the exclusions that a new policy starts with."""
    return list(EXCLUSIONS)


class DeliveryModel(models.TextChoices):
    DIRECT = "direct", _("Direct: a qualified agent answers")
    FRONT_LINE_TRIAGE = "front_line_triage", _("Front-line triage: somebody routes first")
    CALL_BACK = "call_back", _("Call back: we return the call")
    ELECTRONIC = "electronic", _("Electronic: e-mail or form")


class VerifiedBy(models.TextChoices):
    CUSTOMER_OR_SILENCE = "customer_or_silence", _("The customer, or silence until the window ends")
    CUSTOMER_ONLY = "customer_only", _("Only the customer")
    AGENT_CLOSE = "agent_close", _("The agent closes the case")
    QA_SAMPLE = "qa_sample", _("A QA reviewer")
    CLIENT_APPROVAL = "client_approval", _("The client")


class ReopenEffect(models.TextChoices):
    VOID_BEFORE_BILLING = "void_before_billing", _("Not paid, if it was not billed yet")
    DEDUCT_LATER = "deduct_later", _("Paid, and deducted later")
    NEW_UNIT = "new_unit", _("Paid, and the next resolution is paid too")
    REDUCED_PRICE = "reduced_price", _("Paid at a reduced price")


class RepeatScope(models.TextChoices):
    ANY_CHANNEL = "any_channel", _("On any channel")
    OWN_CHANNEL = "own_channel", _("Only on the same channel")
    OFF = "off", _("Off: a new contact never reopens")


class Clock(models.TextChoices):
    CALENDAR = "calendar", _("Calendar hours")
    BUSINESS = "business", _("Business hours")


class UnitCap(models.TextChoices):
    ONCE_PER_CASE = "once_per_case", _("Once per case")
    PER_CUSTOMER_PER_DAY = "per_customer_per_day", _("Once per customer and day")


class PricedAsOf(models.TextChoices):
    RESOLUTION = "resolution", _("When it was resolved")
    OPENING = "opening", _("When the case was opened")
    VERIFICATION = "verification", _("When it was verified")


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class ResolutionPolicy(models.Model):
    """All knobs of one contract version."""

    version = models.OneToOneField(ContractVersion, on_delete=models.CASCADE, related_name="resolution_policy")
    delivery_model = models.CharField(
        max_length=24,
        choices=DeliveryModel,
        default=DeliveryModel.DIRECT,
        help_text=_("Decides where the clock of first contact resolution starts."),
    )
    verified_by = models.CharField(
        max_length=24, choices=VerifiedBy, default=VerifiedBy.CUSTOMER_OR_SILENCE, help_text=_("Whose word makes a resolution payable.")
    )
    silence_window_hours = models.PositiveIntegerField(
        default=72, help_text=_("Hours of silence after the agent's last message that count as a yes.")
    )
    silence_clock = models.CharField(
        max_length=8, choices=Clock, default=Clock.CALENDAR, help_text=_("Which hours the silence window counts.")
    )
    calendar = models.ForeignKey(
        BusinessCalendar,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="policies",
        help_text=_(
            "Opening hours of the client, for windows that count business hours. Its hours and listed holidays are kept "
            "from the day that this version is activated."
        ),
    )
    reopen_window_hours = models.PositiveIntegerField(
        default=168, help_text=_("Hours after the resolution in which a come-back reopens it. 168 is seven days.")
    )
    reopen_clock = models.CharField(
        max_length=8, choices=Clock, default=Clock.CALENDAR, help_text=_("Which hours the reopen window counts.")
    )
    reopen_effect = models.CharField(
        max_length=24, choices=ReopenEffect, default=ReopenEffect.VOID_BEFORE_BILLING, help_text=_("What a reopen does to the price.")
    )
    reduced_price_bp = fields.BasisPointsField(
        null=True, blank=True, help_text=_("Part of the price that stays, in percent; only for a reduced price.")
    )
    repeat_scope = models.CharField(
        max_length=16,
        choices=RepeatScope,
        default=RepeatScope.ANY_CHANNEL,
        help_text=_("Whether the same customer with the same query type reopens an earlier case."),
    )
    repeat_window_hours = models.PositiveIntegerField(default=168, help_text=_("Hours in which such a repeat contact counts."))
    repeat_clock = models.CharField(
        max_length=8, choices=Clock, default=Clock.CALENDAR, help_text=_("Which hours the repeat window counts.")
    )
    unit_cap = models.CharField(
        max_length=24, choices=UnitCap, default=UnitCap.ONCE_PER_CASE, help_text=_("How often one case or customer can be paid.")
    )
    exclusions = ArrayField(
        models.CharField(max_length=32), default=default_exclusions, help_text=_("Codes that make a case not count, separated by commas.")
    )
    counts_no_further_action = models.BooleanField(default=True, help_text=_('Whether "no further action is possible" is a resolution.'))
    priced_as_of = models.CharField(
        max_length=16,
        choices=PricedAsOf,
        default=PricedAsOf.RESOLUTION,
        help_text=_("Which moment's query type, channel and rate card decide the price."),
    )
    fcr_optimum_bp = fields.BasisPointsField(
        null=True,
        blank=True,
        verbose_name=_("FCR optimum"),
        help_text=_(
            "Part of the cases that could be resolved at first contact at best, in percent. A guide beside the rate, never a pay target."
        ),
    )

    class Meta:
        verbose_name_plural = _("resolution policies")
        constraints = [
            models.CheckConstraint(
                name="policy_fcr_optimum_is_a_part",
                condition=models.Q(fcr_optimum_bp__isnull=True) | models.Q(fcr_optimum_bp__range=(0, 10_000)),
            ),
            models.CheckConstraint(
                name="policy_reduced_price_has_its_part",
                # A range over no value is neither true nor false, and a constraint lets that through.
                condition=models.Q(reopen_effect="reduced_price", reduced_price_bp__isnull=False, reduced_price_bp__range=(0, 10_000))
                | (~models.Q(reopen_effect="reduced_price") & models.Q(reduced_price_bp=None)),
            ),
        ]
        triggers = frozen_with_version(version_of=POLICY_VERSION)

    def __str__(self) -> str:
        return f"resolution policy of {self.version}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class ResolutionPolicyOverride(models.Model):
    """Other knobs for one query type × channel. The most specific override wins; an empty field keeps the policy's value."""

    policy = models.ForeignKey(ResolutionPolicy, on_delete=models.CASCADE, related_name="overrides")
    query_type = models.ForeignKey(QueryType, null=True, blank=True, on_delete=models.PROTECT, help_text=_("Empty: any query type."))
    channel = models.ForeignKey(Channel, null=True, blank=True, on_delete=models.PROTECT, help_text=_("Empty: any channel."))
    delivery_model = models.CharField(max_length=24, choices=DeliveryModel, blank=True, default="", help_text=AS_IN_POLICY)
    verified_by = models.CharField(max_length=24, choices=VerifiedBy, blank=True, default="", help_text=AS_IN_POLICY)
    silence_window_hours = models.PositiveIntegerField(null=True, blank=True, help_text=AS_IN_POLICY)
    silence_clock = models.CharField(max_length=8, choices=Clock, blank=True, default="", help_text=AS_IN_POLICY)
    reopen_window_hours = models.PositiveIntegerField(null=True, blank=True, help_text=AS_IN_POLICY)
    reopen_clock = models.CharField(max_length=8, choices=Clock, blank=True, default="", help_text=AS_IN_POLICY)
    reopen_effect = models.CharField(max_length=24, choices=ReopenEffect, blank=True, default="", help_text=AS_IN_POLICY)
    reduced_price_bp = fields.BasisPointsField(null=True, blank=True, help_text="Part of the price that stays, in percent. " + AS_IN_POLICY)
    repeat_scope = models.CharField(max_length=16, choices=RepeatScope, blank=True, default="", help_text=AS_IN_POLICY)
    repeat_window_hours = models.PositiveIntegerField(null=True, blank=True, help_text=AS_IN_POLICY)
    repeat_clock = models.CharField(max_length=8, choices=Clock, blank=True, default="", help_text=AS_IN_POLICY)
    unit_cap = models.CharField(max_length=24, choices=UnitCap, blank=True, default="", help_text=AS_IN_POLICY)
    exclusions = ArrayField(
        models.CharField(max_length=32), blank=True, default=list, help_text="Codes that make a case not count. " + AS_IN_POLICY
    )
    counts_no_further_action = models.BooleanField(null=True, blank=True, help_text=AS_IN_POLICY)
    priced_as_of = models.CharField(max_length=16, choices=PricedAsOf, blank=True, default="", help_text=AS_IN_POLICY)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="policy_override_once", fields=["policy", "query_type", "channel"], nulls_distinct=False),
            models.CheckConstraint(name="policy_override_names_a_class", condition=~models.Q(query_type=None, channel=None)),
        ]
        triggers = frozen_with_version(version_of=OVERRIDE_VERSION)

    def __str__(self) -> str:
        return f"{self.query_type or 'any query type'}, {self.channel or 'any channel'}"
