"""Reads PPR_EMAIL_URL, the address of the mail server."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

DEFAULT_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


@dataclass(frozen=True)
class SmtpSettings:
    """Where letters are handed in, and how the connection is encrypted."""

    host: str
    port: int
    user: str
    password: str
    starts_tls: bool
    is_tls: bool


def smtp_settings(*, url: str) -> SmtpSettings:
    """Split `smtp+tls://user:password@host:587` into Django's mail settings.

    Raises: ImproperlyConfigured if the scheme is not smtp, smtp+tls or smtps, or the host is missing.

    >>> smtp_settings(url="smtp+tls://me:a%40b@mail.example.org")
    SmtpSettings(host='mail.example.org', port=587, user='me', password='a@b', starts_tls=True, is_tls=False)
    """
    parts = urlsplit(url)
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        raise ImproperlyConfigured("PPR_EMAIL_URL must look like smtp+tls://user:password@host:587 (or smtp://, smtps://)")
    return SmtpSettings(
        host=parts.hostname,
        port=parts.port or DEFAULT_PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        starts_tls=parts.scheme == "smtp+tls",
        is_tls=parts.scheme == "smtps",
    )
