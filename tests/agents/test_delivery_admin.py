"""Keys and secrets in admin: made once, shown once, revoked, and never read again."""

import pathlib
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agents import models as work
from agents.access import Role
from agents.operations.deliveries import api_keys, receive_hook
from agents.operations.resolutions import resolve_cases
from ppr_portal import roles
from tests import factories
from tests.agents import desk
from tests.ppr_portal.api import deliveries

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin_client() -> Client:
    roles.ensure_roles()
    user = factories.make_user(roles=[Role.CONTRACT_ADMIN], is_staff=True)
    client = Client()
    client.force_login(user)
    return client


def _issue(client: Client, source: work.Source) -> Any:
    return client.post("/admin/agents/apikey/add/", {"name": "Dialer", "source": source.pk, "scopes": ["events:write"]})


def test_a_key_is_shown_once_and_opens_the_api(admin_client: Client) -> None:
    source = factories.make_source()

    page = _issue(admin_client, source)

    text = page.context["key_text"]
    assert text in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    found = api_keys.find_api_key(text=text, used_at=timezone.now())
    assert found is not None
    assert (found.source, found.scopes) == (source, ["events:write"])
    for path in ("/admin/agents/apikey/", f"/admin/agents/apikey/{found.pk}/change/"):
        again = admin_client.get(path)
        assert again.status_code == 200
        assert text not in again.content.decode()
        assert found.key_hash not in again.content.decode()


def test_a_key_is_revoked_from_the_list_and_stays_revoked(admin_client: Client) -> None:
    text = _issue(admin_client, factories.make_source()).context["key_text"]
    key = work.ApiKey.objects.get()

    admin_client.post("/admin/agents/apikey/", {"action": "revoke", "_selected_action": [key.pk]})

    assert api_keys.find_api_key(text=text, used_at=timezone.now()) is None
    admin_client.post(f"/admin/agents/apikey/{key.pk}/change/", {"name": "Mine", "scopes": ["events:write"]})
    key.refresh_from_db()
    assert (key.name, key.revoked_at is None) == ("Dialer", False)


def test_a_scope_that_does_not_exist_is_refused() -> None:
    with pytest.raises(api_keys.UnableToIssue, match="pay:write was asked for"):
        api_keys.issue_api_key(name="X", source=factories.make_source(), scopes=["pay:write"], issued_at=timezone.now())
    assert not work.ApiKey.objects.exists()


def test_a_secret_can_be_entered_and_never_be_read(admin_client: Client) -> None:
    source = factories.make_source()
    admin_client.post("/admin/agents/hooksecret/add/", {"source": source.pk, "value": "hush-hush", "note": "Webhook 3"})

    secret = work.HookSecret.objects.get()
    assert secret.value == "hush-hush"
    for path in ("/admin/agents/hooksecret/", f"/admin/agents/hooksecret/{secret.pk}/change/"):
        page = admin_client.get(path)
        assert page.status_code == 200
        assert "hush-hush" not in page.content.decode()


def test_a_kept_body_can_be_looked_at(admin_client: Client) -> None:
    source = factories.make_source()
    receive_hook.keep_raw_delivery(
        source=source, vendor="zammad", body=b"<b>\xff", content_type="text/plain", reason="not_json", message="It is no JSON."
    )

    page = admin_client.get(f"/admin/agents/rawdelivery/{work.RawDelivery.objects.get().pk}/change/")

    assert page.status_code == 200
    assert "&lt;b&gt;\ufffd" in page.content.decode()


@pytest.mark.parametrize("role", [Role.LEAD, Role.AGENT, Role.AUDITOR, Role.APPROVER, Role.CLIENT])
def test_nobody_else_reaches_keys_secrets_and_bodies(role: Role) -> None:
    roles.ensure_roles()
    client = Client()
    client.force_login(factories.make_user(roles=[role], is_staff=True))

    for name in ("apikey", "hooksecret", "rawdelivery"):
        assert client.get(f"/admin/agents/{name}/").status_code == 403


def _hold_a_fax() -> work.HeldRow:
    key = deliveries.make_program(source=deliveries.make_source())
    deliveries.deliver(key, [deliveries.event("1", channel="fax")])
    return work.HeldRow.objects.get()


def test_a_held_event_is_tried_again_from_the_list(admin_client: Client) -> None:
    held = _hold_a_fax()
    press = {"action": "try_again", "_selected_action": [held.pk]}

    page = admin_client.post("/admin/agents/heldrow/", press, follow=True).content.decode()
    assert "Still held: " in page
    assert not work.CaseEvent.objects.exists()

    factories.make_channel(code="fax", name="Fax")
    assert "1 let in." in admin_client.post("/admin/agents/heldrow/", press, follow=True).content.decode()
    assert work.CaseEvent.objects.get().channel.code == "fax"
    assert work.HeldRow.objects.get().released_at is not None
    assert "1 left as they are." in admin_client.post("/admin/agents/heldrow/", press, follow=True).content.decode()


def test_who_may_only_read_held_rows_lets_none_in() -> None:
    roles.ensure_roles()
    held = _hold_a_fax()
    factories.make_channel(code="fax", name="Fax")
    client = Client()
    client.force_login(factories.make_user(roles=[Role.AUDITOR], is_staff=True))

    client.post("/admin/agents/heldrow/", {"action": "try_again", "_selected_action": [held.pk]}, follow=True)

    assert not work.CaseEvent.objects.exists()


def test_a_mark_of_a_system_user_folds_what_the_name_resolved_again(admin_client: Client, tmp_path: pathlib.Path) -> None:
    desk.make_desk()
    desk.take(tmp_path, desk.row("C-1", "Closed", "3 08:00", 1, resolver="Robot"))
    resolve_cases.resolve_cases(as_of=desk.instant("9 08:00"))
    identity = work.SourceIdentity.objects.get(value="Robot")
    page = f"/admin/agents/sourceidentity/{identity.pk}/change/"
    agent = factories.make_agent()

    assert admin_client.post(page, {"agent": "", "is_system": "on"}).status_code == 302
    assert desk.states() == [("C-1", 1, "void", "superseded", False)]
    assert admin_client.post(page, {"agent": agent.pk, "is_system": "on"}).status_code == 200
    assert admin_client.post(page, {"agent": agent.pk}).status_code == 302
    assert desk.states() == [("C-1", 1, "assumed", "silence", True)]
    assert work.Resolution.objects.get().agent == agent
    assert admin_client.post(page, {"agent": "", "is_system": "on"}).status_code == 302
    assert desk.states() == [("C-1", 1, "void", "superseded", False)]
