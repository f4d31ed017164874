"""Proof that a webhook came from its help desk: each vendor's own signature, compared in constant time, and not too old."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# What the vendors that sign a time recommend themselves.
REPLAY_WINDOW = timedelta(minutes=5)
SHARED_SECRET_HEADER = "x-webhook-secret"  # noqa: S105 (the name of a header)
# HubSpot signs the address with these decoded.
HUBSPOT_DECODED = {
    "%3A": ":",
    "%2F": "/",
    "%3F": "?",
    "%40": "@",
    "%21": "!",
    "%24": "$",
    "%27": "'",
    "%28": "(",
    "%29": ")",
    "%2A": "*",
    "%2C": ",",
    "%3B": ";",
}


class BadSignature(Exception):
    """Nothing proves that a webhook came from its help desk; the message says what is wrong."""


@dataclass(frozen=True, kw_only=True)
class Signed:
    """What a signature speaks of. Names of headers are in small letters."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    now: datetime

    def header(self, name: str) -> str:
        """Return a header.

        Raises: BadSignature if it is missing.
        """
        value = self.headers.get(name, "")
        if not value:
            raise BadSignature(f"The header {name} is missing.")
        return value

    def fresh(self, at: datetime) -> None:
        """Refuse a signature from another time, so that nobody can send an old webhook again.

        Raises: BadSignature.
        """
        if abs(self.now - at) > REPLAY_WINDOW:
            raise BadSignature("The signature is older than five minutes, or of the future.")


def verify(*, vendor: str, signed: Signed, secrets: Iterable[str]) -> None:
    """Let a webhook pass that one of the secrets proves.

    Args:
        vendor: whose signature it is.
        signed: the request.
        secrets: the valid secrets of the source.

    Raises: BadSignature.
    """
    scheme, given = SCHEMES[vendor](signed)
    is_proven = False
    for secret in secrets:
        # Every secret is tried, so that the time taken tells nothing of which one fits.
        is_proven |= hmac.compare_digest(scheme(secret.encode()).encode(), given.encode())
    if not is_proven:
        raise BadSignature("The signature does not fit this body and any secret of the source.")


Scheme = tuple[Callable[[bytes], str], str]


def _base64(message: bytes, algorithm: str) -> Callable[[bytes], str]:
    return lambda secret: base64.b64encode(hmac.new(secret, message, algorithm).digest()).decode()


def _hex(message: bytes, algorithm: str, start: str) -> Callable[[bytes], str]:
    return lambda secret: start + hmac.new(secret, message, algorithm).hexdigest()


def _zendesk(signed: Signed) -> Scheme:
    """base64(HMACSHA256(timestamp + body)); the timestamp is ISO 8601."""
    given, timestamp = signed.header("x-zendesk-webhook-signature"), signed.header("x-zendesk-webhook-signature-timestamp")
    signed.fresh(_iso(timestamp))
    return _base64(timestamp.encode() + signed.body, "sha256"), given


def _hub_signature(signed: Signed) -> Scheme:
    """sha1=hex(HMACSHA1(body)), of Intercom and of Zammad."""
    return _hex(signed.body, "sha1", "sha1="), signed.header("x-hub-signature")


def _hubspot(signed: Signed) -> Scheme:
    """Version 3: base64(HMACSHA256(method + address + body + timestamp)); the timestamp is in milliseconds."""
    given, timestamp = signed.header("x-hubspot-signature-v3"), signed.header("x-hubspot-request-timestamp")
    signed.fresh(_epoch(timestamp, 1_000))
    url = signed.url
    for code, character in HUBSPOT_DECODED.items():
        url = url.replace(code, character).replace(code.lower(), character)
    return _base64(f"{signed.method}{url}".encode() + signed.body + timestamp.encode(), "sha256"), given


def _front(signed: Signed) -> Scheme:
    """Of an application: base64(HMACSHA256(timestamp + ":" + body)), in milliseconds; of a rule: base64(HMACSHA1(body))."""
    given = signed.header("x-front-signature")
    timestamp = signed.headers.get("x-front-request-timestamp", "")
    if not timestamp:
        return _base64(signed.body, "sha1"), given
    signed.fresh(_epoch(timestamp, 1_000))
    return _base64(f"{timestamp}:".encode() + signed.body, "sha256"), given


def _helpscout(signed: Signed) -> Scheme:
    """base64(HMACSHA1(body))."""
    return _base64(signed.body, "sha1"), signed.header("x-helpscout-signature")


def _chatwoot(signed: Signed) -> Scheme:
    """sha256=hex(HMACSHA256(timestamp + "." + body)), in seconds; releases that do not sign yet send the secret in a header."""
    given = signed.headers.get("x-chatwoot-signature", "")
    if not given:
        return _shared_secret(signed)
    timestamp = signed.header("x-chatwoot-timestamp")
    signed.fresh(_epoch(timestamp, 1))
    return _hex(f"{timestamp}.".encode() + signed.body, "sha256", "sha256="), given


def _shared_secret(signed: Signed) -> Scheme:
    """For help desks that do not sign: the secret itself in a header. Hashes are compared, so that its length stays unknown."""
    given = signed.header(SHARED_SECRET_HEADER)
    return (lambda secret: hashlib.sha256(secret).hexdigest()), hashlib.sha256(given.encode("utf-8", "replace")).hexdigest()


def _iso(value: str) -> datetime:
    try:
        at = datetime.fromisoformat(value)
    except ValueError as fault:
        raise BadSignature("The time of the signature cannot be read.") from fault
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _epoch(value: str, per_second: int) -> datetime:
    if not value.isascii() or not value.isdigit() or len(value) > 16:
        raise BadSignature("The time of the signature cannot be read.")
    try:
        return datetime.fromtimestamp(int(value) / per_second, tz=UTC)
    except (ValueError, OverflowError, OSError) as fault:
        raise BadSignature("The time of the signature cannot be read.") from fault


SCHEMES: dict[str, Callable[[Signed], Scheme]] = {
    "zendesk": _zendesk,
    "intercom": _hub_signature,
    "chatwoot": _chatwoot,
    "freshdesk": _shared_secret,
    "zammad": _hub_signature,
    "hubspot": _hubspot,
    "front": _front,
    "helpscout": _helpscout,
}
