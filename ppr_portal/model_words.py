"""Names of models and fields in the reader's language, also where the name is only the one in the code.

Django makes a name of each model and field that has none of its own. Those names are looked up like every other text, so the
administration reads whole in each language without a name written twice.
"""

from collections.abc import Iterator

from django.apps import apps
from django.db.models import Field, Model
from django.utils.translation import gettext_lazy

APPS = ("contracts", "agents", "billing")


def name_models() -> None:
    """Look the made names up when they are shown; called once, when all models are known."""
    for model in _models():
        meta = model._meta
        given = meta.original_attrs
        if "verbose_name" not in given:
            meta.verbose_name = gettext_lazy(str(meta.verbose_name))
        if "verbose_name_plural" not in given:
            meta.verbose_name_plural = gettext_lazy(str(meta.verbose_name_plural))
        for field in _unnamed_fields(model):
            field.verbose_name = gettext_lazy(str(field.verbose_name))


def made_names() -> set[str]:
    """Return every made name, for whoever collects what is to be translated."""
    found = set()
    for model in _models():
        given = model._meta.original_attrs
        found |= {str(model._meta.verbose_name)} if "verbose_name" not in given else set()
        found |= {str(model._meta.verbose_name_plural)} if "verbose_name_plural" not in given else set()
        found |= {str(field.verbose_name) for field in _unnamed_fields(model)}
    return found


def _models() -> Iterator[type[Model]]:
    for app in APPS:
        yield from (model for model in apps.get_app_config(app).get_models() if not hasattr(model, "pgh_tracked_model"))


def _unnamed_fields(model: type[Model]) -> Iterator[Field]:
    return (field for field in model._meta.local_fields + model._meta.local_many_to_many if getattr(field, "_verbose_name", None) is None)
