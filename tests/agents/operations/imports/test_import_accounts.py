"""Accounts from a file: stored once, changed with their history, held with a reason, and let go when they are told well."""

import gzip
from datetime import date

import pytest

from agents.intake.account_files import AccountReading
from agents.intake.errors import UnableToImport
from agents.models import AccountMonth, HeldRow, ImportRun
from agents.operations.imports import import_accounts
from contracts.models import Client
from tests import factories
from tests.agents import workbooks

pytestmark = pytest.mark.django_db
HEAD = "account,month,seat_count,active_count,recurring,currency,renewal_due,renewed,onboarded_on"
GOOD = ["A-1,2016-03,20,15,1200.50,USD,yes,no,2016-03-09", "A-2,2016-03-14,,,,,,,"]


@pytest.fixture
def source():
    found = factories.make_source(code="accounts")
    found.client = Client.objects.create(code="larch", name="Larch Home")
    found.save()
    return found


def bring(tmp_path, rows, *, head=HEAD, dry_run=False, **reading):
    path = tmp_path / "accounts.csv"
    path.write_text("\n".join([head, *rows]) + "\n")
    return import_accounts.import_accounts(
        path=path, source_code="accounts", reading=AccountReading(**reading), received_at=factories.NOON, dry_run=dry_run
    )


def counts_of(found):
    return (found.new_count, found.changed_count, found.unchanged_count, len(found.held))


def test_rows_are_stored_and_what_is_not_told_is_not_zero(tmp_path, source) -> None:
    found = bring(tmp_path, GOOD)
    first, second = AccountMonth.objects.order_by("account")

    assert counts_of(found) == (2, 0, 0, 0)
    assert (first.month, first.seat_count, first.active_count, first.recurring_micros) == (date(2016, 3, 1), 20, 15, 1_200_500_000)
    assert (first.renewal_due, first.renewed, first.onboarded_on) == (True, False, date(2016, 3, 9))
    assert (second.month, second.seat_count, second.renewed, second.recurring_micros, second.currency) == (
        date(2016, 3, 1),
        None,
        None,
        None,
        "",
    )
    assert ImportRun.objects.get().origin == "accounts"


def test_a_second_import_changes_nothing(tmp_path, source) -> None:
    bring(tmp_path, GOOD)

    assert counts_of(bring(tmp_path, GOOD)) == (0, 0, 2, 0)


def test_a_correction_replaces_a_row_and_its_history_keeps_what_was(tmp_path, source) -> None:
    bring(tmp_path, GOOD)
    found = bring(tmp_path, [GOOD[0].replace("15", "16")])
    history = AccountMonth.objects.get(account="A-1").events.order_by("pgh_id").values_list("pgh_label", "active_count")

    assert counts_of(found) == (0, 1, 0, 0)
    assert list(history) == [("insert", 15), ("update", 16)]


def test_nothing_of_a_dry_run_stays(tmp_path, source) -> None:
    found = bring(tmp_path, [*GOOD, "A-3,soon,,,,,,,"], dry_run=True)

    assert counts_of(found) == (2, 0, 0, 1)
    assert not any(model.objects.exists() for model in (AccountMonth, HeldRow, ImportRun))


@pytest.mark.parametrize(
    ("row", "reason", "key"),
    [
        (",2016-03,,,,,,,", "missing_account", ""),
        ("jo@example.com,2016-03,,,,,,,", "account_is_a_person", "jo@example.com"),
        ("A-1,2016-13,,,,,,,", "missing_date", "A-1"),
        ("A-1,2016-03,20.5,,,,,,", "unreadable_value", "A-1 2016-03"),
        ("A-1,2016-03,20,21,,,,,", "part_above_whole", "A-1 2016-03"),
        ("A-1,2016-03,,21,,,,,", "part_above_whole", "A-1 2016-03"),
        ("A-1,2016-03,,,-5,USD,,,", "unreadable_value", "A-1 2016-03"),
        ("A-1,2016-03,,,5,,,,", "missing_currency", "A-1 2016-03"),
        ("A-1,2016-03,,,,,maybe,,", "unreadable_value", "A-1 2016-03"),
        ("A-1,2016-03,,,,,,,9.3.2016", "unreadable_date", "A-1 2016-03"),
    ],
)
def test_a_row_that_cannot_be_read_is_held_with_its_reason(tmp_path, source, row: str, reason: str, key: str) -> None:
    found = bring(tmp_path, [row])
    held = HeldRow.objects.get()

    assert counts_of(found) == (0, 0, 0, 1)
    assert (held.reason, held.case_key) == (reason, key)
    assert not AccountMonth.objects.exists()


def test_a_part_as_large_as_its_whole_is_read(tmp_path, source) -> None:
    assert counts_of(bring(tmp_path, ["A-1,2016-03,20,20,,,,,"])) == (1, 0, 0, 0)


def test_two_rows_that_contradict_each_other_are_both_held_and_equal_ones_count_once(tmp_path, source) -> None:
    found = bring(tmp_path, ["A-1,2016-03,20,15,,,,,", "A-1,2016-03,20,16,,,,,", "A-2,2016-03,5,5,,,,,", "A-2,2016-03,5,5,,,,,"])

    assert counts_of(found) == (1, 0, 1, 2)
    assert set(found.held_by_reason) == {"told_twice"}


def test_a_held_row_is_let_go_when_it_is_told_well(tmp_path, source) -> None:
    bring(tmp_path, ["A-1,2016-03,20,21,,,,,"])
    bring(tmp_path, ["A-1,2016-03,20,20,,,,,"])

    assert HeldRow.objects.get().released_at == factories.NOON


def test_columns_dates_and_currency_are_read_as_the_person_says(tmp_path, source) -> None:
    columns = {"account": "Customer", "month": "Day", "recurring": "MRR"}
    found = bring(tmp_path, ["C-9,31/03/2016,10"], head="Customer,Day,MRR", columns=columns, date_format="%d/%m/%Y", currency="EUR")
    stored = AccountMonth.objects.get()

    assert counts_of(found) == (1, 0, 0, 0)
    assert (stored.account, stored.month, stored.recurring_micros, stored.currency) == ("C-9", date(2016, 3, 1), 10_000_000, "EUR")


@pytest.mark.parametrize(
    ("reading", "said"),
    [
        ({"columns": {"seats": "Seats"}}, '"seats" is no field of an account'),
        ({"columns": {"seat_count": "Licenses"}}, 'lacks the column "Licenses" (seat_count)'),
        ({"currency": "euro"}, '"euro" is no currency'),
    ],
)
def test_a_reading_that_does_not_fit_the_file_is_refused(tmp_path, source, reading, said: str) -> None:
    with pytest.raises(UnableToImport) as refused:
        bring(tmp_path, GOOD, **reading)
    assert said in str(refused.value)
    assert not ImportRun.objects.exists()


def test_a_source_without_a_client_is_refused(tmp_path) -> None:
    factories.make_source(code="accounts")
    with pytest.raises(UnableToImport, match="belongs to no client"):
        bring(tmp_path, GOOD)


def test_a_month_that_no_account_lived_in_is_held(tmp_path, source) -> None:
    found = bring(tmp_path, [f"A-{year},{year}-12,,,,,,," for year in ("0001", "1979", "1980", "2099", "2100", "9999")])

    assert [row.account for row in AccountMonth.objects.order_by("account")] == ["A-1980", "A-2099"]
    assert {row.reason for row in found.held.values()} == {"missing_date"}


@pytest.mark.parametrize("name", ["accounts.csv", "accounts.csv.gz", "accounts.xlsx"])
def test_a_small_file_that_unpacks_to_a_large_one_is_refused(tmp_path, source, name: str) -> None:
    rows = [HEAD.split(","), *([f"A-{number}", "2016-03", *[""] * 7] for number in range(1_000))]
    text = "".join(f"{','.join(row)}\n" for row in rows).encode()
    path = tmp_path / name
    path.write_bytes(workbooks.write_workbook(sheets={"S": rows}) if name.endswith("x") else gzip.compress(text) if "gz" in name else text)

    def bring_it(bytes_max: int) -> int:
        found = import_accounts.import_accounts(
            path=path, source_code="accounts", reading=AccountReading(), received_at=factories.NOON, dry_run=True, bytes_max=bytes_max
        )
        return found.new_count

    with pytest.raises(UnableToImport, match="more than 0 MB; split it"):
        bring_it(10_000)
    assert bring_it(1_000_000) == 1_000


def test_a_row_with_other_cells_than_the_head_is_held(tmp_path, source) -> None:
    found = bring(tmp_path, ["A-1,2016-03,20,15,1,200.50,USD,yes,no,2016-03-09", "A-2,2016-03,20", GOOD[1].replace("A-2", "A-3")])

    assert counts_of(found) == (1, 0, 0, 2)
    assert set(HeldRow.objects.values_list("reason", "message")) == {
        ("wrong_cell_count", f"Row {number}: it has {count} cells where the head has 9; correct it and import the file again.")
        for number, count in ((1, 10), (2, 3))
    }


def test_revenue_in_a_currency_that_nobody_has_is_held(tmp_path, source) -> None:
    found = bring(tmp_path, [GOOD[0].replace("USD", "USX"), GOOD[1]])

    assert counts_of(found) == (1, 0, 0, 1)
    assert HeldRow.objects.get().message == 'currency says "USX", which is no currency; write a code of ISO 4217 such as USD.'
    with pytest.raises(UnableToImport, match='"USX" is no currency'):
        bring(tmp_path, GOOD, currency="USX")
