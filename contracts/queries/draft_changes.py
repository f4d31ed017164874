"""What became of a draft since somebody opened its page."""

import hashlib
from typing import Any

from contracts import terms_parts, yaml_text
from contracts.models import ContractVersion, PayPlanVersion
from contracts.queries import history


def fingerprint(*, version: ContractVersion | PayPlanVersion) -> str:
    """Return what tells two states of a stored version and its rows apart, and after a space the last record of each history.

    It is read from the database: what a form has put on the object does not count.
    """
    stored: Any = type(version)._default_manager.get(pk=version.pk)
    part = terms_parts.CONTRACT_VERSION if isinstance(stored, ContractVersion) else terms_parts.PLAN_VERSION
    content = yaml_text.write_yaml(content=terms_parts.write_row(part=part, row=stored))
    last = _last_records([change.record for change in history.list_changes(row=stored)])
    return f"{hashlib.sha256(content.encode()).hexdigest()} {','.join(f'{table}:{number}' for table, number in sorted(last.items()))}"


def list_since(*, version: ContractVersion | PayPlanVersion, seen: str) -> list[history.Change]:
    """Return who changed what on a version and its rows after the page with this fingerprint was opened, newest first."""
    last = _last_records(seen.partition(" ")[2].split(","))
    return [change for change in history.list_changes(row=version) if _is_after(change.record, last)]


def _last_records(records: list[str]) -> dict[str, int]:
    """Return the highest number of each history table; a record is written table:number."""
    last: dict[str, int] = {}
    for record in records:
        table, _, number = record.rpartition(":")
        if number.isdigit():
            last[table] = max(last.get(table, 0), int(number))
    return last


def _is_after(record: str, last: dict[str, int]) -> bool:
    table, _, number = record.rpartition(":")
    return int(number) > last.get(table, 0)
