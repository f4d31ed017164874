"""Evidence: every case with its reason, the same bytes twice, and an invoice that anybody computes again, to the cent."""

import csv
import functools
import hashlib
import io
import json
import subprocess
import sys
from datetime import date, timedelta
from fractions import Fraction

import pytest

from agents import models as work
from billing import models as pay
from billing.evidence_file import bundle, reading
from billing.operations import finalize_invoice, record_payment, write_evidence
from billing.rules import evidence, evidence_check
from tests import factories
from tests.billing import billing_world as world_of
from tests.billing.evidence import evidence_world as files_of
from tests.billing.evidence import stranger

pytestmark = pytest.mark.django_db
STRANGER = files_of.ROOT / "tests" / "billing" / "evidence" / "stranger.py"


def differences(content):
    """What a recount finds."""
    read = reading.read_evidence(content=content)
    rated = evidence.rate_cases(cases=read.cases, terms=read.basis.terms)
    compared = evidence_check.compare_bills(stated=read.stated, recomputed=evidence.recompute(rated=rated, basis=read.basis))
    return [*evidence.check_cases(rated=rated, basis=read.basis), *(one.words for one in compared if not one.is_equal)]


def cases_of(content):
    return list(csv.DictReader(io.StringIO(files_of.files_of(content)["cases.csv"].decode())))


def make_uncounted(world):
    """One resolution, or case, for each way of not counting."""
    day = world_of.MARCH_10 + timedelta(days=2)
    kinds = {"pending": "pending", "reopened": "reopened", "void": "void", "capped": "assumed"}
    made = {
        name: factories.make_resolution(agent=None, version=world.version, state=state, resolved_at=day, key=name)
        for name, state in kinds.items()
    }
    work.Resolution.objects.filter(pk=made["capped"].pk).update(is_payable=False, reason="cap_once_per_case")
    work.ResolutionTransition.objects.create(
        resolution=made["void"], state="void", at=day, rule="excluded", detail="spam", policy_version=world.version, recorded_at=day
    )
    factories.make_resolution(
        agent=None, version=world.version, resolved_at=world_of.MARCH_10, verified_at=world_of.APRIL_2, key="verified in April"
    )
    work.Case.objects.create(source=factories.make_source(), key="open", contract=world.contract, opened_at=day)
    return made


def test_evidence_holds_every_case_of_the_period_counted_or_not_with_its_reason():
    world = world_of.make_billed()
    world_of.resolve(world, 3)
    make_uncounted(world)
    other = world_of.make_billed(seller=world.seller)
    world_of.resolve(other, 1)
    invoice = files_of.finalize(world)
    cases = cases_of(files_of.evidence_of(invoice))

    assert [(case["counted"], case["position"], case["price"]) for case in cases if case["counted"] == "yes"] == [
        ("yes", "1", "3.000000"),
        ("yes", "2", "3.000000"),
        ("yes", "3", "2.000000"),
    ]
    assert {case["case"]: case["reason"] for case in cases if case["counted"] == "no"} == {
        "desk/pending": "pending",
        "desk/reopened": "reopened",
        "desk/void": "spam",
        "desk/capped": "cap_once_per_case",
        "desk/verified in April": "verified_later",
        "desk/open": "no_solution",
    }
    assert {case["case"] for case in cases} == {
        f"{case.source.code}/{case.key}" for case in work.Case.objects.filter(contract=world.contract).select_related("source")
    }
    assert invoice.case_count == 9
    first = next(case for case in cases if case["position"] == "1")
    assert (first["verified_at"], first["outcome"], first["price_part_percent"]) == ("2016-03-10T16:00:00.000000Z", "confirmed", "100.00")


def test_every_code_is_explained_and_nobody_is_named():
    world = world_of.make_billed()
    world_of.resolve(world, 2)
    make_uncounted(world)
    work.Case.objects.update(customer_hash="c0ffee")
    content = files_of.evidence_of(files_of.finalize(world))
    found = files_of.files_of(content)
    told = {(row["column"], row["code"]) for row in csv.DictReader(io.StringIO(found["codes.csv"].decode())) if row["meaning"]}

    used = {(name, case[name]) for case in cases_of(content) for name in ("state", "rule", "reason", "outcome") if case[name]}
    assert used <= told
    assert not any(b"c0ffee" in held or b"customer_hash" in held for held in found.values())


def test_the_hash_of_the_kept_file_stands_on_the_invoice_and_the_same_facts_give_the_same_bytes():
    world = world_of.make_billed(commitment_micros=10_000_000)
    world_of.resolve(world, 3)
    world_of.draft()
    draft = pay.Invoice.objects.get()
    contents = []
    for _ in range(2):
        prepared = write_evidence.prepare_evidence(invoice=draft)
        prepared.bundle.add_json(name="invoice.json", content={})
        contents.append(prepared.bundle.close())
    assert contents[0] == contents[1]

    invoice = files_of.finalize(world)
    kept = pay.Document.objects.get(kind="evidence")
    assert (kept.key, kept.name) == (f"invoice:{invoice.pk}", "LF-0001-evidence.zip")
    assert invoice.evidence_sha256 == kept.sha256 == hashlib.sha256(bytes(kept.content)).hexdigest()


@pytest.mark.parametrize("shape", ["graduated", "volume", "per_unit"])
def test_an_invoice_with_everything_around_it_is_recounted(shape):
    world, first = files_of.make_rich(shape)
    world_of.resolve(world, 5)
    before = factories.make_resolution(agent=None, version=first, resolved_at=world_of.MARCH_10 - timedelta(days=3))
    work.Resolution.objects.filter(pk=before.pk).update(fcr="no", price_bp=5_000, correction="reduced_price")
    invoice = files_of.finalize(world)
    content = files_of.evidence_of(invoice)

    assert differences(content) == []
    kinds = {line.kind for line in invoice.lines.all()}
    assert {"rated", "minimum", "forecast_floor", "volume_below", "true_up", "service_credit"} <= kinds
    assert {tax["name"] for tax in invoice.taxes} == {"Sales tax", "State tax", "City tax"}
    assert [case["reason"] for case in cases_of(content)].count("reduced_price") == 1


@pytest.mark.parametrize("shape", ["package", "percentage", "graduated_percentage"])
def test_packages_and_prices_of_a_value_are_recounted(shape):
    world = files_of.make_plain(shape)
    for place, resolution in enumerate(world_of.resolve(world, 4)):
        files_of.tell_value(resolution, micros=40_000_001 + 7 * place)
    content = files_of.evidence_of(files_of.finalize(world))

    assert differences(content) == []
    values = [case["value"] for case in cases_of(content)]
    assert values[:2] == (["", ""] if shape == "package" else ["40.000001", "40.000008"])


def test_a_corrected_period_lies_in_the_evidence_with_what_was_billed_of_it():
    world = world_of.make_billed()
    found = world_of.resolve(world, 3)
    files_of.finalize(world)
    world_of.fall(found[0])
    world_of.resolve(world, 1, first=world_of.MARCH_10 + timedelta(days=31))
    invoice = files_of.finalize(world, month=4, as_of=world_of.MAY_6)
    content = files_of.evidence_of(invoice)
    cases = cases_of(content)

    assert differences(content) == []
    counted = [case["period_start"] for case in cases if case["counted"] == "yes"]
    assert (counted.count("2016-03-01"), counted.count("2016-04-01")) == (2, 1)
    assert [case["reason"] for case in cases if case["counted"] == "no"] == ["reopened"]
    assert b"LF-0001,2016-03-01,1,rated,1" in files_of.files_of(content)["billed.csv"]
    assert invoice.case_count == 1


def test_what_changed_after_the_booking_keeps_the_invoice_a_draft():
    world = world_of.make_billed()
    found = world_of.resolve(world, 3)
    world_of.draft()
    world_of.fall(found[0])

    with pytest.raises(finalize_invoice.UnableToFinalize, match=r"changed since .* was booked; book resolutions again"):
        finalize_invoice.finalize_invoice(invoice_id=pay.Invoice.objects.get().pk, person=factories.make_user(), as_of=world_of.APRIL_6)

    assert pay.NumberSeries.objects.get(code="larkfield-LF").next_number == 1
    assert not pay.Document.objects.exists()


@pytest.mark.parametrize("count", [1, 3, 12])
def test_a_stranger_gets_the_same_invoice_from_the_readme_alone(count, tmp_path):
    world = world_of.make_billed(commitment_micros=20_000_000, tiers=((2, 3_333_333), (5, 2_111_111), (None, 1_999_999)))
    record_payment.record_payment(
        client_id=world.client.pk, amount=Fraction(5), currency="USD", received_on=date(2016, 2, 1), reference="in advance",
        person=factories.make_user(), as_of=world_of.MARCH_10,
    )  # fmt: skip
    found = world_of.resolve(world, count)
    contents = [files_of.evidence_of(files_of.finalize(world))]
    world_of.fall(found[0])
    world_of.resolve(world, 2, first=world_of.MARCH_10 + timedelta(days=31))
    contents.append(files_of.evidence_of(files_of.finalize(world, month=4, as_of=world_of.MAY_6)))
    for place, content in enumerate(contents):
        path = tmp_path / f"{place}.zip"
        path.write_bytes(content)
        mine, theirs = stranger.recount(path)
        assert mine == theirs
        alone = subprocess.run([sys.executable, "-I", str(STRANGER), str(path)], capture_output=True, text=True, check=False)
        assert alone.returncode == 0, alone.stderr


@pytest.mark.parametrize("shape", ["per_unit", "volume"])
def test_a_stranger_prices_each_shape(shape, tmp_path):
    world = files_of.make_plain(shape)
    world_of.resolve(world, 4)
    path = tmp_path / "evidence.zip"
    path.write_bytes(files_of.evidence_of(files_of.finalize(world)))
    mine, theirs = stranger.recount(path)
    assert mine == theirs
    assert mine[1] > 0


def test_the_command_recounts_where_no_database_can_be_reached(tmp_path):
    world = world_of.make_billed(commitment_micros=10_000_000)
    world_of.resolve(world, 3)
    make_uncounted(world)
    invoice = files_of.finalize(world)
    path = tmp_path / "evidence.zip"
    path.write_bytes(files_of.evidence_of(invoice))

    equal = files_of.run_recount(path, "--sha256", invoice.evidence_sha256)
    assert equal.returncode == 0, equal.stderr
    assert "Equal to the cent: 11.00 USD due on invoice LF-0001." in equal.stdout
    assert "3 counted, 2 × 3.00 and 1 × 2.00, give 8" in equal.stdout
    assert "1 not counted: spam" in equal.stdout

    def raise_due(held):
        told = json.loads(held)
        return json.dumps({**told, "due": "12"}).encode()

    path.write_bytes(files_of.rewrite(path.read_bytes(), name="invoice.json", change=raise_due))
    assert files_of.call_recount(path) == (
        1,
        "Different: due: the invoice says 12.00, its cases and terms give 11.00.",
    )
    status, words = files_of.call_recount(path, "--sha256", invoice.evidence_sha256)
    assert (status, "not the one on the invoice" in words) == (2, True)
    path.write_bytes(path.read_bytes()[:-40])
    assert files_of.call_recount(path)[0] == 2
    assert files_of.call_recount(tmp_path / "none.zip")[0] == 2


@functools.cache
def plain_evidence():
    """The bytes of one small invoice; the first test that asks makes it, the others change copies of it."""
    world = world_of.make_billed()
    world_of.resolve(world, 3)
    make_uncounted(world)
    return files_of.evidence_of(files_of.finalize(world))


def test_a_change_of_any_file_is_found():
    content = plain_evidence()
    for name in (*bundle.FILES, bundle.MANIFEST):
        with pytest.raises(bundle.DamagedEvidence):
            reading.read_evidence(content=files_of.rewrite(content, name=name, change=lambda held: held + b" x", is_hidden=False))
    with pytest.raises(bundle.DamagedEvidence):
        reading.read_evidence(content=b"no zip")


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("cases.csv", b"3.000000", b"3.000001", "have another price"),
        ("cases.csv", b",yes,counted,", b",no,counted,", "rated"),
        ("cases.csv", b",no,reopened,", b",yes,counted,", "priced by another row"),
        ("cases.csv", b"2016-03-10T16:00", b"2016-04-10T16:00", "not verified in the period"),
        ("terms.json", b'"3.00"', b'"3.01"', "another price"),
        ("terms.json", b'"10%"', b'"11%"', "Sales tax"),
        ("billed.csv", b"tax_percent\n", b"tax_percent\nLF-9,2016-03-01,1,rated,1,,Any,1,1,1,10\n", "rated"),
        ("facts.json", b'"grants": []', b'"grants": [{"on": "2016-01-01", "amount": "1"}]', "prepaid credits used"),
    ],
)
def test_a_forger_who_mends_the_manifest_is_found_by_the_sums(name, old, new, words):
    content = plain_evidence()
    assert old in files_of.files_of(content)[name]
    found = differences(files_of.rewrite(content, name=name, change=lambda held: held.replace(old, new, 1)))
    assert any(words in difference for difference in found), found


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("cases.csv", b"3.000000", b"3.0", "is no money"),
        ("cases.csv", b"period_start,case,", b"period_start,cases,", "exactly these columns"),
        ("terms.json", b'"3.00"', b'"three"', "cannot be read"),
        ("facts.json", b'"days": 31', b'"days": "?"', "not written as README.txt says"),
    ],
)
def test_what_the_format_does_not_know_is_refused_by_name(name, old, new, words):
    content = plain_evidence()
    with pytest.raises(bundle.DamagedEvidence, match=words):
        reading.read_evidence(content=files_of.rewrite(content, name=name, change=lambda held: held.replace(old, new, 1)))


def test_a_line_that_the_invoice_tells_twice_is_no_line_to_choose():
    def twice(held):
        told = json.loads(held)
        told["lines"].insert(0, {**told["lines"][0], "amount": "999.00", "exact": "999"})
        return json.dumps(told).encode()

    with pytest.raises(bundle.DamagedEvidence, match="tells a line twice"):
        reading.read_evidence(content=files_of.rewrite(plain_evidence(), name="invoice.json", change=twice))
