"""Filters of a list that somebody uses again."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SavedFilter(models.Model):
    """A list as one person narrowed it, under a name of theirs. It holds an address, and so nothing that access would not check."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters")
    page = models.CharField(max_length=60, help_text=_("Name of the page's route."))
    name = models.CharField(max_length=60, help_text=_("As its owner calls it."))
    query = models.CharField(max_length=1000, blank=True, help_text=_("What stands after the question mark."))
    is_default = models.BooleanField(default=False, help_text=_("The page opens with it."))
    saved_at = models.DateTimeField(help_text=_("Business clock."))
    deleted_at = models.DateTimeField(null=True, help_text=_("Business clock. It can be brought back until retention deletes it."))

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(name="saved_filter_once", fields=["person", "page", "name"], condition=models.Q(deleted_at=None)),
            models.UniqueConstraint(
                name="saved_filter_one_default", fields=["person", "page"], condition=models.Q(deleted_at=None, is_default=True)
            ),
        ]

    def __str__(self) -> str:
        return self.name
