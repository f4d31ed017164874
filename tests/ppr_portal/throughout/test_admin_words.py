"""What is stored in English is told in Spanish in the administration as well: schedules, messages and reasons."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django_celery_beat.models import PeriodicTask

from agents.models import Hold, JobRun
from contracts.rules import exact
from contracts.translation import told
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2016, 4, 20, 20, tzinfo=UTC)
NOT_A_NUMBER = '"1,5" no es un número; escribir un decimal como «1.10» o una fracción como «7/12».'


@pytest.fixture
def reader(client: Client) -> Client:
    """Sign an owner in who reads Spanish."""
    client.force_login(factories.make_user(is_staff=True, is_superuser=True, language="es"))
    return client


def test_schedules_are_named_in_the_language_of_the_reader(reader: Client) -> None:
    task = PeriodicTask.objects.get(name="Refresh pay")
    own = PeriodicTask.objects.create(name="Feed the cat", task=task.task, interval=task.interval, crontab=task.crontab)
    rows = reader.get(reverse("admin:django_celery_beat_periodictask_changelist")).content.decode()
    page = reader.get(reverse("admin:django_celery_beat_periodictask_change", args=[task.pk])).content.decode()

    assert "Actualizar el pago" in rows
    assert ">Refresh pay<" not in rows
    assert own.name in rows
    # Its form holds the name that is stored.
    assert "Actualizar el pago" in page
    assert 'value="Refresh pay"' in page


def test_messages_and_reasons_are_told_in_the_language_of_the_reader(reader: Client) -> None:
    now = NOW
    JobRun.objects.create(
        job="refresh_pay", started_at=now, as_of=now, outcome="skipped", message="The same job was running, so this copy did nothing."
    )
    hold = Hold.objects.create(
        resolution=factories.make_resolution(agent=factories.make_agent(), version=factories.make_contract_version()),
        reason="unmapped_identity",
        message="12 assigned.",
        opened_at=now,
        expires_at=now,
    )
    job_rows, hold_rows, page = (
        reader.get(address).content.decode()
        for address in (
            reverse("admin:agents_jobrun_changelist"),
            reverse("admin:agents_hold_changelist"),
            reverse("admin:agents_hold_change", args=[hold.pk]),
        )
    )

    assert "La misma tarea estaba en marcha" in job_rows
    assert "Nadie está asignado al nombre" in hold_rows
    assert "12 asignados." in page


def test_a_number_that_is_none_is_refused_in_the_language_of_the_reader() -> None:
    with pytest.raises(exact.InvalidNumber) as refused, translation.override("es"):
        exact.parse_exact(text="1,5")
    with translation.override("es"):
        assert told(refused.value.message) == NOT_A_NUMBER
    assert str(refused.value) == '"1,5" is not a number; write a decimal such as "1.10" or a fraction such as "7/12".'
