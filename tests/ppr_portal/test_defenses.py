"""What every answer carries, and the doors that stay closed."""

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client

from tests import factories


@pytest.mark.django_db
def test_portal_pages_allow_no_inline_code(client: Client) -> None:
    policy = client.get("/health/").headers["Content-Security-Policy"]

    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.django_db
def test_the_admin_gets_what_unfold_needs_and_no_more(client: Client) -> None:
    policy = client.get("/admin/login/").headers["Content-Security-Policy"]

    assert "script-src 'self' 'unsafe-eval'" in policy
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert policy.count("unsafe") == 2


@pytest.mark.django_db
def test_nobody_signs_up(client: Client) -> None:
    page = client.get("/accounts/signup/")
    posted = client.post("/accounts/signup/", {"email": "new@example.org", "password1": "correct horse battery"})

    for answer in (page, posted):
        assert answer.status_code == 200
        assert b"Accounts are made for you" in answer.content
        assert b'type="password"' not in answer.content
    assert not get_user_model().objects.filter(email="new@example.org").exists()


def test_htmx_neither_evaluates_nor_adds_styles() -> None:
    assert settings.HTMX_CONFIG["allowEval"] is False
    assert settings.HTMX_CONFIG["includeIndicatorStyles"] is False


@pytest.mark.django_db
def test_odd_addresses_of_the_admin_are_told_apart_from_faults_of_ours(client: Client) -> None:
    client.force_login(factories.make_user(is_superuser=True, is_staff=True))

    assert client.get("/admin/agents/source/?vendor__exact=%00").status_code == 400
    assert client.get("/admin/agents/source/?vendor__exact=zendesk").status_code == 200
    # Where there is no such row, the admin leads back to its front page.
    assert client.get("/admin/contracts/contractversion/x/change/").status_code == 302
