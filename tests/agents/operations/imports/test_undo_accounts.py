"""An import of accounts is taken back as a whole: rows are what they were, and what was held is held again."""

import pytest

from agents.intake.account_files import AccountReading
from agents.models import AccountMonth, HeldRow, ImportRun, Source
from agents.operations.imports import import_accounts, undo_accounts
from agents.operations.imports.upload_accounts import guess_columns
from contracts.models import Client
from tests import factories

pytestmark = pytest.mark.django_db
HEAD = "account,month,seat_count,active_count"
LATER = factories.NOON.replace(hour=15)


@pytest.fixture
def person():
    source = factories.make_source(code="accounts")
    source.client = Client.objects.create(code="larch", name="Larch Home")
    source.save()
    return factories.make_user(name="Sam Whitaker")


def bring(tmp_path, *rows, at=factories.NOON, name="accounts.csv"):
    path = tmp_path / name
    path.write_text("\n".join([HEAD, *rows]) + "\n")
    found = import_accounts.import_accounts(path=path, source_code="accounts", reading=AccountReading(), received_at=at)
    return ImportRun.objects.get(pk=found.run_id)


def seats():
    return dict(AccountMonth.objects.order_by("account").values_list("account", "active_count"))


def undo(run, person):
    return undo_accounts.undo_accounts(run_id=run.pk, person=person, as_of=LATER)


def test_rows_that_an_import_brought_go_and_rows_that_it_changed_are_as_before(tmp_path, person) -> None:
    first = bring(tmp_path, "A-1,2016-03,20,15", "A-2,2016-03,5,5")
    second = bring(tmp_path, "A-1,2016-03,20,16", "A-2,2016-03,5,5", "A-3,2016-03,9,1")
    assert seats() == {"A-1": 16, "A-2": 5, "A-3": 1}

    undone = undo(second, person)

    assert seats() == {"A-1": 15, "A-2": 5}
    assert (undone.undone_at, undone.undone_by) == (LATER, person)
    assert set(AccountMonth.objects.values_list("run", flat=True)) == {first.pk}
    undo(first, person)
    assert seats() == {}


def test_what_came_later_is_taken_back_first(tmp_path, person) -> None:
    first = bring(tmp_path, "A-1,2016-03,20,15", name="march.csv")
    bring(tmp_path, "A-1,2016-03,20,16", name="again.csv")

    with pytest.raises(undo_accounts.UnableToUndo, match=r"again.csv came after march.csv and told 1 row of it too"):
        undo(first, person)
    assert seats() == {"A-1": 16}
    assert not ImportRun.objects.exclude(undone_at=None).exists()


def test_a_row_stays_while_another_import_that_told_the_same_stands(tmp_path, person) -> None:
    first = bring(tmp_path, "A-1,2016-03,20,15", name="a.csv")
    second = bring(tmp_path, "A-1,2016-03,20,15", "A-2,2016-03,5,5", name="b.csv")
    assert (second.new_count, second.changed_count, second.unchanged_count) == (1, 0, 1)

    with pytest.raises(undo_accounts.UnableToUndo, match=r"b.csv came after a.csv and told 1 row of it too; take that one back first"):
        undo(first, person)
    assert seats() == {"A-1": 15, "A-2": 5}

    undo(second, person)
    assert seats() == {"A-1": 15}
    assert AccountMonth.objects.get().run == first
    undo(first, person)
    assert seats() == {}


def test_it_is_taken_back_once_and_can_be_imported_again(tmp_path, person) -> None:
    run = bring(tmp_path, "A-1,2016-03,20,15")
    undo(run, person)

    with pytest.raises(undo_accounts.UnableToUndo, match="taken back already"):
        undo(run, person)
    bring(tmp_path, "A-1,2016-03,20,15")
    assert seats() == {"A-1": 15}


def test_rows_that_it_held_wait_no_longer_and_rows_that_it_let_in_wait_again(tmp_path, person) -> None:
    bring(tmp_path, "A-1,2016-03,20,21")
    let_in = bring(tmp_path, "A-1,2016-03,20,20", "A-2,2016-03,1,2", at=factories.NOON.replace(hour=13))
    open_rows = HeldRow.objects.filter(released_at=None).values_list("case_key", flat=True)
    assert list(open_rows) == ["A-2 2016-03"]

    undo(let_in, person)

    assert list(open_rows.all()) == ["A-1 2016-03"]


def test_an_import_of_cases_stays(person) -> None:
    counts = dict.fromkeys(("row_count", "case_count", "new_count", "changed_count", "unchanged_count", "held_count"), 0)
    source = Source.objects.get()
    run = ImportRun.objects.create(source=source, file_name="cases.csv", started_at=factories.NOON, seconds=0, **counts)
    with pytest.raises(undo_accounts.UnableToUndo, match="tells of cases"):
        undo(run, person)


def test_columns_are_found_by_their_heads_whatever_the_case() -> None:
    assert guess_columns(heads=("ACCOUNT", "Month", "seat-count", "Notes")) == {
        "account": "ACCOUNT",
        "month": "Month",
        "seat_count": "seat-count",
    }
