"""What the environment may say, and what stops the start."""

import pathlib
from datetime import UTC, datetime

import pytest
from django.core.exceptions import ImproperlyConfigured

from ppr_portal import email_address, environment
from tests.ppr_portal import processes

COMPLETE = {
    "PPR_MODE": "production",
    "PPR_SECRET_KEY": "k" * 60,
    "PPR_HASH_KEY": "h" * 60,
    "PPR_ALLOWED_HOSTS": "portal.example.org, .example.net",
    "DATABASE_URL": "postgresql://portal:secret@database.example.org:5433/portal?sslmode=require",
    "REDIS_URL": "rediss://broker.example.org/0",
}
SHOW = """
import json
from django.conf import settings as s
database = s.DATABASES["default"]
print(json.dumps([s.DEBUG, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS > 0,
                  s.ALLOWED_HOSTS, s.CSRF_TRUSTED_ORIGINS, database["ENGINE"], database["HOST"], database["PORT"], database["OPTIONS"]]))
"""


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    for name in list(environment.os.environ):
        if name.startswith("PPR_") or name in {"DATABASE_URL", "REDIS_URL"}:
            monkeypatch.delenv(name)
    monkeypatch.setitem(environment.Environment.model_config, "env_file", tmp_path / ".env")


def read(monkeypatch: pytest.MonkeyPatch, **values: str) -> environment.Environment:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return environment.read_environment()


def test_a_bare_clone_is_a_demo_on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(monkeypatch)

    assert found.mode == "demo"
    assert found.hosts == ["127.0.0.1", "localhost", "[::1]"]
    assert (found.host, found.port) == ("127.0.0.1", 8000)
    assert found.database_url is None
    assert found.now is None


@pytest.mark.parametrize("missing", ["PPR_SECRET_KEY", "PPR_HASH_KEY", "PPR_ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL"])
def test_production_names_what_is_missing(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"PPR_MODE=production needs {missing}; set it and start again"):
        read(monkeypatch, **{name: value for name, value in COMPLETE.items() if name != missing})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"PPR_MODE": "live"}, "PPR_MODE: Input should be 'demo' or 'production'"),
        ({"PPR_MDOE": "production"}, "PPR_MDOE is not a setting of PPR Portal; did you mean PPR_MODE?"),
        ({"PPR_PORT": "0"}, "PPR_PORT: Input should be greater than or equal to 1"),
        ({"PPR_PORT": "http"}, "PPR_PORT: Input should be a valid integer"),
        ({"PPR_NOW": "2016-05-03T12:00:00"}, "PPR_NOW: Input should have timezone info"),
        ({"PPR_HOST": "0.0.0.0"}, "PPR_HOST=0.0.0.0 would show a demo with printed sign-ins to the network"),
        ({**COMPLETE, "PPR_DEBUG": "1"}, "PPR_DEBUG shows the program's inside to visitors"),
        ({**COMPLETE, "PPR_NOW": "2016-05-03T12:00:00Z"}, "PPR_NOW stops the business clock"),
    ],
)
def test_a_wrong_value_stops_the_start_with_its_name(monkeypatch: pytest.MonkeyPatch, values: dict[str, str], message: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        read(monkeypatch, **values)

    assert message in str(refused.value)


def test_an_instant_keeps_its_offset(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, PPR_NOW="2016-05-03T14:00:00+02:00").fixed_now == datetime(2016, 5, 3, 12, tzinfo=UTC)


def test_an_env_file_is_read_and_its_typos_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    monkeypatch.setattr(environment, "BASE_DIR", tmp_path)
    (tmp_path / ".env").write_text("PPR_PORT=8123\n", encoding="ascii")
    assert read(monkeypatch).port == 8123

    (tmp_path / ".env").write_text("PPR_PROT=8123\n", encoding="ascii")
    with pytest.raises(ImproperlyConfigured, match="did you mean PPR_PORT"):
        read(monkeypatch)


def test_each_checkout_has_its_own_secret_key(tmp_path: pathlib.Path) -> None:
    here = environment.demo_secret_key(var_dir=tmp_path / "a")

    assert here == environment.demo_secret_key(var_dir=tmp_path / "a")
    assert here != environment.demo_secret_key(var_dir=tmp_path / "b")
    assert len(here) >= 50
    assert (tmp_path / "a" / "secret_key").stat().st_mode & 0o777 == 0o600


def test_production_defends_itself(tmp_path: pathlib.Path) -> None:
    done = processes.manage("shell", "--verbosity", "0", "--command", SHOW, var_dir=tmp_path, **COMPLETE)

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == (
        "[false, true, true, true, true, "
        '["portal.example.org", ".example.net"], ["https://portal.example.org", "https://*.example.net"], '
        '"django.db.backends.postgresql", "database.example.org", "5433", {"sslmode": "require"}]'
    )


def test_a_command_says_in_one_line_why_it_cannot_start(tmp_path: pathlib.Path) -> None:
    done = processes.manage("check", var_dir=tmp_path, PPR_MODE="production")

    assert done.returncode == 1
    assert done.stderr == (
        "PPR Portal cannot start: PPR_MODE=production needs PPR_SECRET_KEY, PPR_HASH_KEY, PPR_ALLOWED_HOSTS, DATABASE_URL, REDIS_URL; "
        "set them and start again\n"
    )


@pytest.mark.parametrize("url", ["mail.example.org", "http://mail.example.org", "smtp://", "smtp:mail"])
def test_a_mail_address_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="PPR_EMAIL_URL must look like"):
        email_address.smtp_settings(url=url)


@pytest.mark.parametrize(
    ("url", "port", "starts_tls", "is_tls"),
    [
        ("smtp://mail.example.org", 25, False, False),
        ("smtp+tls://mail.example.org", 587, True, False),
        ("smtps://mail.example.org", 465, False, True),
        ("smtp://mail.example.org:2525", 2525, False, False),
    ],
)
def test_a_mail_address_gives_port_and_encryption(url: str, port: int, starts_tls: bool, is_tls: bool) -> None:
    found = email_address.smtp_settings(url=url)

    assert (found.host, found.port, found.starts_tls, found.is_tls) == ("mail.example.org", port, starts_tls, is_tls)
