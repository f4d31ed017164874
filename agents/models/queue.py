"""What people did about what waits: each act with its actor, its reason, and what is needed to take it back."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class HoldAct(models.Model):
    """One act of a person on one or many held things, done as a whole and undone as a whole."""

    class Kind(models.TextChoices):
        MAP = "map", _("Map to an agent")
        SYSTEM = "system", _("Mark as a system user")
        MEAN = "mean", _("Give a value its meaning")
        CONTRACT = "contract", _("Set the contract")
        RETRY = "retry", _("Try again")
        RELEASE = "release", _("Release")
        DISMISS = "dismiss", _("Dismiss")
        ASSIGN = "assign", _("Assign")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for a worker")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed; nothing changed")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    kind = models.CharField(max_length=8, choices=Kind)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True, help_text=_("Why, in the actor's words."))
    words = models.TextField(help_text=_("What is done, as a sentence."))
    asked = models.JSONField(help_text=_("The things, by kind and id, and what was chosen for them."))
    before = models.JSONField(default=dict, help_text=_("How they were, to take the act back."))
    amounts = models.JSONField(default=dict, help_text=_("Client price at stake when it was asked for, in micros by currency."))
    item_count = models.PositiveIntegerField(help_text=_("How many things it is about."))
    done_count = models.PositiveIntegerField(default=0, help_text=_("How many of them are done."))
    message = models.TextField(blank=True, help_text=_("What came of it."))
    asked_at = models.DateTimeField(help_text=_("Business clock."))
    finished_at = models.DateTimeField(null=True, blank=True, help_text=_("Wall clock."))
    undone_at = models.DateTimeField(null=True, blank=True, help_text=_("Business clock."))
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.words
