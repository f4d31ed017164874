"""Any terms leave and come back with the same bytes: every price shape, every status."""

import copy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts import yaml_text
from contracts.operations import import_terms
from tests.contracts.operations.test_import_terms import DOCUMENT, export_after

pytestmark = pytest.mark.django_db

MONEY = st.integers(0, 10**12).map(lambda micros: f"{micros // 10**6}.{micros % 10**6:06d}")
PERCENT = st.integers(0, 10_000).map(lambda part: f"{part // 100}.{part % 100:02d}%")
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=30).filter(lambda text: text.strip())
BOUNDS = st.lists(st.integers(1, 10**9), unique=True, max_size=4)


CLASS = ("query_type", "channel", "outcome")
RATE = st.integers(0, 1_000_000).map(lambda part: f"{part // 10_000}.{part % 10_000:04d}%")


@st.composite
def tiered(draw) -> dict:
    shape = draw(st.sampled_from(["graduated", "volume"]))
    return {
        "shape": shape,
        "usage_discount": draw(st.integers(0, 9)),
        "tiers": [{"up_to": bound, "unit_amount": draw(MONEY), "flat_amount": draw(MONEY)} for bound in [*draw(BOUNDS), None]],
    }


PRICES = st.one_of(
    st.fixed_dictionaries({"shape": st.just("per_unit"), "unit_amount": MONEY, "percent_discount": PERCENT}),
    st.fixed_dictionaries(
        {"shape": st.just("package"), "package_size": st.integers(1, 99), "package_amount": MONEY, "maximum": st.none() | MONEY}
    ),
    st.fixed_dictionaries({"shape": st.just("percentage"), "rate": RATE, "per_event_min": st.none() | MONEY, "minimum": st.none() | MONEY}),
    st.fixed_dictionaries(
        {
            "shape": st.just("graduated_percentage"),
            "tiers": st.lists(RATE, min_size=1, max_size=1).map(lambda rates: [{"up_to": 9, "rate": rates[0]}, {"rate": rates[0]}]),
        }
    ),
    tiered(),
)


@st.composite
def documents(draw) -> dict:
    """Draw a document with a few contract and plan versions of every status."""
    document = copy.deepcopy(yaml_text.read_yaml(text=DOCUMENT))
    client = document["clients"][0]
    client["name"] = draw(NAMES)
    for version in client["contracts"][0]["versions"]:
        version["note"] = draw(NAMES)
        version["rate_card"] = [{**draw(PRICES), **{key: row[key] for key in CLASS if key in row}} for row in version.get("rate_card", [])]
    plan = document["pay_plans"][0]["versions"][0]
    plan["base_hourly"] = draw(st.none() | MONEY)
    plan["tiers"] = [{"up_to": bound, "share": draw(PERCENT)} for bound in [*draw(BOUNDS), None]]
    return document


def leave_drafts(document: dict) -> dict:
    """Leave as a draft what no activation would take: terms are drawn without sense."""
    try:
        import_terms.import_terms(text=yaml_text.write_yaml(content=document), dry_run=True)
    except import_terms.UnableToImport as refused:
        for fault in refused.faults:
            found = document
            for step in fault.path:
                found = found[step]
            found["status"] = "draft"
        return leave_drafts(document)
    return document


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(document=documents())
def test_any_terms_make_the_round_trip_exactly(document) -> None:
    written = export_after(yaml_text.write_yaml(content=leave_drafts(document)))
    assert export_after(written) == written
