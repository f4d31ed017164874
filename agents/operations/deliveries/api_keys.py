"""Keys by which programs speak for a source: made once, shown once, stored as a hash."""

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from agents.models import ApiKey, Source, User

MARK = "ppr"
PREFIX_BYTES = 5
SECRET_BYTES = 32
# Writing the time of every request would make each of them wait for the one before it.
USE_IS_NOTED_EVERY = timedelta(minutes=1)
# A program may send hundreds of requests a second. What this process found is believed so long, so a key that was revoked
# elsewhere, or a scope that was taken from it, opens nothing after that; only keys that were proven are kept, never a guess.
BELIEVED_SECONDS = 2.0
KEPT_MAX = 1_000
_proven: dict[str, tuple[float, ApiKey]] = {}
_proven_lock = threading.Lock()


class UnableToIssue(Exception):
    """A key cannot be made; nothing was stored."""


@dataclass(frozen=True, kw_only=True)
class IssuedKey:
    """A new key with its text, which nobody can read again."""

    key: ApiKey
    text: str


def issue_api_key(*, name: str, source: Source, scopes: Sequence[str], issued_at: datetime, issued_by: User | None = None) -> IssuedKey:
    """Make a key for a source.

    Args:
        name: who uses it.
        source: the only source it may speak for.
        scopes: what it may do, of ApiKey.Scope.
        issued_at: wall clock.
        issued_by: who asked for it.

    Returns: the stored key and its text, 256 random bits that are stored nowhere.
    Raises: UnableToIssue if there is no scope, or one that does not exist.
    """
    unknown = sorted(set(scopes) - set(ApiKey.Scope.values))
    if unknown or not scopes:
        raise UnableToIssue(
            _("A key needs scopes of %(values)s; %(unknown)s was asked for.")
            % {"values": ", ".join(ApiKey.Scope.values), "unknown": ", ".join(unknown) or "none"}
        )
    prefix = f"{MARK}_{secrets.token_hex(PREFIX_BYTES)}"
    text = f"{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
    key = ApiKey.objects.create(
        name=name, prefix=prefix, key_hash=_hash(text), source=source, scopes=list(scopes), created_at=issued_at, created_by=issued_by
    )
    return IssuedKey(key=key, text=text)


def revoke_api_keys(*, keys: QuerySet[ApiKey], revoked_at: datetime) -> int:
    """Let keys open nothing from now on; one that is revoked already stays as it is.

    Args:
        keys: which.
        revoked_at: wall clock.

    Returns: how many were revoked.
    """
    count = keys.filter(revoked_at=None).update(revoked_at=revoked_at)
    forget_proven_keys()
    return count


def find_api_key(*, text: str, used_at: datetime) -> ApiKey | None:
    """Return the key of this text, or None if there is none or it was revoked; and note that it was used.

    A key that this process proved less than BELIEVED_SECONDS ago is not looked up again.

    Args:
        text: what the program sent.
        used_at: wall clock.
    """
    hashed = _hash(text)
    proven_at, key = _proven.get(hashed, (0.0, None))
    if key is None or time.monotonic() - proven_at >= BELIEVED_SECONDS:
        key = _prove(text, hashed)
    if key is not None and (key.last_used_at is None or used_at - key.last_used_at >= USE_IS_NOTED_EVERY):
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=used_at)
        key.last_used_at = used_at
    return key


def forget_proven_keys() -> None:
    """Look every key up again from now on, in this process; others do so within BELIEVED_SECONDS."""
    with _proven_lock:
        _proven.clear()


def _prove(text: str, hashed: str) -> ApiKey | None:
    if "\x00" in text:
        return None
    mark, _other, rest = text.partition("_")
    prefix = f"{mark}_{rest.partition('_')[0]}"
    looked_at = time.monotonic()
    key = ApiKey.objects.select_related("source").filter(prefix=prefix, revoked_at=None).order_by().first()
    is_proven = key is not None and hmac.compare_digest(key.key_hash, hashed)
    with _proven_lock:
        if len(_proven) >= KEPT_MAX:
            _proven.clear()
        if key is not None and is_proven:
            _proven[hashed] = (looked_at, key)
        else:
            _proven.pop(hashed, None)
    return key if is_proven else None


def _hash(text: str) -> str:
    """A slow hash protects what people choose; 256 random bits need none, and every request would wait for it."""
    return hashlib.sha256(text.encode()).hexdigest()
