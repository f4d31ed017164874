"""Shadow mode: an invoice or payslips that are in use today, held against what the portal works out, line by line."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Resolution, Site
from billing.models.documents import Document
from billing.models.invoices import Invoice
from billing.models.ledger import only_grows
from contracts.models import Contract, fields
from contracts.models.versions import ends_after_start


class ShadowRun(models.Model):
    """One file that was compared, how it was read, and what came of it. Once compared it stays; another look is another run."""

    class Side(models.TextChoices):
        BILL = "bill", _("What a client is billed")
        PAY = "pay", _("What agents are paid")

    class State(models.TextChoices):
        DRAFT = "draft", _("Columns to be chosen")
        DONE = "done", _("Compared")

    class Grain(models.TextChoices):
        CASE = "case", _("One row a case")
        CLASS = "class", _("One row a query type and channel")
        LINE = "line", _("One row an agent and kind of pay")
        AGENT = "agent", _("One row an agent")
        TOTAL = "total", _("One sum")

    side = models.CharField(max_length=4, choices=Side)
    contract = models.ForeignKey(Contract, null=True, on_delete=models.PROTECT, related_name="shadow_runs")
    site = models.ForeignKey(Site, null=True, on_delete=models.PROTECT, related_name="shadow_runs")
    period_start = models.DateField()
    period_end = models.DateField(help_text=_("First day after it."))
    file = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="shadow_runs")
    definition = models.JSONField(default=dict, help_text=_("Which column holds what, how numbers are written, and what labels mean."))
    grain = models.CharField(max_length=5, choices=Grain, blank=True)
    state = models.CharField(max_length=5, choices=State, default=State.DRAFT)
    currency = models.CharField(max_length=3, blank=True)
    invoice = models.ForeignKey(Invoice, null=True, on_delete=models.PROTECT, related_name="shadow_runs", help_text=_("Ours, as it stood."))
    their_micros = fields.MicrosField(null=True)
    our_micros = fields.MicrosField(null=True)
    line_count = models.PositiveIntegerField(default=0)
    same_count = models.PositiveIntegerField(default=0)
    held_count = models.PositiveIntegerField(default=0, help_text=_("Rows that could not be read."))
    causes = models.JSONField(default=list, help_text=_("Each cause: code, lines and amount; together they are the difference."))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", help_text=_("Empty: the command.")
    )
    made_at = models.DateTimeField(help_text=_("Business instant; what was known then was compared."))

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="shadow_run_of_a_contract_or_a_site",
                condition=models.Q(side="bill", contract__isnull=False, site=None)
                | models.Q(side="pay", contract=None, site__isnull=False),
            ),
            models.CheckConstraint(
                name="shadow_run_has_sums_once_compared",
                condition=models.Q(state="draft") | models.Q(their_micros__isnull=False, our_micros__isnull=False),
            ),
            ends_after_start(name="shadow_run_period_ends_after_start", start="period_start", end="period_end"),
        ]

    def __str__(self) -> str:
        return f"{self.contract or self.site}, {self.period_start:%Y-%m}"


class ShadowLine(models.Model):
    """One line of theirs beside ours. The amounts of its causes add up to the difference."""

    run = models.ForeignKey(ShadowRun, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField()
    place = models.PositiveIntegerField(null=True, help_text=_("Row of the file, counted below its head; empty: theirs has none."))
    label = models.CharField(max_length=200, help_text=_("The case, class or agent, as people read it."))
    agent = models.ForeignKey(Agent, null=True, on_delete=models.PROTECT, related_name="+")
    resolution = models.ForeignKey(Resolution, null=True, on_delete=models.PROTECT, related_name="+")
    cause = models.CharField(max_length=20, help_text=_("What moves most; same, if nothing differs; held, if the row cannot be read."))
    their_count = models.TextField(blank=True, help_text=_("Exact decimal, or n/d."))
    our_count = models.TextField(blank=True, help_text=_("Exact decimal, or n/d."))
    their_price = models.TextField(blank=True, help_text=_("Exact decimal, or n/d."))
    our_price = models.TextField(blank=True, help_text=_("Exact decimal, or n/d."))
    their_micros = fields.MicrosField(null=True, help_text=_("Empty: theirs has no such line."))
    our_micros = fields.MicrosField(null=True, help_text=_("Empty: ours has no such line."))
    causes = models.JSONField(default=list, help_text=_("Each cause: code, amount in micros, and the facts of its sentence."))

    class Meta:
        ordering = ["run", "position"]
        constraints = [models.UniqueConstraint(name="shadow_line_once", fields=["run", "position"])]
        indexes = [models.Index(name="shadow_line_cause", fields=["run", "cause", "position"])]
        triggers = only_grows(name="shadow_lines_only_grow")

    def __str__(self) -> str:
        return self.label
