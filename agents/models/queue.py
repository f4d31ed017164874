"""What people did about what waits: each act with its actor, its reason, and what is needed to take it back."""

from django.conf import settings
from django.db import models


class HoldAct(models.Model):
    """One act of a person on one or many held things, done as a whole and undone as a whole."""

    class Kind(models.TextChoices):
        MAP = "map", "Map to an agent"
        SYSTEM = "system", "Mark as a system user"
        MEAN = "mean", "Give a value its meaning"
        CONTRACT = "contract", "Set the contract"
        RETRY = "retry", "Try again"
        RELEASE = "release", "Release"
        DISMISS = "dismiss", "Dismiss"
        ASSIGN = "assign", "Assign"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for a worker"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed; nothing changed"
        UNDOING = "undoing", "Being undone"
        UNDONE = "undone", "Undone"

    kind = models.CharField(max_length=8, choices=Kind)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True, help_text="Why, in the actor's words.")
    words = models.TextField(help_text="What is done, as a sentence.")
    asked = models.JSONField(help_text="The things, by kind and id, and what was chosen for them.")
    before = models.JSONField(default=dict, help_text="How they were, to take the act back.")
    amounts = models.JSONField(default=dict, help_text="Client price at stake when it was asked for, in micros by currency.")
    item_count = models.PositiveIntegerField(help_text="How many things it is about.")
    done_count = models.PositiveIntegerField(default=0, help_text="How many of them are done.")
    message = models.TextField(blank=True, help_text="What came of it.")
    asked_at = models.DateTimeField(help_text="Business clock.")
    finished_at = models.DateTimeField(null=True, blank=True, help_text="Wall clock.")
    undone_at = models.DateTimeField(null=True, blank=True, help_text="Business clock.")
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.words
