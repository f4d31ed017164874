"""The business clock. Rules take the time as an argument; views, tasks and commands read it here."""

from datetime import datetime

from django.conf import settings
from django.utils import timezone


def now() -> datetime:
    """Return the present instant, or the fixed one of a demo company whose records end in the past."""
    fixed: datetime | None = settings.PPR_NOW
    return fixed or timezone.now()
