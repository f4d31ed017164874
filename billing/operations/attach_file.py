"""Add a file to a dispute as evidence: kept as it came, with its fingerprint, seen by whoever sees the dispute."""

import hashlib
from datetime import datetime

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import User
from billing.models import Dispute, DisputeAttachment, Document
from billing.operations.store_document import store_document

BYTES_MAX = 10 * 1024**2
FILES_MAX = 20
# What people attach, told by its first bytes and never by its name alone: kind, ending, what the file begins with.
KINDS = (
    ("application/pdf", (".pdf",), (b"%PDF-",)),
    ("image/png", (".png",), (b"\x89PNG\r\n\x1a\n",)),
    ("image/jpeg", (".jpg", ".jpeg"), (b"\xff\xd8\xff",)),
    ("text/plain", (".txt", ".csv", ".eml"), ()),
)


class UnableToAttach(Exception):
    """A file that is too large, of another kind, empty, attached already, or one too many."""


def attach_file(*, dispute_id: int, name: str, content: bytes, person: User, as_of: datetime) -> DisputeAttachment:
    """Keep a file beside a dispute.

    Args:
        dispute_id: a dispute that the person sees.
        name: as the person's computer calls it.
        content: at most 10 MB: PDF, PNG, JPEG, or text.
        person: who adds it.
        as_of: business instant.

    Returns: the attachment, which never changes.
    Raises: UnableToAttach; nothing is written then.
    Source: docs/disputes.md.
    """
    plain = name.replace("\\", "/").rpartition("/")[2].strip()[:120]
    if not content:
        raise UnableToAttach(_("%(file)s is empty; choose another file.") % {"file": plain})
    if len(content) > BYTES_MAX:
        raise UnableToAttach(_("%(file)s is larger than 10 MB; add a part of it, or a link.") % {"file": plain})
    kind = kind_of(name=plain, content=content)
    sha256 = hashlib.sha256(content).hexdigest()
    with transaction.atomic(), pghistory.context(user=person.pk, act="attach file"):
        dispute = Dispute.objects.select_for_update(of=["self"], no_key=True).get(pk=dispute_id)
        known = DisputeAttachment.objects.filter(dispute=dispute)
        if known.filter(document__sha256=sha256).exists():
            raise UnableToAttach(_("%(file)s is here already.") % {"file": plain})
        if known.count() >= FILES_MAX:
            raise UnableToAttach(_("A dispute holds at most %(count)s files; put the rest into one of them.") % {"count": FILES_MAX})
        document = store_document(
            kind=Document.Kind.DISPUTE_FILE,
            key=f"dispute:{dispute_id}:{sha256}",
            name=plain,
            content_type=kind,
            content=content,
            issued_at=as_of,
        )
        return DisputeAttachment.objects.create(dispute=dispute, document=document, added_by=person, added_at=as_of)


def kind_of(*, name: str, content: bytes) -> str:
    """Return the kind of a file by its first bytes and its ending, which must agree.

    Raises: UnableToAttach if it is of no kind that is taken.

    >>> kind_of(name="screen.png", content=b"\\x89PNG\\r\\n\\x1a\\n...")
    'image/png'
    """
    ending = f".{name.lower().rpartition('.')[2]}"
    for kind, endings, starts in KINDS:
        is_so = content.startswith(starts) if starts else _is_text(content)
        if ending in endings and is_so:
            return kind
    raise UnableToAttach(_("%(file)s is no PDF, PNG, JPEG or text file; save it as one of these.") % {"file": name})


def _is_text(content: bytes) -> bool:
    try:
        return "\x00" not in content.decode("utf-8")
    except UnicodeDecodeError:
        return False
