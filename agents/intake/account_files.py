"""Accounts of a client in a file, month by month: each row read strictly by what the person says of its columns, or held with a reason."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from agents.intake import dates
from agents.intake.errors import UnableToImport
from agents.intake.tables import ROW_NUMBER, FileTable, find_misshapen
from contracts.rules import currencies

COUNTS = (
    *("seat_count", "active_count", "goal_count", "goal_met_count", "service_minutes", "available_minutes"),
    *("answer_count", "favorable_count", "health_score"),
)
DAYS = ("started_on", "onboarding_due_on", "onboarded_on", "ended_on")
YES_OR_NO = ("renewal_due", "renewed")
FIELDS = ("account", "month", *DAYS, *COUNTS, *YES_OR_NO, "recurring", "currency")
PARTS = (
    *(("active_count", "seat_count"), ("goal_met_count", "goal_count")),
    *(("available_minutes", "service_minutes"), ("favorable_count", "answer_count")),
)
YES, NO = frozenset({"yes", "true", "1"}), frozenset({"no", "false", "0"})
MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
WHOLE = re.compile(r"[0-9]{1,9}(\.0+)?")
MONEY = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")
CURRENCY = re.compile(r"[A-Z]{3}")
ACCOUNT_CHARACTERS_MAX, SCORE_MAX = 64, 100


@dataclass(frozen=True, kw_only=True)
class AccountReading:
    """How a file of accounts is read: head of the column by field, date format, currency of all rows, and marks of what is missing."""

    columns: Mapping[str, str] = field(default_factory=dict)
    date_format: str = "iso"
    currency: str = ""
    missing: tuple[str, ...] = ("", "-", "n/a")


@dataclass(frozen=True, kw_only=True)
class ReadAccount:
    """What one row tells, by field of the account month; what it does not tell is None."""

    account: str
    month: date
    values: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class HeldAccount:
    """Why a row cannot be taken in: the account and month where they could be read, a stable code, and a sentence."""

    key: str
    reason: str
    message: str


class _Hold(Exception):
    """A cell that cannot be read."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason, self.message = reason, message


def read_accounts(*, table: FileTable, reading: AccountReading) -> dict[int, ReadAccount | HeldAccount]:
    """Read the rows of a file.

    Args:
        table: the file, every cell as text.
        reading: how it is read.

    Returns: by row number what the row tells, or why it is held. Of two rows about one account and month, equal ones count
        once, and different ones are both held.
    Raises: UnableToImport if a column is missing or named wrongly.
    """
    heads = _find_heads(table, reading)
    frame = table.frame.select(ROW_NUMBER, *(pl.col(head).str.strip_chars().alias(name) for name, head in heads.items()))
    days = _read_days(frame, reading)
    misshapen = find_misshapen(table=table)
    found: dict[int, ReadAccount | HeldAccount] = {}
    for row in frame.iter_rows(named=True):
        number = row.pop(ROW_NUMBER)
        if number in misshapen:
            reason, clause = misshapen[number]
            found[number] = HeldAccount(key="", reason=reason, message=f"Row {number}: {clause}; correct it and import the file again.")
            continue
        cells = {name: value for name, value in row.items() if value is not None and value.lower() not in reading.missing}
        found[number] = _read_row(cells, {name: values.get(number) for name, values in days.items()}, reading)
    return _hold_contradictions(found)


def _find_heads(table: FileTable, reading: AccountReading) -> dict[str, str]:
    unknown = sorted(set(reading.columns) - set(FIELDS))
    if unknown:
        raise UnableToImport(f'"{unknown[0]}" is no field of an account; there are {", ".join(FIELDS)}.')
    heads = {name: reading.columns.get(name, name) for name in FIELDS}
    missing = [
        f'"{heads[name]}" ({name})'
        for name in FIELDS
        if name in ("account", "month", *reading.columns) and heads[name] not in table.frame.columns
    ]
    if missing:
        raise UnableToImport(f"{table.name} lacks the column {', '.join(missing)}; say which column holds it.")
    if reading.currency and reading.currency not in currencies.CODES:
        raise UnableToImport(f'"{reading.currency}" is no currency; write three capital letters such as USD.')
    return {name: head for name, head in heads.items() if head in table.frame.columns}


def _read_days(frame: pl.DataFrame, reading: AccountReading) -> dict[str, dict[int, date]]:
    """Read columns of days as they say they are written; days have no time zone, so they are read and told in one."""
    date_format = dates.compile_format(text=reading.date_format)
    found: dict[str, dict[int, date]] = {}
    for name in ("month", *DAYS):
        if name in frame.columns:
            told = dates.read_instants(values=frame[name], date_format=date_format, timezone="UTC", repeated_hour="hold")["instant"]
            numbered = zip(frame[ROW_NUMBER], told, strict=True)
            found[name] = {number: instant.date() for number, instant in numbered if instant is not None}
    return found


def _read_row(cells: Mapping[str, str], days: Mapping[str, date | None], reading: AccountReading) -> ReadAccount | HeldAccount:
    account = cells.get("account", "")
    try:
        _check_account(account)
        month = _month(cells.get("month", ""), days.get("month"))
    except _Hold as fault:
        return HeldAccount(key=account[:ACCOUNT_CHARACTERS_MAX], reason=fault.reason, message=fault.message)
    try:
        values = _values(cells, days, reading)
    except _Hold as fault:
        return HeldAccount(key=key_of(account=account, month=month), reason=fault.reason, message=fault.message)
    return ReadAccount(account=account, month=month, values=values)


def key_of(*, account: str, month: date) -> str:
    """Return what a row is about, as the queue of held rows shows it.

    >>> key_of(account="A-17", month=date(2016, 3, 1))
    'A-17 2016-03'
    """
    return f"{account} {month:%Y-%m}"


def _check_account(account: str) -> None:
    if not account:
        raise _Hold("missing_account", "The row names no account; write the account's number.")
    if "@" in account:
        raise _Hold("account_is_a_person", "The account is an e-mail address; export the account's number instead.")
    if len(account) > ACCOUNT_CHARACTERS_MAX:
        raise _Hold("unreadable_value", f"The account's number has more than {ACCOUNT_CHARACTERS_MAX} characters.")


def _month(text: str, day: date | None) -> date:
    if MONTH.fullmatch(text):
        try:
            day = date.fromisoformat(f"{text}-01")
        except ValueError:
            day = None
    if day is None or not dates.YEAR_MIN <= day.year <= dates.YEAR_MAX:
        raise _Hold("missing_date", f'The month says "{text}"; write it like 2016-03, or name the date format.')
    return day.replace(day=1)


def _values(cells: Mapping[str, str], days: Mapping[str, date | None], reading: AccountReading) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in DAYS:
        if name in cells and days.get(name) is None:
            written = dates.written_for_people(text=reading.date_format)
            raise _Hold("unreadable_date", f'{name} says "{cells[name]}", which is no date written as {written}.')
        values[name] = days.get(name) if name in cells else None
    for name in COUNTS:
        values[name] = _count(name, cells.get(name))
    for name in YES_OR_NO:
        values[name] = _yes_or_no(name, cells.get(name))
    for part, whole in PARTS:
        if values[part] is not None and (values[whole] is None or values[part] > values[whole]):
            raise _Hold("part_above_whole", f"{part} is {values[part]} of {whole} {values[whole]}; a part needs a whole that holds it.")
    if values["health_score"] is not None and values["health_score"] > SCORE_MAX:
        raise _Hold("unreadable_value", f"health_score is {values['health_score']}; it is 0 to {SCORE_MAX}.")
    values["recurring_micros"], values["currency"] = _revenue(cells, reading)
    return values


def _count(name: str, text: str | None) -> int | None:
    if text is None:
        return None
    if not WHOLE.fullmatch(text):
        raise _Hold("unreadable_value", f'{name} says "{text}"; write a whole number of zero or more.')
    return int(text.partition(".")[0])


def _yes_or_no(name: str, text: str | None) -> bool | None:
    if text is None:
        return None
    word = text.lower()
    if word not in YES | NO:
        raise _Hold("unreadable_value", f'{name} says "{text}"; write yes or no.')
    return word in YES


def _revenue(cells: Mapping[str, str], reading: AccountReading) -> tuple[int | None, str]:
    text = cells.get("recurring")
    if text is None:
        return None, ""
    if not MONEY.fullmatch(text):
        raise _Hold("unreadable_value", f'recurring says "{text}"; write an amount of zero or more like 1200.00.')
    currency = cells.get("currency", reading.currency)
    if not CURRENCY.fullmatch(currency):
        raise _Hold("missing_currency", "The row tells revenue and no currency; add a column, or name one for the file with --currency.")
    if currency not in currencies.CODES:
        raise _Hold("unreadable_value", f'currency says "{currency}", which is no currency; write a code of ISO 4217 such as USD.')
    return int(Decimal(text) * 1_000_000), currency


def _hold_contradictions(found: dict[int, ReadAccount | HeldAccount]) -> dict[int, ReadAccount | HeldAccount]:
    seen: dict[tuple[str, date], list[int]] = {}
    for number, row in found.items():
        if isinstance(row, ReadAccount):
            seen.setdefault((row.account, row.month), []).append(number)
    for (account, month), numbers in seen.items():
        if len({str(sorted(told.values.items())) for number in numbers if isinstance(told := found[number], ReadAccount)}) > 1:
            message = f"Account {account} is told differently in rows {', '.join(map(str, numbers))}; correct it and import again."
            for number in numbers:
                found[number] = HeldAccount(key=key_of(account=account, month=month), reason="told_twice", message=message)
    return found
