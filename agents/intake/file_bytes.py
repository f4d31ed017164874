"""The bytes of a file, unpacked and within bounds, or one sentence that says why not."""

import contextlib
import errno
import gzip
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from agents.intake.errors import UnableToImport

BYTES_MAX = 2 * 1024**3
# What a page takes in: a few megabytes can be made to unpack to any size, and the memory is that of everybody.
UPLOADED_MAX = 512 * 1024**2
PIECE_BYTES = 1024**2


def read_bytes(*, path: Path, name: str, bytes_max: int = BYTES_MAX) -> bytes:
    """Read a file; one that ends in .gz is unpacked, but never to more bytes than are wanted.

    Raises: UnableToImport if it is missing, damaged, empty, unreadable or too large.
    """
    with _refusals(path, name), gzip.open(path) if name.lower().endswith(".gz") else path.open("rb") as stream:
        content: bytes = stream.read(bytes_max + 1)
    if len(content) > bytes_max:
        raise UnableToImport(
            _("%(name)s holds more than %(most)s; split it and import the parts one by one.")
            % {"name": name, "most": describe_size(bytes_max)}
        )
    if not content.strip():
        raise UnableToImport(_("%(name)s is empty; export it again.") % {"name": name})
    return content


def refuse_unpacked(*, stream: IO[bytes], name: str, bytes_max: int = UPLOADED_MAX) -> None:
    """Refuse a packed file or workbook that would be too large unpacked, keeping none of it; what is damaged is told when it is read.

    Raises: UnableToImport.
    """
    try:
        size = _unpacked_size(stream, name.lower(), bytes_max)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, struct.error):
        size = 0
    stream.seek(0)
    refuse_size(name=name, size=size, bytes_max=bytes_max)


def refuse_size(*, name: str, size: int, bytes_max: int) -> None:
    """Refuse a packed file that is too large unpacked.

    Args:
        name: as people know the file.
        size: bytes unpacked.
        bytes_max: the most that is taken.

    Raises: UnableToImport.
    """
    if size > bytes_max:
        raise UnableToImport(
            _("%(name)s unpacks to more than %(most)s; split it and import the parts.") % {"name": name, "most": describe_size(bytes_max)}
        )


def told_size(*, packed: zipfile.ZipFile) -> int:
    """Return how many bytes a packed workbook says that it holds unpacked.

    Args:
        packed: opened; one that lies is told by its `testzip`.
    """
    return sum(entry.file_size for entry in packed.infolist())


def _unpacked_size(stream: IO[bytes], name: str, bytes_max: int) -> int:
    """Count the bytes of a packed file up to where they are too many."""
    stream.seek(0)
    if name.endswith(".xlsx"):
        with zipfile.ZipFile(stream) as packed:
            return told_size(packed=packed)
    size = 0
    if name.endswith(".gz"):
        with gzip.open(stream) as unpacked:
            while size <= bytes_max and (piece := unpacked.read(PIECE_BYTES)):
                size += len(piece)
    return size


def decode(*, name: str, content: bytes) -> str:
    """Read bytes as UTF-8 text, with or without a byte order mark.

    Raises: UnableToImport naming the line that is no such text.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        raise UnableToImport(
            _("%(name)s is not UTF-8 text: line %(line)s holds other bytes; save it as UTF-8.") % {"name": name, "line": line}
        ) from fault
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise UnableToImport(
            _("%(name)s is not a text file: line %(line)s holds a zero byte; save it as UTF-8 text.") % {"name": name, "line": line}
        )
    return text


@contextlib.contextmanager
def _refusals(path: Path, name: str) -> Iterator[None]:
    """Turn what can go wrong while reading bytes into one sentence."""
    try:
        yield
    except FileNotFoundError as fault:
        raise UnableToImport(_("%(path)s does not exist; check the name and the folder.") % {"path": path}) from fault
    except (gzip.BadGzipFile, zlib.error, EOFError) as fault:
        raise UnableToImport(
            _("%(name)s is damaged or was cut off while it was copied (gzip says: %(fault)s); fetch it again.")
            % {"name": name, "fault": fault}
        ) from fault
    except OSError as fault:
        raise UnableToImport(_("%(name)s cannot be read: %(fault)s.") % {"name": name, "fault": describe_os_error(fault)}) from fault


def describe_os_error(fault: OSError) -> str:
    """Say in words what the operating system refused.

    >>> describe_os_error(OSError(28, "No space left on device"))
    'the disk is full; free some space and import again'
    """
    if fault.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full; free some space and import again"
    return f"{fault.strerror or fault}".rstrip(".").lower()


def describe_size(size: int) -> str:
    """Write a limit of bytes as people say it.

    >>> describe_size(2 * 1024**3), describe_size(20 * 1024**2)
    ('2 GiB', '20 MB')
    """
    return f"{size // 1024**3} GiB" if size >= 1024**3 else f"{size // 1024**2} MB"
