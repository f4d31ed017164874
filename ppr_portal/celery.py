"""The Celery application. Its schedule is rows in the database (django-celery-beat), made by migrations and edited in the admin."""

import os
from typing import Any

import celery
from django.conf import settings

from ppr_portal import embedded, worker_reports

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ppr_portal.settings")


class PortalCelery(celery.Celery):
    """Celery that joins the embedded broker when it first connects, if REDIS_URL names no other."""

    def _connection(self, *args: Any, **kwargs: Any) -> Any:  # The one door to the broker, which the stubs leave out.
        is_redis = str(self.conf.broker_url).startswith("redis")
        if is_redis and embedded.is_embedded(address=settings.REDIS_URL, var_dir=settings.PPR_VAR_DIR):
            embedded.join(var_dir=settings.PPR_VAR_DIR)
        return super()._connection(*args, **kwargs)  # type: ignore[misc]


app = PortalCelery("ppr_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()
app.autodiscover_tasks()
app.steps["worker"].add(worker_reports.Reporter)
