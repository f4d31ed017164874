"""Every field that somebody can fill in anywhere in the administration is explained."""

import pytest
from django.contrib import admin
from django.db import models
from django.test import RequestFactory

from tests import factories

pytestmark = pytest.mark.django_db
OURS = ("contracts", "agents", "billing")
MODELS = sorted((model for model in admin.site._registry if model._meta.app_label in OURS), key=lambda model: model._meta.label)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_field_to_fill_in_is_explained(model: type[models.Model]) -> None:
    request = RequestFactory().get("/")
    request.user = factories.make_user(is_staff=True, is_superuser=True)
    page = admin.site._registry[model]
    fields = {}
    if page.has_change_permission(request) or page.has_add_permission(request):
        fields |= page.get_form(request).base_fields
    for inline in page.get_inline_instances(request):
        nested = [one(inline.model, admin.site) for one in getattr(inline, "inlines", ())]
        for one in (inline, *nested):
            if one.has_change_permission(request) or one.has_add_permission(request, None):
                formset = one.get_formset(request)
                # The column that ties a row to its page is no field that anybody sees.
                own = formset.form.base_fields.items()
                fields |= {f"{type(one).__name__}.{name}": field for name, field in own if name != formset.fk.name}
    assert [name for name, field in fields.items() if not field.help_text] == []
