from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "ppr_portal"
    verbose_name = _("Portal")

    def ready(self) -> None:
        # Tasks of every process, web pages included, are sent through this application.
        from agents.operations.resolutions import note_new_terms
        from agents.queries import lint_evidence
        from contracts.operations import versions
        from contracts.queries import lint
        from ppr_portal import (
            celery,  # noqa: F401
            model_words,
        )

        # Lint of contracts looks at the work, which contracts may not import.
        lint.register_evidence(source=lint_evidence.find_evidence)
        # And a version that comes into force for days past lets that work be priced anew.
        versions.register_follow_up(act=note_new_terms.note_new_terms)

        # The one signal of the project: an upgrade that adds a model must give it to the roles, and Django makes
        # permissions in its own handler of the same signal. Billing is the last app to be migrated.
        post_migrate.connect(_ensure_roles, sender=apps.get_app_config("billing"))
        _bring_together()
        _tell_stored_texts()
        model_words.name_models()


def _bring_together() -> None:
    """Name who computes the example of a plan: the same rules as pay, which contracts may not import."""
    from billing.queries import plan_example as computed
    from contracts.queries import plan_example

    plan_example.register_example(source=computed.example_of)


def _tell_stored_texts() -> None:
    """Let the administration of every app tell what is stored in English."""
    from contracts import stored_texts
    from ppr_portal import stored_sentences, stored_words
    from ppr_portal.pages.intake import hold_words

    stored_texts.register_stored_texts(words=stored_words.tell, sentences=stored_sentences.tell, reasons=hold_words.title_of)


def _ensure_roles(sender: AppConfig, **options: Any) -> None:
    from django.contrib.auth.management import create_permissions

    from ppr_portal import roles

    # Django's handler may come after this one, so the last app's permissions are made here; making them twice is harmless.
    # A flush sends the same signal without the models of a migration.
    create_permissions(sender, verbosity=0, using=options["using"], apps=options.get("apps", apps))
    roles.ensure_roles()
