"""Whatever hangs on a version in force is refused, whoever asks and however: every table that is frozen, found and not listed by hand."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import DatabaseError, models, transaction
from django.test import RequestFactory

from contracts import models as terms
from contracts import terms_parts
from contracts.operations import versions
from tests import factories
from tests.raw_sql import refuse_sql

pytestmark = pytest.mark.django_db

VERSIONS: tuple[type[models.Model], ...] = (terms.ContractVersion, terms.PayPlanVersion)


def find_below(parent: type[models.Model]) -> Iterator[type[models.Model]]:
    """Give every model of contracts that cannot be without a row of `parent`, its children's children too."""
    for relation in parent._meta.related_objects:
        child = relation.related_model
        if isinstance(child, str) or child._meta.app_label != "contracts" or hasattr(child, "pgh_obj"):
            continue
        if relation.field.remote_field.on_delete is models.CASCADE:
            yield child
            yield from find_below(child)


FROZEN = sorted({model for version in VERSIONS for model in find_below(version)}, key=lambda model: model.__name__)


def fill(model: type[models.Model], parent: models.Model) -> models.Model:
    """Make a row of a model below its parent, each field with the least that the database takes."""
    row: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if field.primary_key:
            continue
        if field.is_relation:
            row[field.name] = parent if field.related_model is type(parent) else None
        elif not field.has_default() and not field.null and not field.blank:
            row[field.name] = _least(field)
    named = {"query_type": factories.make_query_type()} if "query_type" in row else {}
    return model._default_manager.create(**{**row, **named, **SPECIAL.get(model.__name__, {})})


def _least(field: "models.Field[Any, Any]") -> Any:
    if field.choices:
        return field.choices[0][0]
    if isinstance(field, models.DateField):
        return date(2016, 6, 1)
    return "a" if isinstance(field, models.CharField) else 1


# What a row needs so that its own constraints hold.
SPECIAL: dict[str, dict[str, Any]] = {
    "RateCardRow": {"outcome": "confirmed", "unit_amount_micros": 1},
    "RateTier": {"up_to": 7},
    "PayPlanTier": {"share_bp": 1, "up_to": 7},
    "PayPlanClassAmount": {"amount_micros": 1},
    "ResolutionPolicyOverride": {"silence_window_hours": 24},
}


def make_drafts() -> dict[type[models.Model], models.Model]:
    """Make a draft of each kind of version with a row in every table that hangs on it."""
    made: dict[type[models.Model], models.Model] = {}
    for parent in (
        versions.clone_version(version=factories.make_contract_version(), effective_from=date(2016, 6, 1)),
        versions.clone_version(version=factories.make_plan_version(), effective_from=date(2016, 6, 1)),
    ):
        made[type(parent)] = parent
    for version in VERSIONS:
        _fill_below(made, version)
    return made


def _fill_below(made: dict[type[models.Model], models.Model], parent: type[models.Model]) -> None:
    for relation in parent._meta.related_objects:
        child = relation.related_model
        if isinstance(child, str) or child not in FROZEN or relation.field.remote_field.on_delete is not models.CASCADE:
            continue
        found = child._default_manager.filter(**{relation.field.name: made[parent]}).first()
        made[child] = found or fill(child, made[parent])
        _fill_below(made, child)


@pytest.fixture
def frozen() -> dict[type[models.Model], models.Model]:
    made = make_drafts()
    for version in VERSIONS:
        # What lint would say of such rows is not the question here.
        version._default_manager.filter(status="active").update(effective_to=date(2016, 6, 1))
        version._default_manager.filter(pk=made[version].pk).update(status="active", effective_to=None)
    for row in made.values():
        row.refresh_from_db()
    return made


def content(model: type[models.Model]) -> list[dict[str, Any]]:
    return list(model._default_manager.order_by("pk").values())


def test_every_table_of_terms_is_walked() -> None:
    told = {part.model for part in _parts(terms_parts.CONTRACT_VERSION)} | {part.model for part in _parts(terms_parts.PLAN_VERSION)}
    assert told - set(VERSIONS) == set(FROZEN)
    assert {model for model in apps.get_app_config("contracts").get_models() if "frozen_with_its_version" in _triggers(model)} == set(
        FROZEN
    )


def _parts(part: terms_parts.Part) -> Iterator[terms_parts.Part]:
    yield part
    for _, _, child in (*part.only, *part.children):
        yield from _parts(child)


def _triggers(model: type[models.Model]) -> set[str]:
    return {trigger.name for trigger in getattr(model._meta, "triggers", ())}


@pytest.mark.parametrize("model", FROZEN, ids=lambda model: model.__name__)
def test_raw_sql_and_the_orm_change_nothing_below_a_version_in_force(
    frozen: dict[type[models.Model], models.Model], model: type[models.Model]
) -> None:
    before = content(model)
    row = frozen[model]
    table = model._meta.db_table
    columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields if not field.primary_key)
    assert "make a new version" in refuse_sql(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table} WHERE id = %s", row.pk)
    for field in model._meta.concrete_fields:
        assert "make a new version" in refuse_sql(f'UPDATE {table} SET "{field.column}" = "{field.column}" WHERE id = %s', row.pk)
    assert "make a new version" in refuse_sql(f"DELETE FROM {table} WHERE id = %s", row.pk)
    for act in (row.save, row.delete, model._default_manager.filter(pk=row.pk).delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    assert content(model) == before


@pytest.mark.parametrize("model", VERSIONS, ids=lambda model: model.__name__)
def test_a_version_in_force_keeps_every_value_but_its_end(
    frozen: dict[type[models.Model], models.Model], model: type[models.Model]
) -> None:
    before = content(model)
    row = frozen[model]
    kept = [field for field in model._meta.concrete_fields if field.name not in ("id", "status", "effective_to")]
    for field in kept:
        other = "2017-01-01" if isinstance(field, models.DateField) else _other(field, getattr(row, field.attname))
        said = refuse_sql(f'UPDATE {model._meta.db_table} SET "{field.column}" = %s WHERE id = %s', other, row.pk)
        assert "is active and cannot change" in said or "make a new version" in said, field.name
    refuse_sql(f"DELETE FROM {model._meta.db_table} WHERE id = %s", row.pk)
    assert content(model) == before


def _other(field: "models.Field[Any, Any]", value: Any) -> Any:
    if isinstance(field, models.BooleanField):
        return not value
    if field.is_relation or not isinstance(field, models.CharField | models.TextField):
        return (value or 0) + 1
    return "EUR" if field.name == "currency" else "other"


@pytest.mark.parametrize("model", VERSIONS, ids=lambda model: model.__name__)
def test_no_form_offers_a_field_of_a_version_in_force(frozen: dict[type[models.Model], models.Model], model: type[models.Model]) -> None:
    request = RequestFactory().get("/")
    request.user = factories.make_user(is_staff=True, is_superuser=True)
    page = admin.site._registry[model]
    row = frozen[model]
    assert not page.has_change_permission(request, row)
    assert not page.has_delete_permission(request, row)
    inlines = page.get_inline_instances(request, row)
    offered = [
        type(one).__name__
        for one in inlines
        if one.has_add_permission(request, row) or one.has_change_permission(request, row) or one.has_delete_permission(request, row)
    ]
    assert offered == []
    pages = {one: admin.site._registry[one] for one in FROZEN if one in admin.site._registry and one in frozen}
    assert [one.__name__ for one, own in pages.items() if own.has_change_permission(request, frozen[one])] == []
    assert [one.__name__ for one, own in pages.items() if own.has_delete_permission(request, frozen[one])] == []


def test_hours_and_holidays_of_a_calendar_in_use_are_kept_too() -> None:
    version = factories.make_contract_version()
    calendar = terms.BusinessCalendar.objects.create(
        client=version.contract.client, code="office", name="Office", timezone="UTC", holidays_until=date(2016, 12, 31)
    )
    terms.CalendarHours.objects.create(calendar=calendar, weekday=1, opens_at="09:00", closes_at="17:00")
    terms.Holiday.objects.create(calendar=calendar, day=date(2016, 7, 4), name="Independence Day")
    draft = versions.clone_version(version=version, effective_from=date(2016, 6, 1))
    terms.ResolutionPolicy.objects.filter(version=draft).update(calendar=calendar)
    versions.activate_version(version=draft)
    for table, change in (
        ("contracts_calendarhours", "opens_at = '08:00'"),
        ("contracts_holiday", "day = '2016-07-05'"),
        ("contracts_businesscalendar", "timezone = 'Europe/Berlin'"),
        ("contracts_businesscalendar", "holidays_until = '2016-12-30'"),
    ):
        assert "version in force" in refuse_sql(f"UPDATE {table} SET {change}")
    for table in ("contracts_calendarhours", "contracts_holiday"):
        assert "version in force" in refuse_sql(f"DELETE FROM {table}")
    insert = "INSERT INTO contracts_holiday (calendar_id, day, name) VALUES (%s, %s, 'Late')"
    assert "version in force" in refuse_sql(insert, calendar.pk, date(2016, 12, 31))
    terms.Holiday.objects.create(calendar=calendar, day=date(2017, 1, 1), name="New Year's Day")
