"""Help desks that send webhooks, for tests: each signs as its vendor documents it."""

import base64
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from agents import models as work
from tests.ppr_portal.api import deliveries

SECRET = "the desk's own secret"
VENDORS = ("zendesk", "intercom", "chatwoot", "freshdesk", "zammad", "hubspot", "front", "helpscout")


def make_desk(vendor: str, *, secret: str = SECRET) -> work.Source:
    """Make a source of a vendor with a secret; its client has exactly one contract."""
    source = deliveries.make_source(code=f"our-{vendor}", vendor=vendor)
    work.HookSecret.objects.create(source=source, value=secret, created_at=timezone.now())
    return source


def add_desk(vendor: str, *, like: work.Source, code: str) -> work.Source:
    """Make another source of the same client."""
    source = work.Source.objects.create(code=code, name=code, vendor=vendor, client=like.client)
    work.HookSecret.objects.create(source=source, value=SECRET, created_at=timezone.now())
    return source


def path_of(vendor: str, code: str = "") -> str:
    return f"/hooks/{vendor}/{code or f'our-{vendor}'}/"


def encode(document: Any) -> bytes:
    return document if isinstance(document, bytes) else json.dumps(document).encode()


def sign(vendor: str, body: bytes, *, secret: str = SECRET, age: timedelta = timedelta(0), code: str = "") -> dict[str, str]:
    """Return the headers with which a vendor proves a body."""
    at = datetime.now(UTC) - age
    seconds, milliseconds = str(int(at.timestamp())), str(int(at.timestamp() * 1000))
    iso = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    if vendor == "zendesk":
        signature = _base64(secret, iso.encode() + body, "sha256")
        return {"x-zendesk-webhook-signature": signature, "x-zendesk-webhook-signature-timestamp": iso}
    if vendor in ("intercom", "zammad"):
        return {"x-hub-signature": f"sha1={_hex(secret, body, 'sha1')}"}
    if vendor == "chatwoot":
        signature = f"sha256={_hex(secret, f'{seconds}.'.encode() + body, 'sha256')}"
        return {"x-chatwoot-signature": signature, "x-chatwoot-timestamp": seconds}
    if vendor == "hubspot":
        told = f"POSThttp://testserver{path_of(vendor, code)}".encode() + body + milliseconds.encode()
        return {"x-hubspot-signature-v3": _base64(secret, told, "sha256"), "x-hubspot-request-timestamp": milliseconds}
    if vendor == "front":
        signature = _base64(secret, f"{milliseconds}:".encode() + body, "sha256")
        return {"x-front-signature": signature, "x-front-request-timestamp": milliseconds}
    if vendor == "helpscout":
        return {"x-helpscout-signature": _base64(secret, body, "sha1")}
    return {"x-webhook-secret": secret}


def send(vendor: str, document: Any, *, secret: str = SECRET, age: timedelta = timedelta(0), code: str = "", **headers: str) -> Any:
    """Post a document as a vendor's webhook and return the response."""
    body = encode(document)
    signed = sign(vendor, body, secret=secret, age=age, code=code)
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return Client().post(path_of(vendor, code), body, content_type="application/json", headers={**signed, **told})


def said(*, code: str = "") -> list[str]:
    """List the stored events in order, as one line each: case, kind, instant, who, and whatever else they tell."""
    lines = []
    found = work.CaseEvent.objects.filter(source__code__startswith=code)
    for event in found.select_related("case", "agent_identity").order_by("case__key", "occurred_at", "key"):
        who = event.agent_identity
        parts = [event.case.key, event.type, event.occurred_at.strftime("%Y-%m-%dT%H:%M:%SZ")]
        parts += [f"by {who.space} {who.value}{' (bot)' if who.is_system else ''}"] if who else []
        parts += [word for word in (event.direction, event.medium, event.code) if word]
        parts += [f"{event.handle_seconds} s"] if event.handle_seconds is not None else []
        lines.append(" ".join(parts))
    return lines


def waiting(*, code: str = "") -> list[str]:
    """List the held events: case and reason."""
    held = work.HeldRow.objects.filter(released_at=None, source__code__startswith=code).order_by("case_key", "reason", "row_hash")
    return [f"{case} {reason}" for case, reason in held.values_list("case_key", "reason")]


def _base64(secret: str, message: bytes, algorithm: str) -> str:
    return base64.b64encode(hmac.new(secret.encode(), message, algorithm).digest()).decode()


def _hex(secret: str, message: bytes, algorithm: str) -> str:
    return hmac.new(secret.encode(), message, algorithm).hexdigest()
