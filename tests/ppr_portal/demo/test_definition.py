"""The demo company as written: whole, without names that lead nowhere, and with the incident log as published."""

import gzip
import hashlib

import pytest
from pydantic import ValidationError

from ppr_portal.demo import company, terms

SHA256_COMPRESSED = "e318155d025c2c2c613f698eec33d7a588703dc8b4e6e3e5c8fb8861922e0e27"
SHA256_TEXT = "f20349b3e96abd8b71ccfd0296898877299d8849ddc12a87accede7c93dc5f2a"


@pytest.fixture(scope="module")
def log_rows() -> list[dict[str, str]]:
    lines = gzip.decompress(company.INCIDENT_LOG.read_bytes()).decode().splitlines()
    head = lines[0].split(",")
    return [dict(zip(head, line.split(","), strict=True)) for line in lines[1:]]


def test_the_incident_log_is_the_published_one_byte_for_byte_and_names_its_authors() -> None:
    packed = company.INCIDENT_LOG.read_bytes()
    assert hashlib.sha256(packed).hexdigest() == SHA256_COMPRESSED
    assert hashlib.sha256(gzip.decompress(packed)).hexdigest() == SHA256_TEXT
    attribution = (company.DATA_DIR / "ATTRIBUTION.md").read_text(encoding="utf-8")
    assert all(word in attribution for word in ("Amaral", "Fantinato", "Peres", "10.24432/C57S4H", "creativecommons.org/licenses/by/4.0"))


def test_every_value_of_the_log_has_a_meaning_or_is_marked_as_missing(log_rows: list[dict[str, str]]) -> None:
    definition = company.load_company()
    mapping = definition.source.mapping
    categories = {f"Category {number}" for types in definition.query_types.values() for number in types.categories}
    for column, known in {
        "incident_state": set(mapping.states),
        "contact_type": set(mapping.channels),
        "location": set(company.load_locations()),
        "category": categories,
    }.items():
        assert {row[column] for row in log_rows} - known - set(mapping.missing) == set(), column


def test_all_four_clients_are_substantial(log_rows: list[dict[str, str]]) -> None:
    locations = company.load_locations()
    first_places = {row["number"]: row["location"] for row in reversed(log_rows)}
    counts: dict[str, int] = {}
    for place in first_places.values():
        counts[locations.get(place, "none")] = counts.get(locations.get(place, "none"), 0) + 1
    assert set(counts) == {client.contract.code for client in company.load_company().clients} | {"none"}
    assert sum(counts.values()) == 14_950
    assert all(count > 3_000 for code, count in counts.items() if code != "none")


def test_all_but_six_resolvers_stand_for_an_agent(log_rows: list[dict[str, str]]) -> None:
    mapped = {agent.resolved_by for agent in company.load_agents()}
    assert {row["resolved_by"] for row in log_rows} - mapped == {
        "?",
        *(f"Resolved by {number}" for number in (3, 11, 90, 122, 171, 181)),
    }
    assert len(company.load_agents()) == 171


def test_names_lead_somewhere() -> None:
    definition, agents = company.load_company(), company.load_agents()
    people = {person.sign_in for person in definition.people}
    assert {team.lead for team in definition.teams} <= people
    assert {definition.close.approver, definition.showcase.reversal_by} <= people
    assert {agent.team for agent in agents} == {team.code for team in definition.teams}
    assert {agent.plan for agent in agents} == {plan.code for plan in definition.pay_plans}
    assert {definition.showcase.agent, definition.showcase.few_surveys.agent} <= {agent.code for agent in agents}
    codes = set(definition.query_types) | {
        terms.category_code(group=group, category=number) for group, types in definition.query_types.items() for number in types.categories
    }
    rates = [rate for client in definition.clients for version in client.versions for rate in version.rates]
    assert {rate.query_type for rate in rates} - {None} <= codes


def test_codes_and_names_of_agents_are_their_own() -> None:
    agents = company.load_agents()
    assert len({agent.code for agent in agents}) == len({agent.name for agent in agents}) == len(agents)
    assert [agent.code for agent in agents] == sorted(agent.code for agent in agents)


def test_a_typing_error_in_the_definition_is_refused() -> None:
    with pytest.raises(ValidationError, match="unit_price"):
        company.Rate.model_validate({"query_type": "desk", "unit_price": "9.50"})


def test_amounts_are_exact() -> None:
    graduated = company.load_company().clients[0].versions[1].rates[0]
    assert [company.to_micros(tier.price) for tier in graduated.tiers] == [12_880_000, 11_850_000, 10_800_000]
    assert company.to_basis_points(company.load_company().pay_plans[0].tiers[1].share) == 2_500
