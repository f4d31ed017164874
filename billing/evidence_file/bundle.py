"""The zip around evidence: the same files give the same bytes, and a manifest names the hash of each."""

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterable
from typing import Any

FORMAT = "ppr-portal evidence 1"
MANIFEST = "manifest.json"
FILES = ("README.txt", "codes.csv", "cases.csv", "terms.json", "facts.json", "billed.csv", "invoice.json")
# Nothing of the clock or the machine may enter the bytes.
EPOCH = (1980, 1, 1, 0, 0, 0)
UNIX = 3
READABLE = 0o100644 << 16
LEVEL = 6


class DamagedEvidence(ValueError):
    """A file that is no evidence, was cut off, or differs from its manifest."""


class Bundle:
    """A zip that is being written, file by file in a fixed order."""

    def __init__(self) -> None:
        self._content = io.BytesIO()
        self._zip = zipfile.ZipFile(self._content, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL)
        self._hashes: dict[str, dict[str, str | int]] = {}

    def add(self, *, name: str, blocks: Iterable[bytes]) -> None:
        """Add a file, block by block, so that it is never whole in memory."""
        sha256, size = hashlib.sha256(), 0
        with self._zip.open(_entry(name), "w") as entry:
            for block in blocks:
                entry.write(block)
                sha256.update(block)
                size += len(block)
        self._hashes[name] = {"sha256": sha256.hexdigest(), "bytes": size}

    def add_json(self, *, name: str, content: Any) -> None:
        """Add plain values as JSON that people can read."""
        self.add(name=name, blocks=[(json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()])

    def close(self) -> bytes:
        """Write the manifest and return the zip."""
        self._zip.writestr(_entry(MANIFEST), json.dumps({"format": FORMAT, "files": self._hashes}, indent=2) + "\n")
        self._zip.close()
        return self._content.getvalue()


def open_bundle(*, content: bytes) -> dict[str, bytes]:
    """Return the files of a zip, each checked against the manifest.

    Raises: DamagedEvidence if it is no zip, lacks a file or has one too many, or one differs from its hash.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as opened:
            names = opened.namelist()
            found = {name: opened.read(name) for name in names}
        files = json.loads(found.get(MANIFEST, b"{}"))
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, RuntimeError, OSError, RecursionError) as broken:
        raise DamagedEvidence(f"This is no whole evidence file ({broken}); get it from the invoice's page once more.") from broken
    except zlib.error as broken:
        raise DamagedEvidence(f"This file is damaged inside ({broken}); get it from the invoice's page once more.") from broken
    if not isinstance(files, dict) or files.get("format") != FORMAT or not isinstance(files.get("files"), dict):
        raise DamagedEvidence(f'{MANIFEST} is missing or says another format than "{FORMAT}".')
    if sorted(names) != sorted((*FILES, MANIFEST)) or sorted(files["files"]) != sorted(FILES):
        raise DamagedEvidence(f"Evidence holds exactly {', '.join((*FILES, MANIFEST))}; this holds {', '.join(sorted(names))}.")
    for name in FILES:
        listed = {"sha256": hashlib.sha256(found[name]).hexdigest(), "bytes": len(found[name])}
        if files["files"][name] != listed:
            raise DamagedEvidence(f"{name} differs from its hash in {MANIFEST}: it was changed after it was written.")
    return found


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.create_system, entry.external_attr, entry.compress_type = UNIX, READABLE, zipfile.ZIP_DEFLATED
    return entry
