"""The page that load balancers ask."""

import pytest
from django.test import Client


@pytest.mark.django_db
def test_health_answers_when_the_database_does(client: Client) -> None:
    response = client.get("/health/")

    assert response.status_code == 200
    assert response.json() == {"status": "ok"}


def test_health_refuses_to_be_changed(client: Client) -> None:
    assert client.post("/health/").status_code == 405
