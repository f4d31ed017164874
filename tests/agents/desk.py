"""A small help desk for tests: its mapping, its contracts, and the files it exports."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from agents import models as work
from agents.intake.dates import compile_format
from agents.intake.mappings import Column, FrozenMapping
from agents.operations.imports.import_cases import ImportReport, import_cases
from contracts import models as terms
from tests import factories

SOURCE = "desk"
NEW_YORK = "America/New_York"
HEAD = ("number", "state", "changes", "updated", "opened", "resolver", "place", "topic", "channel", "caller", "group", "moves")
COLUMNS = {
    "case": "number",
    "state": "state",
    "sequence": "changes",
    "occurred_at": "updated",
    "opened_at": "opened",
    "agent": "resolver",
    "contract": "place",
    "query_type": "topic",
    "channel": "channel",
    "customer": "caller",
    "queue": "group",
    "transfer_count": "moves",
}
STATES = {"New": "worked", "Active": "worked", "Resolved": "solution_offered", "Closed": "closed", "Junk": "excluded/spam"}
PLACES = {"Place 1": "alder", "Place 2": "birch"}
TOPICS = {"Topic 1": "desk/one", "Topic 2": "desk/two"}
CHANNELS = {"Phone": "phone", "Email": "email"}

Row = Mapping[str, str]


def frozen_mapping(**changes: object) -> FrozenMapping:
    """Return the desk's mapping without a database."""
    values: dict[str, object] = {
        "id": 1,
        "number": 1,
        "source_id": 1,
        "source_code": SOURCE,
        "date_format": compile_format(text="%d/%m/%Y %H:%M"),
        "timezone": NEW_YORK,
        "repeated_hour": "hold",
        "missing": frozenset({"", "?"}),
        "columns": {target: Column(name=name, only_when_resolved=target == "agent") for target, name in COLUMNS.items()},
        "states": {value: (meaning.partition("/")[0], meaning.partition("/")[2]) for value, meaning in STATES.items()},
        "contracts": PLACES,
        "query_types": TOPICS,
        "channels": CHANNELS,
        "only_contract": None,
    }
    return FrozenMapping(**{**values, **changes})  # type: ignore[arg-type]


def make_desk() -> work.Source:
    """Make the desk's source with mapping 1, and what the mapping speaks of: contracts, query types and channels."""
    for code, name in (("desk", "Desk"), *((code, value) for value, code in TOPICS.items())):
        terms.QueryType.objects.create(code=code, name=name)
    terms.Channel.objects.create(code="phone", name="Phone", is_digital=False, is_voice=True)
    terms.Channel.objects.create(code="email", name="E-mail")
    for code in PLACES.values():
        make_contract(code)
    source = work.Source.objects.create(code=SOURCE, name="The desk")
    add_mapping(source=source, number=1)
    return source


def make_contract(code: str, *, since: date = date(2015, 1, 1), policy: Mapping[str, object] | None = None) -> terms.ContractVersion:
    """Make a client with a contract that prices everything, voice included, at 2.40."""
    client = terms.Client.objects.create(code=code, name=code.title())
    contract = terms.Contract.objects.create(client=client, code=code, name=f"{code.title()} 2016", timezone=NEW_YORK)
    return add_version(contract=contract, number=1, since=since, policy=policy)


def add_version(
    *, contract: terms.Contract, number: int, since: date, until: date | None = None, policy: Mapping[str, object] | None = None
) -> terms.ContractVersion:
    """Add an active version to a contract."""
    version = terms.ContractVersion.objects.create(
        contract=contract, number=number, effective_from=since, effective_to=until, currency="USD", prices_voice=True
    )
    terms.ResolutionPolicy.objects.create(version=version, **(policy or {}))
    terms.RateCardRow.objects.create(version=version, unit_amount_micros=2_400_000)
    version.status = terms.VersionStatus.ACTIVE
    version.save()
    return version


def add_mapping(
    *,
    source: work.Source,
    number: int,
    states: Mapping[str, str] = STATES,
    topics: Mapping[str, str] = TOPICS,
    columns: Mapping[str, str] = COLUMNS,
    **changes: object,
) -> work.Mapping:
    """Add a version of the desk's mapping."""
    values = {"date_format": "%d/%m/%Y %H:%M", "timezone": NEW_YORK, "missing_markers": ["?"], **changes}
    mapping = work.Mapping.objects.create(source=source, number=number, **values)
    for target, column in columns.items():
        work.MappingColumn.objects.create(mapping=mapping, target=target, column=column, only_when_resolved=target == "agent")
    for target, meanings in (("state", states), ("contract", PLACES), ("query_type", topics), ("channel", CHANNELS)):
        for value, meaning in meanings.items():
            work.MappingValue.objects.create(mapping=mapping, target=target, value=value, meaning=meaning)
    return mapping


def row(case: str, state: str, at: str, changes: int = 0, **values: str) -> Row:
    """Write one row of an export: a day of March 2016 and a clock, for example "7 09:30"; the rest as usual unless given."""
    usual = {
        "number": case,
        "state": state,
        "changes": str(changes),
        "updated": written(at),
        "opened": written("1 08:00"),
        "resolver": "Resolver 1",
        "place": "Place 1",
        "topic": "Topic 1",
        "channel": "Phone",
        "caller": f"Caller of {case}",
        "group": "Group 1",
        "moves": "0",
    }
    return {**usual, **values}


def written(at: str) -> str:
    """Write "7 09:30" as the desk writes that instant of March 2016."""
    day, clock = at.split(" ")
    return f"{day}/3/2016 {clock}"


def instant(at: str) -> datetime:
    """Return "7 09:30" of March 2016 in New York as an instant."""
    return datetime.strptime(written(at), "%d/%m/%Y %H:%M").replace(tzinfo=ZoneInfo(NEW_YORK))


def text_of(rows: Iterable[Row], head: Iterable[str] = HEAD) -> str:
    """Write rows as CSV."""
    output = io.StringIO()
    writer = csv.DictWriter(output, fieldnames=list(head), extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return output.getvalue()


def write_file(folder: Path, rows: Iterable[Row], name: str = "export.csv", head: Iterable[str] = HEAD) -> Path:
    """Write rows into a CSV file."""
    path = folder / name
    path.write_text(text_of(rows, head), encoding="utf-8")
    return path


def take(folder: Path, *rows: Row, name: str = "export.csv") -> ImportReport:
    """Import rows as one file."""
    return import_cases(path=write_file(folder, rows, name=name), source_code=SOURCE, received_at=instant("31 12:00"))


def map_resolver(value: str = "Resolver 1", *, name: str = "Ada") -> work.Agent:
    """Make an agent for a name that the desk uses."""
    agent = factories.make_agent(name=name)
    work.SourceIdentity.objects.create(source=work.Source.objects.get(code=SOURCE), space="resolver", value=value, agent=agent)
    return agent


def states() -> list[tuple[object, ...]]:
    """List the resolutions: case, number, state, rule, whether payable."""
    found = work.Resolution.objects.order_by("case__key", "number")
    return list(found.values_list("case__key", "number", "state", "rule", "is_payable"))


def steps(key: str) -> list[tuple[object, ...]]:
    """List the steps of a case in order: number, state, rule, instant."""
    found = work.ResolutionTransition.objects.filter(resolution__case__key=key).order_by("at", "resolution__number", "pk")
    return list(found.values_list("resolution__number", "state", "rule", "at"))


def open_holds() -> list[tuple[str, str]]:
    """List the open holds: case and reason."""
    found = work.Hold.objects.filter(released_at=None).order_by("resolution__case__key", "reason")
    return list(found.values_list("resolution__case__key", "reason"))
