"""Value to the client: case files with both sides of each bound, and sums that hold for any counts."""

import pathlib
from fractions import Fraction

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.rules import client_value

CASES = yaml.safe_load((pathlib.Path(__file__).parent / "cases" / "client_value.yaml").read_text(encoding="utf-8"))


def facts_of(document):
    before = document.get("baseline")
    told = {name: value for name, value in document.items() if name not in ("paid", "baseline")}
    return client_value.ChannelFacts(
        **told,
        paid=Fraction(document.get("paid", "0")),
        baseline=client_value.Baseline(**{name: Fraction(value) for name, value in before.items()}) if before else None,
    )


def found_of(value):
    """Return the figures under the names that case files use."""
    found = {name: getattr(value, name) for name in ("paid", "per_resolution", "per_contact", "compared_paid", "cost_before")}
    found |= {name: getattr(value, name) for name in ("saving", "quality", "roi")}
    found |= {"uncompared_count": value.uncompared_count, "repeats_avoided": value.channels[0].repeats_avoided}
    return found | {
        "fcr": value.fcr.rate, "fcr_before": value.fcr.before, "csat": value.csat.rate, "csat_before": value.csat.before,
    }  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case):
    def work_out():
        channels = [facts_of(document) for document in case["channels"]]
        return client_value.value_contract(channels=channels, other_charges=Fraction(case.get("other_charges", "0")))

    if "error" in case:
        with pytest.raises(client_value.InvalidValueFacts) as refused:
            work_out()
        assert str(refused.value) == case["error"]
        return
    found = found_of(work_out())
    expected = {name: Fraction(value) if isinstance(value, str) else value for name, value in case["expect"].items()}
    assert {name: found[name] for name in expected} == expected


COUNTS = st.integers(0, 500)


@st.composite
def channel_facts(draw, name):
    n, answers = draw(COUNTS), draw(COUNTS)
    rates = st.one_of(st.none(), st.fractions(0, 1, max_denominator=100))
    before = client_value.Baseline(
        contact_cost=draw(st.fractions("1/100", 50, max_denominator=100)),
        contacts_per_resolution=draw(st.fractions(1, 5, max_denominator=10)),
        fcr=draw(rates),
        csat=draw(rates),
        repeat_cost=draw(st.one_of(st.none(), st.fractions(0, 20, max_denominator=100))),
    )
    return client_value.ChannelFacts(
        channel=name,
        resolution_count=draw(COUNTS),
        paid=draw(st.fractions(0, 5000, max_denominator=100)),
        contact_count=draw(COUNTS),
        fcr_yes_count=draw(st.integers(0, n)),
        fcr_count=n,
        favorable_count=draw(st.integers(0, answers)),
        answer_count=answers,
        baseline=draw(st.sampled_from([before, None])),
    )


@settings(max_examples=60)
@given(chat=channel_facts("chat"), phone=channel_facts("phone"), other=st.fractions(-50, 50, max_denominator=100))
def test_channels_add_up_to_the_contract(chat, phone, other):
    found = client_value.value_contract(channels=[chat, phone], other_charges=other)

    assert found.paid == chat.paid + phone.paid + other
    compared = [value for value in found.channels if value.cost_before is not None and value.facts.resolution_count]
    assert (found.saving is None) == (not compared)
    if compared:
        assert found.saving == sum(value.saving for value in compared) - other
    if found.roi is not None and found.quality is not None:
        assert found.roi_low <= found.roi <= found.roi_high
        assert found.roi * found.compared_paid == found.saving + found.quality
    for value in found.channels:
        if value.quality is not None:
            assert value.quality_low <= value.quality <= value.quality_high
