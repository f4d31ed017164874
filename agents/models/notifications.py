"""What people are told, and how each wants to be told."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """How something reaches a person. Whatever is not off stands in the list of the portal as well."""

    MAIL = "mail", _("By mail at once")
    DIGEST = "digest", _("In one mail a day")
    IN_APP = "in_app", _("Only here")
    OFF = "off", _("Not at all")


class Notification(models.Model):
    """One thing that one person is told, once. The words are made when it is read, in the language of the reader."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=32, help_text=_("One of agents.notice_kinds."))
    key = models.CharField(max_length=120, help_text=_("What it is about; nobody is told the same twice."))
    facts = models.JSONField(default=dict, help_text=_("Names, numbers and days that the words show. No amounts and no customers."))
    path = models.CharField(max_length=300, help_text=_("Page of the portal that it leads to."))
    channel = models.CharField(max_length=8, choices=Channel, help_text=_("As the person wished when it happened."))
    noted_at = models.DateTimeField(help_text=_("Business clock."))
    read_at = models.DateTimeField(null=True, help_text=_("Business clock; empty: new."))
    mailed_at = models.DateTimeField(null=True, help_text=_("Wall clock; empty: not mailed, or not to be."))

    class Meta:
        ordering = ["-noted_at", "-pk"]
        constraints = [models.UniqueConstraint(name="notification_once", fields=["person", "kind", "key"])]
        indexes = [
            models.Index(name="notification_list", fields=["person", "-noted_at", "-id"]),
            models.Index(name="notification_new", fields=["person"], condition=models.Q(read_at=None)),
            models.Index(
                name="notification_unmailed", fields=["channel", "id"], condition=models.Q(mailed_at=None, channel__in=("mail", "digest"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.person}"


class NotificationPreference(models.Model):
    """How one person wants to be told of one kind of thing; without a row the kind's own default counts."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notification_preferences")
    kind = models.CharField(max_length=32, help_text=_("One of agents.notice_kinds."))
    channel = models.CharField(max_length=8, choices=Channel)

    class Meta:
        ordering = ["person", "kind"]
        constraints = [models.UniqueConstraint(name="notification_preference_once", fields=["person", "kind"])]

    def __str__(self) -> str:
        return f"{self.kind} to {self.person}: {self.get_channel_display()}"
