"""Bodies of requests: never more bytes than the limit, whatever the packing."""

import gzip
import io
import zlib

from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.request import Request

BYTES_MAX = 16 * 1024 * 1024


class TooLarge(APIException):
    """A body is larger than what is taken at once."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class WrongEncoding(APIException):
    """A body is packed in a way that is not known, or is damaged."""

    status_code = status.HTTP_415_UNSUPPORTED_MEDIA_TYPE
    default_code = "wrong_encoding"


def read_body(*, request: Request, bytes_max: int = BYTES_MAX) -> bytes:
    """Return the bytes of a request as they came, refused before they are read if they say that they are too many.

    Raises: TooLarge.
    """
    if not request.META.get("CONTENT_LENGTH") and request.META.get("wsgi.input_terminated"):
        # Sent in pieces (Transfer-Encoding: chunked): how long it is shows only when it ends, and Django would take it for empty.
        content: bytes = request.META["wsgi.input"].read(bytes_max + 1)
        if len(content) > bytes_max:
            raise TooLarge(f"The body has more than {bytes_max:,} bytes. Send it in parts.")
        return content
    told = request.META.get("CONTENT_LENGTH") or "0"
    if not (told.isascii() and told.isdigit()) or int(told) > bytes_max:
        raise TooLarge(f"The body has more than {bytes_max:,} bytes. Send it in parts.")
    return bytes(request._request.body)


def unpack(*, request: Request, body: bytes, bytes_max: int = BYTES_MAX) -> bytes:
    """Return the bytes of a body that came packed with gzip, or as it came.

    Raises: TooLarge if it grows over the limit; WrongEncoding if it is packed otherwise or damaged.
    """
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if encoding in ("", "identity"):
        return body
    if encoding != "gzip":
        raise WrongEncoding(f'Bodies packed with "{encoding[:40]}" are not read. Use gzip, or none.')
    try:
        # A body may be several pieces of gzip one after the other, and all of them count.
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as packed:
            content = packed.read(bytes_max + 1)
    except (OSError, EOFError, zlib.error) as fault:
        raise WrongEncoding("The body is not whole gzip, or ends in the middle of it. Pack and send it again.") from fault
    if len(content) > bytes_max:
        raise TooLarge(f"The body has more than {bytes_max:,} bytes when unpacked. Send it in parts.")
    return content
