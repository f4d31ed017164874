"""Previews of files by mappings that are still being written."""

from dataclasses import dataclass
from pathlib import Path

from agents.intake import files, mappings, preview
from agents.intake.definitions import MappingDefinition
from agents.intake.preview import ROWS_SHOWN, Preview
from agents.intake.tables import Layout
from agents.models import Source


@dataclass(frozen=True, kw_only=True)
class FilePreview:
    """What a draft makes of a file, and why nothing could be imported with it yet."""

    preview: Preview
    problems: tuple[str, ...]


def preview_file(
    *, path: Path, source: Source, definition: MappingDefinition, hash_key: bytes, name: str = "", limit: int = ROWS_SHOWN
) -> FilePreview:
    """Read the first rows of a file by a draft.

    Args:
        path: the file.
        source: whose file it is.
        definition: the draft, however much of it is there yet.
        hash_key: secret under which cases known by their content are hashed.
        name: what messages call the file, and what tells its kind; by default the name of the path.
        limit: how many rows to show.

    Raises: UnableToImport if the file cannot be read at all.
    """
    mapping = mappings.freeze_definition(definition=definition, source=source, is_strict=False)
    layout = Layout(
        file_format=definition.file_format,
        sheet=definition.sheet,
        lines_before_head=definition.lines_before_head,
        records_path=definition.records_path,
    )
    table = files.read_file(path=path, layout=layout, name=name)
    return FilePreview(
        preview=preview.preview_table(table=table, mapping=mapping, limit=limit, hash_key=hash_key),
        problems=mappings.find_problems(definition=definition, source=source),
    )
