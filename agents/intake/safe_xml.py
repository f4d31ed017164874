"""XML from strangers, read event by event: no document type, hence no entities, no external files and no growth."""

from collections.abc import Callable, Mapping
from xml.parsers import expat

from django.utils.translation import gettext as _

from agents.intake.errors import UnableToImport

DEPTH_MAX = 100
BLOCK = 1 << 16


def parse(
    *,
    name: str,
    content: bytes,
    start: Callable[[str, Mapping[str, str]], None],
    end: Callable[[str], None],
    advance: Callable[[int, int], None],
    text: Callable[[str], None] | None = None,
) -> None:
    """Read XML, calling back for each element with its name without prefix.

    Args:
        name: what messages call the file.
        content: the document.
        start: called with name and attributes.
        end: called with the name.
        advance: called with bytes read so far and in all.
        text: called with the characters between elements, in parts.

    Raises: UnableToImport if it is not well formed, declares a document type, or is nested too deeply.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    depth = 0

    def started(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH_MAX:
            raise UnableToImport(
                _("%(name)s nests more than %(depth_max)s elements, which no export does; export it again.")
                % {"name": name, "depth_max": DEPTH_MAX}
            )
        start(tag.rpartition(":")[2], attributes)

    def ended(tag: str) -> None:
        nonlocal depth
        depth -= 1
        end(tag.rpartition(":")[2])

    def refuse(*_told: object) -> None:
        raise UnableToImport(_("%(name)s declares a document type, which can hide other files; export it without one.") % {"name": name})

    parser.StartElementHandler, parser.EndElementHandler, parser.StartDoctypeDeclHandler = started, ended, refuse
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        for position in range(0, len(content), BLOCK):
            parser.Parse(content[position : position + BLOCK], position + BLOCK >= len(content))
            advance(min(position + BLOCK, len(content)), len(content))
    # An encoding that Python does not know, or that is not what the declaration says, ends in the other two.
    except (expat.ExpatError, LookupError, ValueError) as fault:
        raise UnableToImport(
            _("%(name)s is not whole XML (%(fault)s); it is damaged or was cut off, so fetch it again.") % {"name": name, "fault": fault}
        ) from fault
