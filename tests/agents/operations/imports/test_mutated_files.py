"""A thousand damaged files of every format: each is imported whole, its counts adding up, or refused with nothing stored."""

import csv
import gzip
import io
import json
import pathlib
import random
from collections.abc import Callable
from xml.sax.saxutils import quoteattr

import pytest
from django.db import transaction

from agents.intake.errors import UnableToImport
from agents.models import Case, CaseEvent, HeldRow, ImportRun, SourceIdentity
from agents.operations.imports.import_cases import ImportReport, import_cases
from tests.agents import desk
from tests.agents.workbooks import write_workbook

pytestmark = pytest.mark.django_db

FILES_PER_FORMAT = 200
STORED = (Case, CaseEvent, HeldRow, ImportRun, SourceIdentity)
Table = list[list[str]]


def some_table() -> Table:
    rows = [
        desk.row("C-1", "New", "2 08:00"),
        desk.row("C-1", "Resolved", "3 08:00", 1, topic="Topic 2", moves="1"),
        desk.row("C-1", "Active", "4 08:00", 2),
        desk.row("C-1", "Closed", "9 08:00", 3, resolver="Resolver 2", group="Group, the second\nof two"),
        desk.row("C-2", "Active", "2 08:00", opened="2/3/2016 07:59"),
        desk.row("C-2", "Resolved", "3 08:00", 1, resolver="?"),
        desk.row("C-3", "Lost", "3 08:00", caller="Zoë & Søn <z@example.com>"),
    ]
    return [list(desk.HEAD), *([row[name] for name in desk.HEAD] for row in rows)]


def as_csv(table: Table) -> bytes:
    output = io.StringIO()
    csv.writer(output, lineterminator="\r\n").writerows(table)
    return output.getvalue().encode()


def as_packed_csv(table: Table) -> bytes:
    return gzip.compress(as_csv(table), mtime=0)


def as_workbook(table: Table) -> bytes:
    return write_workbook(sheets={"Data": table})


def as_ndjson(table: Table) -> bytes:
    head, *rows = table
    return "".join(json.dumps(dict(zip(head, row, strict=False))) + "\n" for row in rows).encode()


def as_xes(table: Table) -> bytes:
    head, *rows = table
    events = "".join(
        "<event>"
        + "".join(f"<string key={quoteattr(name)} value={quoteattr(cell)}/>" for name, cell in zip(head, row, strict=False))
        + "</event>"
        for row in rows
    )
    return f"<log><trace>{events}</trace></log>".encode()


def shuffle_columns(table: Table, chance: random.Random) -> Table:
    order = list(range(len(table[0])))
    chance.shuffle(order)
    return [[row[index] for index in order] for row in table]


def swap_cells(table: Table, chance: random.Random) -> Table:
    for _ in range(chance.randint(1, 6)):
        one, other = ((chance.randrange(len(table)), chance.randrange(len(table[0]))) for _ in range(2))
        table[one[0]][one[1]], table[other[0]][other[1]] = table[other[0]][other[1]], table[one[0]][one[1]]
    return table


def drop_cells(table: Table, chance: random.Random) -> Table:
    row = chance.randrange(len(table))
    table[row] = table[row][: chance.randrange(len(table[row]))]
    return table


def repeat_rows(table: Table, chance: random.Random) -> Table:
    return table + [list(chance.choice(table)) for _ in range(chance.randint(1, 4))]


def leave(table: Table, chance: random.Random) -> Table:
    return table


def flip_bytes(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.randint(1, 5)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def cut_off(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(1, len(content))]


def repeat_part(content: bytes, chance: random.Random) -> bytes:
    start, end = sorted(chance.randrange(len(content)) for _ in range(2))
    return content[:end] + content[start:]


def keep(content: bytes, chance: random.Random) -> bytes:
    return content


WRITERS: dict[str, Callable[[Table], bytes]] = {
    "export.csv": as_csv,
    "export.csv.gz": as_packed_csv,
    "export.xlsx": as_workbook,
    "export.ndjson": as_ndjson,
    "export.xes": as_xes,
}
OF_CELLS = (shuffle_columns, swap_cells, drop_cells, repeat_rows, leave)
OF_BYTES = (flip_bytes, flip_bytes, cut_off, repeat_part, keep)


def mutate(name: str, chance: random.Random) -> bytes:
    table = chance.choice(OF_CELLS)(some_table(), chance)
    return chance.choice(OF_BYTES)(WRITERS[name](table), chance)


def try_to_take(path: pathlib.Path) -> ImportReport | str:
    try:
        return import_cases(path=path, source_code=desk.SOURCE, received_at=desk.instant("31 12:00"))
    except UnableToImport as refused:
        return str(refused)


@pytest.mark.parametrize("name", WRITERS)
def test_a_damaged_file_is_imported_whole_or_refused_whole(tmp_path: pathlib.Path, name: str) -> None:
    desk.make_desk()
    chance = random.Random(f"mutated {name}")
    imported = refused = 0
    for _ in range(FILES_PER_FORMAT):
        path = tmp_path / name
        path.write_bytes(mutate(name, chance))
        with transaction.atomic():
            report = try_to_take(path)
            if isinstance(report, str):
                refused += 1
                assert "\n" not in report
                assert report.endswith(".")
                assert not any(model.objects.exists() for model in STORED)
            else:
                imported += 1
                assert report.row_count == report.new_count + report.changed_count + report.unchanged_count + report.held_count
                assert CaseEvent.objects.filter(sequence__gte=0).count() == report.new_count
                assert report.held.height == report.held_count + report.changed_count
            transaction.set_rollback(True)
    assert imported + refused == FILES_PER_FORMAT
    assert imported > FILES_PER_FORMAT // 20
    assert refused > FILES_PER_FORMAT // 20


def test_a_whole_file_of_every_format_says_the_same(tmp_path: pathlib.Path) -> None:
    desk.make_desk()
    told = []
    for name, write in WRITERS.items():
        path = tmp_path / name
        path.write_bytes(write(some_table()))
        with transaction.atomic():
            report = try_to_take(path)
            assert not isinstance(report, str)
            events = CaseEvent.objects.order_by("key").values_list("key", "body_hash")
            told.append((list(events), report.held["message"].to_list()))
            transaction.set_rollback(True)
    assert all(found == told[0] for found in told)
