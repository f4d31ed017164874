"""Second factors, sessions, and single sign-on against a provider that really answers."""

import time
import urllib.request
from types import SimpleNamespace

import pytest
from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from ppr_portal import accounts
from ppr_portal.environment import read_environment
from ppr_portal.pages.person import sessions
from tests import factories
from tests.ppr_portal.throughout.provider import CLIENT_ID, CLIENT_SECRET, Provider, serve_provider

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


@pytest.fixture(autouse=True)
def half_minute_that_lasts(monkeypatch):
    """A code holds for half a minute: let none end between the moment it is read and the moment it is typed."""
    now = time.time()
    monkeypatch.setattr(totp, "time", SimpleNamespace(time=lambda: now))


def sign_in(client, person, password=factories.PASSWORD):
    return client.post("/accounts/login/", {"login": person.email, "password": password})


def prove(client):
    """Say once more who it is, as everything asks that changes how an account is opened."""
    assert client.post("/accounts/reauthenticate/", {"password": factories.PASSWORD}).status_code == 302


def codes_of(secret):
    """The codes that are taken now: of this half minute, and of the ones before and after it."""
    return [totp.format_hotp_value(totp.hotp_value(secret, counter)) for counter in totp.yield_hotp_counters_from_time()]


def code_of(secret):
    return codes_of(secret)[1]


def mistyped(secret):
    """This half minute's code with its last digit wrong; one thought up would be right by chance some day."""
    code = code_of(secret)
    return next(wrong for digit in "0123456789" if (wrong := code[:-1] + digit) not in codes_of(secret))


def offered_secret(client):
    return client.get("/accounts/2fa/totp/activate/").context["form"].secret


def set_up_app(client):
    prove(client)
    secret = offered_secret(client)
    assert client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)}).status_code == 302
    return secret


def test_an_app_is_set_up_and_asked_for_after_the_password(client):
    maya = factories.make_user()
    sign_in(client, maya)
    prove(client)
    assert client.post("/accounts/2fa/totp/activate/", {"code": mistyped(offered_secret(client))}).status_code == 200
    secret = set_up_app(client)
    # The factor stands in the database sealed.
    kept = Authenticator.objects.get(type="totp").data["secret"]
    assert secret not in kept

    other = Client()
    assert sign_in(other, maya)["Location"] == "/accounts/2fa/authenticate/"
    assert other.get("/notifications/").status_code == 302
    page = other.get("/accounts/2fa/authenticate/").content.decode()
    assert "Second step" in page
    cache.clear()
    assert other.post("/accounts/2fa/authenticate/", {"code": mistyped(secret)}).status_code == 200
    assert other.post("/accounts/2fa/authenticate/", {"code": code_of(secret)}).status_code == 302
    assert other.get("/notifications/").status_code == 200


def test_what_was_wrong_is_said_with_what_to_do_next(client):
    maya = factories.make_user()
    assert "The e-mail or the password is not right. Try again" in sign_in(client, maya, "wrong").content.decode()
    sign_in(client, maya)
    prove(client)
    code = mistyped(offered_secret(client))
    said = client.post("/accounts/2fa/totp/activate/", {"code": code}).content.decode()
    assert "type the one that shows now. A recovery code works once." in said
    assert 'value="Passkey 1"' in client.get("/accounts/2fa/webauthn/add/").content.decode()


def test_a_code_is_taken_at_the_turn_of_its_half_minute(client):
    sign_in(client, factories.make_user())
    prove(client)
    late = codes_of(offered_secret(client))[0]
    assert client.post("/accounts/2fa/totp/activate/", {"code": late}).status_code == 302


def test_behind_a_proxy_tries_are_counted_by_the_address_that_it_tells(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"reset_password": "1/m/ip"}
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    def ask(address):
        told = {"x-forwarded-for": f"198.51.100.9, {address}"}
        return client.post("/accounts/password/reset/", {"email": "maya@larch.example"}, headers=told).status_code

    assert [ask(address) for address in ("192.0.2.1", "192.0.2.2", "192.0.2.1")] == [302, 302, 429]


def test_too_many_tries_read_like_the_house(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"reset_password": "1/m/ip"}
    answers = [client.post("/accounts/password/reset/", {"email": "maya@larch.example"}) for _try in range(2)]
    assert [answer.status_code for answer in answers] == [302, 429]
    assert "Too many tries in a short time" in answers[1].content.decode()


def test_the_owner_hears_of_a_new_factor(rf, mailoutbox):
    maya = factories.make_user()
    request = rf.get("/")
    with context.request_context(request):
        accounts.ClosedSignUpAdapter(request).send_notification_mail("mfa/email/totp_activated", maya)
    assert [letter.to for letter in mailoutbox] == [[maya.email]]


def test_a_recovery_code_opens_the_account_once(client):
    maya = factories.make_user()
    sign_in(client, maya)
    set_up_app(client)
    code = RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).get_unused_codes()[0]
    assert code in client.get("/accounts/2fa/recovery-codes/").content.decode()
    for status in (302, 200):
        other = Client()
        sign_in(other, maya)
        assert other.post("/accounts/2fa/authenticate/", {"code": code}).status_code == status


def test_adding_a_factor_asks_for_the_password_again(client):
    sign_in(client, factories.make_user())
    answer = client.get("/accounts/2fa/totp/activate/")
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert "Is it you?" in client.get(answer["Location"]).content.decode()


@pytest.mark.parametrize("path", ["", "totp/activate/", "webauthn/", "webauthn/add/", "recovery-codes/generate/", "totp/deactivate/"])
def test_pages_of_security_open_for_who_is_signed_in_only(client, path):
    assert client.get(f"/accounts/2fa/{path}").status_code == 302
    sign_in(client, factories.make_user())
    prove(client)
    if path.endswith(("generate/", "deactivate/")):
        set_up_app(client)
    assert client.get(f"/accounts/2fa/{path}").status_code == 200


def test_others_passkeys_do_not_exist(client):
    other = Authenticator.objects.create(user=factories.make_user(), type="webauthn", data={"name": "Key"})
    sign_in(client, factories.make_user())
    prove(client)
    for act in ("edit", "remove"):
        assert client.get(f"/accounts/2fa/webauthn/keys/{other.pk}/{act}/").status_code == 404
        assert client.post(f"/accounts/2fa/webauthn/keys/{other.pk}/{act}/", {"name": "Mine"}).status_code == 404
    assert Authenticator.objects.get().data == {"name": "Key"}


def test_a_browser_can_be_ended_and_no_other_persons(client):
    maya, stranger = factories.make_user(), factories.make_user()
    first, second, theirs = Client(headers={"user-agent": FIREFOX}), Client(), Client()
    for browser, person in ((client, maya), (first, maya), (second, maya), (theirs, stranger)):
        sign_in(browser, person)
    page = client.get("/accounts/sessions/").content.decode()
    assert "Firefox on Linux" in page
    assert page.count("This one") == 1
    mine = UserSession.objects.get(user=maya, user_agent=FIREFOX)
    for pk in (UserSession.objects.get(user=stranger).pk, "x", "9" * 30, ""):
        client.post("/accounts/sessions/", {"session": pk})
    assert UserSession.objects.count() == 4
    client.post("/accounts/sessions/", {"session": mine.pk})
    assert first.get("/notifications/").status_code == 302
    assert second.get("/notifications/").status_code == 200
    client.post("/accounts/sessions/", {"others": "1"})
    assert second.get("/notifications/").status_code == 302
    assert client.get("/notifications/").status_code == theirs.get("/notifications/").status_code == 200


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/1 Safari/1 Edg/1", "Edge on Windows"),
        ("curl/8", "An unknown browser"),
    ],
)
def test_a_browser_is_named_in_words(agent, words):
    assert sessions.describe(agent) == words


@pytest.mark.parametrize(("role", "is_stopped"), [("approver", True), ("contract_admin", True), ("agent", False), ("auditor", False)])
def test_who_decides_on_money_adds_a_second_factor_first(client, settings, role, is_stopped):
    settings.PPR_SECOND_FACTOR_FOR_MONEY = True
    sign_in(client, factories.make_user(roles=[role]))
    for page in ("/notifications/", "/admin/"):
        assert (client.get(page).get("Location") == "/accounts/2fa/") is is_stopped
    if is_stopped:
        assert "needs a second step" in client.get("/accounts/2fa/").content.decode()
        set_up_app(client)
        assert client.get("/notifications/").status_code == 200


# Single sign-on ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def provider(settings):
    with serve_provider() as found:
        app = {"provider_id": "company", "name": "Larch", "client_id": CLIENT_ID, "secret": CLIENT_SECRET}
        app["settings"] = {"server_url": found.url, "oauth_pkce_enabled": True}
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
        yield found


class Stay(urllib.request.HTTPRedirectHandler):
    """Follow nothing, so that the test sees where the browser is sent."""

    def redirect_request(self, *args: object) -> None:
        return None


def go_through(client: Client, provider: Provider):
    """Press the button, let the provider say yes, and come back."""
    asked = client.get("/accounts/oidc/company/login/")["Location"]
    assert asked.startswith(f"{provider.url}/authorize?")
    try:
        urllib.request.build_opener(Stay).open(asked)
    except urllib.error.HTTPError as sent:
        return client.get(sent.headers["Location"].removeprefix("http://testserver"))
    raise AssertionError("The provider did not send the browser back.")


def test_the_company_signs_in_who_is_known(client, provider):
    maya = factories.make_user(email="maya@larch.example")
    provider.claims = {"sub": "42", "email": "Maya@Larch.example", "email_verified": True}
    assert "Sign in with Larch" in client.get("/accounts/login/").content.decode()
    assert go_through(client, provider).status_code == 302
    assert client.get("/notifications/").wsgi_request.user == maya
    # From then on the company's own number for the person counts, whatever happens to the address.
    provider.claims = {"sub": "42", "email": "maya.torres@larch.example", "email_verified": True}
    other = Client()
    assert go_through(other, provider).status_code == 302
    assert other.get("/notifications/").wsgi_request.user == maya
    maya.refresh_from_db()
    assert maya.check_password(factories.PASSWORD)


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"sub": "1", "email": "nobody@larch.example", "email_verified": True}, "nobody of that address"),
        ({"sub": "1", "email": "maya@larch.example", "email_verified": False}, "does not vouch"),
        ({"sub": "1", "email": "maya@larch.example"}, "does not vouch"),
        ({"sub": "1", "email": "gone@larch.example", "email_verified": True}, "nobody of that address"),
        ({"sub": "1"}, "did not tell an address"),
    ],
)
def test_nobody_else_gets_in(client, provider, claims, words):
    factories.make_user(email="maya@larch.example")
    factories.make_user(email="gone@larch.example", is_active=False)
    provider.claims = claims
    answer = go_through(client, provider)
    assert (answer.status_code, words in answer.content.decode()) == (403, True)
    assert client.get("/notifications/").status_code == 302
    assert not SocialAccount.objects.exists()


def test_a_provider_whose_addresses_are_known_to_be_verified(client, provider, settings):
    settings.PPR_OIDC_EMAIL_IS_VERIFIED = True
    factories.make_user(email="maya@larch.example")
    provider.claims = {"sub": "1", "email": "maya@larch.example"}
    assert go_through(client, provider).status_code == 302


def test_a_second_factor_is_asked_for_after_the_company_too(client, provider):
    maya = factories.make_user(email="maya@larch.example")
    totp.TOTP.activate(maya, totp.generate_totp_secret())
    provider.claims = {"sub": "1", "email": maya.email, "email_verified": True}
    assert go_through(client, provider)["Location"] == "/accounts/2fa/authenticate/"
    assert client.get("/notifications/").status_code == 302


def test_an_answer_that_nobody_asked_for_signs_nobody_in(client, provider):
    factories.make_user(email="maya@larch.example")
    provider.claims = {"sub": "1", "email": "maya@larch.example", "email_verified": True}
    query = {"redirect_uri": "/", "state": "made-up"}
    provider.authorize(query)
    answer = client.get("/accounts/oidc/company/login/callback/?code=code-0&state=made-up")
    assert "did not sign you in" in answer.content.decode()
    assert not SocialAccount.objects.exists()


def test_without_a_provider_there_is_no_button_and_no_route(client):
    assert "Sign in with a passkey" in client.get("/accounts/login/").content.decode()
    assert "/accounts/oidc/" not in client.get("/accounts/login/").content.decode()
    assert client.get("/accounts/oidc/company/login/").status_code == 404


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"PPR_OIDC_ISSUER": "https://login.example.org"}, "PPR_OIDC_CLIENT_ID, PPR_OIDC_CLIENT_SECRET"),
        ({"PPR_OIDC_ISSUER": "ftp://x", "PPR_OIDC_CLIENT_ID": "a", "PPR_OIDC_CLIENT_SECRET": "b"}, "has to begin with https"),
    ],
)
def test_half_a_provider_stops_the_start(monkeypatch, given, words):
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=words):
        read_environment()


def test_a_whole_provider_is_read(monkeypatch):
    for name, value in {"PPR_OIDC_ISSUER": "https://login.example.org", "PPR_OIDC_CLIENT_ID": "a", "PPR_OIDC_CLIENT_SECRET": "b"}.items():
        monkeypatch.setenv(name, value)
    found = read_environment()
    assert found.has_single_sign_on
    assert "b" not in repr(found.oidc_client_secret)
