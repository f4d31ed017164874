"""Which columns of a mapping a file has, under which of their heads."""

import difflib
from collections.abc import Collection
from dataclasses import replace

from django.utils.translation import gettext as _

from agents.intake.errors import UnableToImport
from agents.intake.frozen_mappings import Column, FrozenMapping

COLUMNS_SHOWN = 12


def with_heads(*, mapping: FrozenMapping, columns: Collection[str], file_name: str) -> FrozenMapping:
    """Return the mapping with the heads that stand in a file.

    Args:
        mapping: how the file is read.
        columns: the heads of the file.
        file_name: what messages call it.

    Raises: UnableToImport naming every column that is missing, and the likeliest one it may be called now; or one that
        stands there under two of its heads.
    """
    found, missing, doubled = resolve_heads(mapping=mapping, columns=columns)
    if doubled:
        raise UnableToImport(
            _("%(file_name)s has %(doubled)s, and nothing says which of them counts; correct a new version of the mapping.")
            % {"file_name": file_name, "doubled": doubled[0]}
        )
    if not missing:
        return found
    named = [f'"{name}"{_hint(name, columns)}' for name in missing]
    heads = ", ".join(list(columns)[:COLUMNS_SHOWN]) + (" ..." if len(columns) > COLUMNS_SHOWN else "")
    raise UnableToImport(
        f"{file_name} lacks {'a column' if len(named) == 1 else 'columns'} that {mapping.name} reads: {', '.join(named)}. It has: {heads}. "
        "Export it with what is missing, or add a version of the mapping."
    )


def resolve_heads(*, mapping: FrozenMapping, columns: Collection[str]) -> tuple[FrozenMapping, list[str], list[str]]:
    """Find each column of a mapping in a file.

    Returns: the mapping with the heads of the file and without columns that it lacks, the heads that are missing, and the
        columns that stand there under two heads.
    """
    missing: list[str] = []
    doubled: list[str] = []

    def found(column: Column) -> Column | None:
        present = [head for head in (column.name, *column.other_heads) if head in columns]
        if len(present) > 1:
            doubled.append(" and ".join(f'"{head}"' for head in present))
        if not present and column.name not in missing:
            missing.append(column.name)
        return replace(column, name=present[0]) if present else None

    resolved = {target: found(column) for target, column in mapping.columns.items()}
    dated = []
    for event in mapping.dated:
        date, time = found(event.date), found(event.time) if event.time else None
        if date is not None and (event.time is None or time is not None):
            dated.append(replace(event, date=date, time=time))
    missing += [head for head in mapping.case_columns if head not in columns and head not in missing]
    kept = {target: column for target, column in resolved.items() if column is not None}
    case_columns = tuple(head for head in mapping.case_columns if head in columns)
    return replace(mapping, columns=kept, dated=tuple(dated), case_columns=case_columns), missing, doubled


def _hint(name: str, columns: Collection[str]) -> str:
    if any(column.startswith(f"{name} (column ") for column in columns):
        return " (it stands there more than once)"
    near = difflib.get_close_matches(name, columns, n=1)
    return f' (is it "{near[0]}"?)' if near else ""
