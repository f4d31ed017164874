"""A present invoice or payslip file is held against ours: every row explained or held, and the causes add up."""

import gzip
import io
from pathlib import Path

import pytest
import xlsxwriter
from django.core.management import CommandError, call_command

from agents.intake.errors import UnableToImport
from billing import models as pay
from billing.operations import book_resolutions, calculate_pay_run, compare_shadow
from billing.queries.shadow.file import Definition
from contracts.rules import exact
from tests import factories
from tests.billing import billing_world as world_of
from tests.billing import pay_world

pytestmark = pytest.mark.django_db
SMALL = 10**4


@pytest.fixture
def world() -> world_of.Billed:
    """Four counted cases at 3, 3, 2, 2, one reopened, one pending; March is a draft."""
    world = world_of.make_billed()
    world_of.resolve(world, 4)
    world_of.fall(world_of.resolve(world, 1)[0])
    world_of.draft()
    return world


def cases_of(world: world_of.Billed) -> list[str]:
    lines = pay.BookedLine.objects.filter(version=world.version).order_by("position")
    return [line.resolution.case.key for line in lines.select_related("resolution__case")]


def compare(target: object, content: str | bytes, *, name: str = "invoice.csv", **changed: object) -> compare_shadow.Comparison:
    data = content.encode() if isinstance(content, str) else content
    run = compare_shadow.open_comparison(
        target=target, period_start=factories.MARCH, name=name, content=data, person=None, as_of=world_of.APRIL_6
    )  # type: ignore[arg-type]
    definition = Definition(**{**run.definition, **changed})  # type: ignore[arg-type]
    made = compare_shadow.compare(run=run, definition=definition)
    compare_shadow.store_comparison(run=run, definition=definition, made=made)
    return made


def told(made: compare_shadow.Comparison) -> list[tuple[str, int | None, list[tuple[str, str]]]]:
    return [
        (line.label, line.place, [(cause.code, exact.format_exact(value=cause.amount)) for cause in line.causes])
        for line in made.lines
        if line.causes
    ]


def test_the_same_invoice_differs_in_nothing(world: world_of.Billed) -> None:
    rows = "\n".join(f"{key},{amount}" for key, amount in zip(cases_of(world), (3, 3, 2, 2), strict=True))

    made = compare(world.contract, f"Ticket,Amount\n{rows}\nTotal,10.00\n")

    assert (told(made), made.their_micros, made.our_micros, made.sum_count, made.held) == ([], 10_000_000, 10_000_000, 1, ())
    run = pay.ShadowRun.objects.get()
    assert (run.state, run.line_count, run.same_count, run.causes) == ("done", 4, 4, [])


def test_each_case_that_differs_says_why(world: world_of.Billed) -> None:
    counted = cases_of(world)
    reopened, pending = (
        factories.make_resolution(agent=None, version=world.version, resolved_at=world_of.MARCH_10, state=state)
        for state in ("reopened", "pending")
    )
    elsewhere = factories.make_resolution(agent=None, version=factories.make_contract_version(), resolved_at=world_of.MARCH_10)
    rows = [
        (counted[0], "3.00"),
        (counted[1], "2.00"),
        (counted[2], "2.50"),
        (counted[0], "3.00"),
        (reopened.case.key, "3.00"),
        (pending.case.key, "3.00"),
        (elsewhere.case.key, "3.00"),
        ("nobody-knows", "3.00"),
        ("", "3.00"),
        ("x", "three"),
    ]

    made = compare(world.contract, "Ticket,Amount\n" + "".join(f"{key},{amount}\n" for key, amount in rows))

    assert told(made) == [
        (counted[1], 2, [("tier", "1")]),
        (counted[2], 3, [("price", "-0.5")]),
        (counted[0], 4, [("twice_there", "-3")]),
        (reopened.case.key, 5, [("reopened", "-3")]),
        (pending.case.key, 6, [("window_open", "-3")]),
        (elsewhere.case.key, 7, [("other_party", "-3")]),
        ("nobody-knows", 8, [("unknown", "-3")]),
        (counted[3], None, [("missing_there", "2")]),
    ]
    assert [(row.place, row.reason) for row in made.held] == [
        (9, "It does not say what it is about."),
        (10, '"three" in "Amount" is no number as it was said that numbers are written.'),
    ]
    assert sum(row["micros"] for row in made.causes) == made.our_micros - made.their_micros == 10_000_000 - 22_500_000


def test_classes_are_priced_by_the_card_whatever_they_are_called(world: world_of.Billed) -> None:
    row = pay.InvoiceLine.objects.get(invoice__contract=world.contract).row_id
    content = "Description;Count;Amount\nSolved cases;5;15,00\nMonthly minimum;;4,00\nVAT;;1,50\n"

    made = compare(world.contract, content.replace(";", "\t").replace(",", ".").replace("\t", ","), meanings={"Solved cases": f"row:{row}"})

    assert told(made) == [
        ("Any query type, any channel", 1, [("tier", "-3"), ("count", "-2")]),
        ("Monthly minimum", 2, [("unmapped", "-4")]),
        ("Tax", 3, [("other", "-0.5")]),
    ]
    assert (made.their_micros, made.our_micros) == (20_500_000, 11_000_000)


def test_one_sum_is_compared_with_the_whole_invoice(world: world_of.Billed) -> None:
    made = compare(world.contract, "Amount\n9.00\n", grain="total")

    assert told(made) == [("Our invoice before tax", 1, [("not_itemized", "1")])]


def test_a_workbook_and_a_packed_file_are_read_alike(world: world_of.Billed) -> None:
    rows = [("Ticket", "Amount"), *((key, 3) for key in cases_of(world))]
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
    packed = gzip.compress("\n".join(f"{key},{amount}" for key, amount in rows).encode())

    workbook, packed_csv = compare(world.contract, made.getvalue(), name="a.xlsx"), compare(world.contract, packed, name="a.csv.gz")

    assert told(workbook) == told(packed_csv) == [(key, place, [("tier", "-1")]) for place, key in list(enumerate(cases_of(world), 1))[2:]]


def test_a_row_with_more_cells_than_the_head_is_held(world: world_of.Billed) -> None:
    """An amount with a comma that nobody quoted would be read as a whole number of dollars."""
    first, second, *_ = cases_of(world)

    made = compare(world.contract, f"Ticket,Amount\n{first},3,50\n{second},2.00\nTotal\n")

    assert [(row.place, row.label, row.reason) for row in made.held][:1] == [
        (1, first, "It has more cells than the head, so that nobody knows which is which.")
    ]
    assert [line.theirs.amount for line in made.lines if line.theirs] == [2]


def test_amounts_are_read_with_signs_brackets_and_commas(world: world_of.Billed) -> None:
    rows = "\n".join(f'{key},"{text}"' for key, text in zip(cases_of(world), ("3,00 $", "USD 1.003,00", "(2,00)", "2,00-"), strict=True))

    made = compare(world.contract, f"Ticket,Amount\n{rows}\n")

    assert [line.theirs.amount for line in made.lines if line.theirs] == [3, 1003, -2, -2]


@pytest.fixture
def paid() -> pay_world.World:
    """Two agents with hours, four resolutions each and a good CSAT, March calculated."""
    world = pay_world.make_world()
    world.agents.clear()
    for name in ("Ada Byrne", "Bo Lind"):
        agent = pay_world.add_agent(world, name=name)
        pay_world.work_a_week(agent)
        pay_world.answer_surveys(pay_world.resolve(world, agent, 4) * 1, favorable=4) if name == "Ada Byrne" else pay_world.resolve(
            world, agent, 4
        )
    book_resolutions.book_resolutions(as_of=pay_world.AFTER_MARCH)
    calculate_pay_run.calculate_pay_run(site=world.site, period_start=factories.MARCH, as_of=pay_world.AFTER_MARCH)
    return world


def test_payslips_by_kind_are_held_against_statements(paid: pay_world.World) -> None:
    lines = {(line.settlement.agent.name, line.kind): line for line in pay.SettlementLine.objects.select_related("settlement__agent")}
    unit = lines["Ada Byrne", "unit"].amount_micros // SMALL / 100
    rows = [
        ("Ada Byrne", "Base salary", 40, 12.5, 500),
        ("Ada Byrne", "unit", "", "", unit),
        ("Bo Lind", "Base salary", 42, 12, 504),
        ("Bo Lind", "Commission paid", "", "", 7),
        ("Cy Nobody", "Base salary", "", "", 5),
    ]
    content = "Employee,Element,Qty,Rate,Amount\n" + "".join(",".join(map(str, row)) + "\n" for row in rows)

    made = compare(paid.site, content, name="pay.csv", meanings={"Base salary": "kind:base"})

    differences = {
        line.label: [(cause.code, exact.format_exact(value=cause.amount)) for cause in line.causes] for line in made.lines if line.causes
    }
    assert differences["Bo Lind: Base pay"] == [("hours", "-24"), ("rate", "20")]
    assert differences["Bo Lind: Commission paid"] == [("unmapped", "-7")]
    assert differences["Cy Nobody: Base salary"] == [("unknown_agent", "-5")]
    uplift = exact.format_exact(value=exact.parse_exact(text=str(lines["Ada Byrne", "tier_uplift"].amount_micros)) / 10**6)
    assert differences["Ada Byrne: Tier uplift"] == [("tier", uplift)]
    assert "Ada Byrne: Base pay" not in differences
    assert "Ada Byrne: Resolutions" not in differences


def test_payslips_with_a_column_for_each_kind_are_read_across(paid: pay_world.World) -> None:
    made = compare(
        paid.site, "Employee,Hourly,Piece\nAda Byrne,500,\nBo Lind,500.00,1\n", name="pay.csv",
        grain="line", columns={"agent": "Employee"}, amounts={"Hourly": "base", "Piece": "unit"},
    )  # fmt: skip

    assert [(line.label, line.theirs.amount) for line in made.lines if line.theirs] == [
        ("Ada Byrne: Base pay", 500),
        ("Bo Lind: Base pay", 500),
        ("Bo Lind: Resolutions", 1),
    ]


def test_pay_by_case_adds_up_to_the_statements(paid: pay_world.World) -> None:
    keys = [
        earning.resolution.case.key for earning in pay.Earning.objects.filter(agent__name="Ada Byrne").select_related("resolution__case")
    ]
    content = "Employee,Case,Amount\n" + "".join(f"Ada Byrne,{key},0.48\n" for key in sorted(keys)) + "Bo Lind,nope,1\n"

    made = compare(paid.site, content, name="pay.csv")

    total = sum(pay.Settlement.objects.values_list("total_micros", flat=True))
    assert made.our_micros == total
    assert {cause.code for line in made.lines if line.place in (1, 2, 3, 4) for cause in line.causes} <= {"tier", "multiplier", "rounding"}
    assert [cause.code for line in made.lines if line.place == 5 for cause in line.causes] == ["unknown"]
    assert sum(row["micros"] for row in made.causes) == made.our_micros - made.their_micros


def test_sums_of_agents_are_not_taken_apart(paid: pay_world.World) -> None:
    made = compare(paid.site, "Employee,Amount\nAda Byrne,1\nBo Lind,2\n", name="pay.csv")

    assert {(line.label, line.causes[0].code) for line in made.lines} == {("Ada Byrne", "not_itemized"), ("Bo Lind", "not_itemized")}


@pytest.mark.parametrize(
    ("content", "changed", "words"),
    [
        ("Ticket,Amount\nx,1\n", {"columns": {"case": "Case", "amount": "Amount"}}, 'no column "Case"'),
        ("Ticket,Amount\nx,1\n", {"columns": {"case": "Ticket"}}, "Choose the column that holds the amount"),
        ("Ticket,Amount\nx,1\n", {"columns": {"amount": "Amount"}}, "what a row is about"),
    ],
)
def test_a_file_without_what_is_needed_is_refused(world: world_of.Billed, content: str, changed: dict[str, object], words: str) -> None:
    with pytest.raises(compare_shadow.UnableToCompare, match=words):
        compare(world.contract, content, **changed)
    assert not pay.ShadowLine.objects.exists()


def test_a_period_of_which_nothing_is_here_is_refused(world: world_of.Billed) -> None:
    other = factories.make_contract_version()
    with pytest.raises(compare_shadow.UnableToCompare, match="no invoice or draft of 2016-03"):
        compare(other.contract, "Ticket,Amount\nx,1\n")
    with pytest.raises(compare_shadow.UnableToCompare, match="has no statements of 2016-03"):
        compare(factories.make_site(), "Employee,Amount\nx,1\n")
    with pytest.raises(UnableToImport, match="is a PDF"):
        compare(world.contract, b"%PDF-1.7")
    assert not pay.ShadowRun.objects.exists()


def test_a_comparison_stays_and_the_same_file_can_be_compared_again(world: world_of.Billed) -> None:
    compare(world.contract, "Ticket,Amount\nx,1\n")
    run = pay.ShadowRun.objects.get()
    definition = Definition(**run.definition)
    made = compare_shadow.compare(run=run, definition=definition)

    with pytest.raises(compare_shadow.UnableToCompare, match="done and stays"):
        compare_shadow.store_comparison(run=run, definition=definition, made=made)

    again = compare_shadow.copy_comparison(run=run, person=factories.make_user(), as_of=world_of.MAY_6)
    assert (again.state, again.file_id, again.definition) == ("draft", run.file_id, run.definition)


def test_the_command_tells_each_difference_and_its_exit(world: world_of.Billed, tmp_path: Path) -> None:
    path, out = tmp_path / "invoice.csv", io.StringIO()
    rows = zip(cases_of(world), ("3", "3", "2", "2.75"), strict=True)
    path.write_text("Ticket,Amount\n" + "".join(f"{key},{amount}\n" for key, amount in rows))

    with pytest.raises(SystemExit) as ended:
        call_command("shadow", str(path), "--contract", world.contract.code, "--period", "2016-03", stdout=out)
    assert ended.value.code == 1
    assert "They price it at 2.75, we at 2.00." in out.getvalue()

    path.write_text("Ticket,Amount\n" + "".join(f"{key},{amount}\n" for key, amount in zip(cases_of(world), (3, 3, 2, 2), strict=True)))
    call_command("shadow", str(path), "--contract", world.contract.code, "--period", "2016-03", "--dry-run", stdout=out)
    assert pay.ShadowRun.objects.count() == 1
    with pytest.raises(CommandError, match='no contract "nobody"'):
        call_command("shadow", str(path), "--contract", "nobody", "--period", "2016-03", stdout=out)
