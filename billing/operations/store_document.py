"""Keep a file as it was issued: once, with its fingerprint, and never a second rendering of the same thing."""

import hashlib
from datetime import datetime

from django.db import transaction

from billing.models import Document


def store_document(*, kind: str, key: str, name: str, content_type: str, content: bytes, issued_at: datetime) -> Document:
    """Store a file unless one of this kind and key was issued before; the one that was issued is returned then.

    Args:
        kind: one of Document.Kind.
        key: what it is of, for example "invoice:12".
        name: file name that people save it under.
        content_type: as browsers are told it.
        content: the bytes.
        issued_at: business instant.

    Returns: the stored file, with its SHA-256.
    Source: design.md section 5; docs/invoices.md: a document is rendered once.
    """
    wanted = {"name": name, "content_type": content_type, "content": content, "issued_at": issued_at}
    with transaction.atomic():
        found, _ = Document.objects.get_or_create(kind=kind, key=key, defaults={**wanted, "sha256": hashlib.sha256(content).hexdigest()})
    return found
