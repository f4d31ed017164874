"""Where records come from, and the names that sources use for people."""

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models.people import Agent
from contracts.models import Client, fields


class Source(models.Model):
    """One system or file feed that records come from."""

    class Vendor(models.TextChoices):
        SERVICENOW = "servicenow", _("ServiceNow")
        ZENDESK = "zendesk", _("Zendesk")
        INTERCOM = "intercom", _("Intercom")
        CHATWOOT = "chatwoot", _("Chatwoot")
        FRESHDESK = "freshdesk", _("Freshdesk")
        ZAMMAD = "zammad", _("Zammad")
        HUBSPOT = "hubspot", _("HubSpot")
        FRONT = "front", _("Front")
        HELPSCOUT = "helpscout", _("Help Scout")
        OTHER = "other", _("Other")
        SIMULATED = "simulated", _("Simulated for the demo")

    code = fields.code(unique=True, help_text=_("Short name used in commands, for example incidents."))
    name = models.CharField(max_length=120, help_text=_("Name as people read it."))
    vendor = models.CharField(max_length=16, choices=Vendor, default=Vendor.OTHER, help_text=_("The product that the records come from."))
    client = models.ForeignKey(Client, null=True, blank=True, on_delete=models.PROTECT, help_text=_("Empty: the records name the client."))
    attribution = models.TextField(blank=True, help_text=_("Whom to credit for the data, and its license."))
    customer_space = fields.code(
        blank=True,
        help_text=_(
            "Sources that know a customer by the same value, such as an e-mail address, share one, so that repeats across "
            "them are seen. Empty: this source alone. Settle it before the first import, for known customers do not move."
        ),
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_simulated(self) -> bool:
        """Whether its records are made up, which every page says where they show."""
        return self.vendor == self.Vendor.SIMULATED


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class SourceIdentity(models.Model):
    """A name that a source uses for somebody, exactly as written, and the agent it stands for. Nobody is paid by display name."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="identities")
    space = fields.code(
        help_text=_("Which of the source's name spaces, for example resolved_by. The same text in two spaces is two people.")
    )
    value = models.CharField(max_length=200, help_text=_("Exactly as the source writes it, double spaces included."))
    agent = models.ForeignKey(
        Agent,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="identities",
        help_text=_("Empty: not mapped; what it earned is held."),
    )
    is_system = models.BooleanField(default=False, help_text=_("A bot or system user that closes cases; it is never paid."))

    class Meta:
        ordering = ["source", "space", "value"]
        verbose_name_plural = _("source identities")
        constraints = [
            models.UniqueConstraint(name="source_identity_once", fields=["source", "space", "value"]),
            models.CheckConstraint(name="system_identity_is_nobody", condition=~models.Q(is_system=True, agent__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.value} ({self.space})"
