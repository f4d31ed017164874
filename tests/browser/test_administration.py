"""Pages of the administration that are lists, forms, records to read and questions before a deletion have no fault in either look."""

import re

import pytest
from django.urls import reverse
from django_celery_beat.models import PeriodicTask

from contracts.models import Channel
from tests.browser.conftest import Visits
from tests.ppr_portal.company import Company

pytestmark = pytest.mark.django_db
SMALL = re.compile(r" is \d+ by \d+ px$")


def test_pages_of_the_administration_have_no_fault(visits: Visits, company: Company) -> None:
    task = PeriodicTask.objects.get(name="Refresh pay")
    pages = [
        reverse("admin:agents_hold_changelist"),
        reverse("admin:django_celery_beat_periodictask_change", args=[task.pk]),
        reverse("admin:contracts_valuebaseline_add"),
        reverse("admin:contracts_channel_delete", args=[Channel.objects.earliest("pk").pk]),
    ]
    visit = visits(company.admin)
    found = []
    for path in pages:
        for width, theme in ((390, "dark"), (1280, "light")):
            visit.look(width, theme)
            found += visit.check_each([path])
    # Signs within fields are small in django-unfold; axe looks at the room around them.
    assert [fault for fault in found if not SMALL.search(fault)] == []
