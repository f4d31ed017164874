"""Stops the business clock of this installation at the end of the demo's records.

The instant is kept beside the embedded database it belongs to, so that every later command reads it: `make serve`, the
worker, the scheduler. `make clean` removes both. PPR_NOW overrules it.
"""

from datetime import datetime

from django.conf import settings

from ppr_portal.environment import DEMO_CLOCK


def stop_at(*, instant: datetime) -> None:
    """Let the business clock stand at an instant, now and in every process that starts later."""
    path = settings.PPR_VAR_DIR / DEMO_CLOCK
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{instant.isoformat()}\n", encoding="ascii")
    if settings.PPR_NOW is None:
        settings.PPR_NOW = instant
