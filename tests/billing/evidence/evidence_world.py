"""Invoices with everything around them, and their evidence as files."""

import io
import json
import os
import pathlib
import subprocess
import sys
import zipfile
from hashlib import sha256

from django.core.management import call_command

from agents import models as work
from billing import models as pay
from billing.operations import finalize_invoice
from contracts import models as terms
from tests import factories
from tests.billing import billing_world as world_of

SHAPES = {
    "per_unit": {"unit_amount_micros": 1_237_500},
    "package": {"package_size": 3, "package_amount_micros": 5_550_000},
    "percentage": {"rate_ppm": 25_125, "fixed_amount_micros": 300_000},
}
ROOT = pathlib.Path(__file__).parents[3]


def finalize(world, *, month=3, as_of=world_of.APRIL_6):
    """Draft what is known and make the month's invoice final."""
    world_of.draft(as_of)
    invoice = pay.Invoice.objects.exclude(status="void").get(contract=world.contract, period_start__month=month)
    return finalize_invoice.finalize_invoice(invoice_id=invoice.pk, person=factories.make_user(name="Ruth Adeyemi"), as_of=as_of)


def evidence_of(invoice):
    """The bytes that were kept with an invoice."""
    return bytes(pay.Document.objects.get(kind="evidence", key=f"invoice:{invoice.pk}").content)


def files_of(content):
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def rewrite(content, *, name, change, is_hidden=True):
    """Change one file inside; with `is_hidden` the manifest is brought in line, as a careful forger would."""
    files = files_of(content)
    files[name] = change(files[name])
    if is_hidden:
        manifest = json.loads(files["manifest.json"])
        manifest["files"][name] = {"sha256": sha256(files[name]).hexdigest(), "bytes": len(files[name])}
        files["manifest.json"] = json.dumps(manifest).encode()
    told = io.BytesIO()
    with zipfile.ZipFile(told, "w") as opened:
        for one, held in files.items():
            opened.writestr(one, held)
    return told.getvalue()


def run_recount(path, *more):
    """Run the command where no database can be reached."""
    environment = {**os.environ, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nowhere", "REDIS_URL": "redis://127.0.0.1:1/0"}
    return subprocess.run(
        [sys.executable, "manage.py", "recount", str(path), *more], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def call_recount(path, *more):
    """Run the command in this process; return its exit and its last line."""
    told = io.StringIO()
    try:
        call_command("recount", str(path), *more, stdout=told, stderr=told)
    except SystemExit as ended:
        return ended.code, told.getvalue().strip().splitlines()[-1]
    return None, told.getvalue()


def make_rich(shape="graduated"):
    """A second version in mid-month, bands, a floor, service credits, two taxes, a commitment, steps around a price."""
    world = world_of.make_billed()
    version = terms.ContractVersion.objects.get(pk=world.version.pk)
    draft = terms.ContractVersion.objects.create(
        contract=world.contract, number=2, effective_from="2016-03-11", currency="USD", billing_calendar="month"
    )
    row = terms.RateCardRow.objects.create(
        version=draft,
        shape=shape,
        unit_amount_micros=1_235_000 if shape == "per_unit" else None,
        percent_discount_bp=150,
        usage_discount=1,
        minimum_micros=9_990_000,
    )
    if shape in ("graduated", "volume"):
        for up_to, amount in ((3, 1_333_333), (None, 1_111_111)):
            terms.RateTier.objects.create(row=row, up_to=up_to, unit_amount_micros=amount, flat_amount_micros=500_000)
    terms.MinimumCommitment.objects.create(version=draft, amount_micros=20_000_000, overage_factor_bp=15_000)
    terms.ForecastFloor.objects.create(version=draft, floor_bp=8_000, unit_amount_micros=700_000)
    terms.Forecast.objects.create(version=draft, period_start="2016-03-01", count=10)
    terms.VolumeBaseline.objects.create(version=draft, count=20, dead_band_bp=500)
    for up_to, amount in ((2_500, 250_000), (None, 125_000)):
        terms.VolumeBand.objects.create(version=draft, side="below", up_to_bp=up_to, unit_amount_micros=amount)
    terms.ServiceCreditTerms.objects.create(version=draft, at_risk_bp=1_000)
    terms.ServiceLevel.objects.create(version=draft, metric="fcr", target_bp=9_900, pool_bp=10_000, allocation_bp=5_000, count_min=1)
    terms.TaxRate.objects.create(version=draft, name="State tax", rate_ppm=62_500)
    terms.TaxRate.objects.create(version=draft, name="City tax", rate_ppm=20_000)
    terms.ContractVersion.objects.filter(pk=version.pk).update(effective_to="2016-03-11")
    terms.ContractVersion.objects.filter(pk=draft.pk).update(status="active")
    world.version = terms.ContractVersion.objects.get(pk=draft.pk)
    return world, version


def tell_value(resolution, *, micros):
    """Let the help desk tell what a case is worth, before it was verified."""
    work.CaseEvent.objects.create(
        source=resolution.case.source, key=f"value-{resolution.pk}", body_hash="0", case=resolution.case, type="opened",
        occurred_at=resolution.resolved_at, received_at=resolution.resolved_at, value_micros=micros, value_currency="USD",
    )  # fmt: skip


def make_plain(shape):
    """One price of a shape from the first of March on, and a tax."""
    world = world_of.make_billed()
    draft = terms.ContractVersion.objects.create(contract=world.contract, number=2, effective_from="2016-03-01", currency="USD")
    row = terms.RateCardRow.objects.create(version=draft, shape=shape, **SHAPES.get(shape, {}))
    if shape == "graduated_percentage":
        for up_to, rate in ((50, 25_000), (None, 12_345)):
            terms.RateTier.objects.create(row=row, up_to=up_to, rate_ppm=rate)
    for up_to, amount in ((3, 1_333_333), (None, 1_111_111)) if shape == "volume" else ():
        terms.RateTier.objects.create(row=row, up_to=up_to, unit_amount_micros=amount, flat_amount_micros=500_000)
    terms.TaxRate.objects.create(version=draft, name="Sales tax", rate_ppm=88_750)
    terms.ContractVersion.objects.filter(pk=world.version.pk).update(effective_to="2016-03-01")
    terms.ContractVersion.objects.filter(pk=draft.pk).update(status="active")
    world.version = terms.ContractVersion.objects.get(pk=draft.pk)
    return world
