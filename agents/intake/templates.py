"""Mappings to start from, one for each way that help desks export: `agents/mapping_templates/*.yaml`, read without a database."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from django.utils.translation import gettext as _

from agents.intake.definitions import MappingDefinition, parse_definition
from agents.intake.errors import UnableToImport

FOLDER = Path(__file__).resolve().parents[1] / "mapping_templates"


@dataclass(frozen=True, kw_only=True)
class Template:
    """A mapping to start from: the product whose export it reads (Source.Vendor), and what to know about it."""

    code: str
    name: str
    vendor: str
    about: str
    definition: MappingDefinition


@cache
def list_templates() -> tuple[Template, ...]:
    """List the shipped templates by name.

    >>> [template.code for template in list_templates()][:2]
    ['chatwoot', 'freshdesk']
    """
    found = [_read(path) for path in FOLDER.glob("*.yaml")]
    return tuple(sorted(found, key=lambda template: template.name))


def load_template(*, code: str) -> Template:
    """Return a template by its code.

    Raises: UnableToImport naming the templates that there are.
    """
    known = {template.code: template for template in list_templates()}
    if code not in known:
        raise UnableToImport(
            _('There is no template "%(code)s"; use one of %(known)s.') % {"code": code, "known": ", ".join(sorted(known))}
        )
    return known[code]


def fit_definition(*, definition: MappingDefinition, heads: Collection[str]) -> tuple[MappingDefinition, tuple[str, ...]]:
    """Leave out of a mapping what a file does not have, so that a template fits an export with fewer columns.

    Args:
        definition: the mapping.
        heads: the columns of the file.

    Returns: the mapping without them, and the heads that it lacks.
    """
    columns, events, lacking = {}, [], []
    for target, column in definition.columns.items():
        if {column.column, *column.other_heads} & set(heads):
            columns[target] = column
        else:
            lacking.append(column.column)
    for event in definition.events:
        if {event.column, *event.other_heads} & set(heads) and (not event.time_column or event.time_column in heads):
            events.append(event)
        else:
            lacking.append(event.column)
    return definition.model_copy(update={"columns": columns, "events": tuple(events)}), tuple(dict.fromkeys(lacking))


def _read(path: Path) -> Template:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    told = {name: str(document[name]) for name in ("code", "name", "vendor", "about")}
    return Template(**told, definition=parse_definition(document=document["mapping"]))
