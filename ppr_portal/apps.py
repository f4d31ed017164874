from django.apps import AppConfig


class PortalConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "ppr_portal"
    verbose_name = "Portal"

    def ready(self) -> None:
        # Tasks of every process, web pages included, are sent through this application.
        from ppr_portal import celery  # noqa: F401
