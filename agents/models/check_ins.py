"""How an agent says they are, for themself alone.

Nobody else reads it: no lead, no auditor, no administration, no export, no figure of pay. Only agents.operations.quality_work.check_ins and
agents.queries.check_ins use this table, which a test holds.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models.people import Agent


class CheckIn(models.Model):
    """One voluntary note of an agent about their own day. The agent can delete it at any time."""

    class Day(models.TextChoices):
        VERY_GOOD = "very_good", _("Very good")
        GOOD = "good", _("Good")
        SO_SO = "so_so", _("So-so")
        HARD = "hard", _("Hard")
        VERY_HARD = "very_hard", _("Very hard")

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")
    day = models.CharField(max_length=10, choices=Day)
    words = models.TextField(blank=True)
    noted_at = models.DateTimeField(help_text=_("Business clock."))

    class Meta:
        ordering = ["-noted_at", "-pk"]
        indexes = [models.Index(name="check_in_agent", fields=["agent", "-noted_at", "-id"])]

    def __str__(self) -> str:
        return f"{self.noted_at:%Y-%m-%d}"
