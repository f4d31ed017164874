"""Who read whose pay. Rows are written with the page that showed it, never changed, and kept for three years."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import Agent
from contracts.models.versions import never_truncated

# As long as payroll records have to be kept; the retention job deletes what is older, and nobody can delete sooner.
KEPT_DAYS = 3 * 366


class PayRead(models.Model):
    """One person saw one other person's pay, on one page or in one file."""

    class Form(models.TextChoices):
        PAGE = "page", _("Page")
        CSV = "csv", _("CSV file")
        XLSX = "xlsx", _("Excel file")
        PDF = "pdf", _("PDF file")
        XML = "xml", _("Payment order")

    read_at = models.DateTimeField(help_text=_("Business clock."))
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="pay_reads", help_text=_("Who read."))
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="pay_reads", help_text=_("Whose pay it was."))
    route = models.CharField(max_length=60, help_text=_("Name of the page."))
    path = models.CharField(max_length=300, help_text=_("Its address."))
    form = models.CharField(max_length=4, choices=Form)

    class Meta:
        ordering = ["-read_at", "-pk"]
        indexes = [
            models.Index(name="pay_read_latest", fields=["-read_at", "-id"]),
            models.Index(name="pay_read_of_agent", fields=["agent", "-read_at", "-id"]),
            models.Index(name="pay_read_by_person", fields=["person", "-read_at", "-id"]),
        ]
        triggers = [
            pgtrigger.Protect(name="pay_reads_never_change", operation=pgtrigger.Update),
            pgtrigger.Trigger(
                name="pay_reads_kept_three_years",
                operation=pgtrigger.Delete,
                when=pgtrigger.Before,
                func=f"""
                    IF OLD.read_at > now() - interval '{KEPT_DAYS} days' THEN
                        RAISE EXCEPTION 'who read pay is kept for three years' USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    RETURN OLD;
                """,
            ),
            never_truncated(),
        ]

    def __str__(self) -> str:
        return f"{self.person} read pay of {self.agent}"
