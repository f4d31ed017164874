"""What a resolution is travels as one number, also of a class that came to be after the names were read."""

import polars as pl
import pytest

from agents.models.resolutions import Resolution, ResolutionState
from billing.queries import pay_periods
from billing.queries.pay_inputs import few, kinds, known
from billing.queries.pay_inputs.scope import Scope
from tests import factories
from tests.billing import pay_world

pytestmark = pytest.mark.django_db


def test_a_class_that_is_made_after_the_names_were_read_has_its_name() -> None:
    world = pay_world.make_world()
    agent = world.agents[0]
    pay_world.resolve(world, agent)
    period = pay_periods.period_of(site=world.site, day=factories.MARCH)
    scope = Scope(site=world.site, agent_ids=[agent.pk], period=period, as_of=pay_world.AFTER_MARCH)
    codes = few.read_few(scope=scope, currencies=()).codes
    version = factories.make_contract_version(currency="EUR")
    (made,) = pay_world.resolve(world, agent, first=pay_world.MARCH_7.replace(day=8))
    type(made).objects.filter(pk=made.pk).update(
        price_version=version,
        query_type=factories.make_query_type(code="news/later"),
        channel=factories.make_channel(code="letter"),
    )

    rows = known.read_known(scope=scope, codes=codes, is_sharing=False, is_listed=False).rows.sort("verified_us")

    assert rows.select("class_code", "currency").rows() == [("network/outage/chat", "USD"), ("news/later/letter", "EUR")]


def test_a_number_that_nothing_has_is_refused_and_never_taken_for_another() -> None:
    names = kinds.names_of(rows=[{"kind": "channel", "id": 7, "name": "chat"}])
    radices = kinds.radices_of(names=names)
    nameless = radices["channel"] - 1
    kind = nameless * radices["state"] * radices["fcr"] * radices["counted"]

    with pytest.raises(kinds.UnableToNameKinds, match=f"channel {nameless}. Calculate again"):
        kinds.name_kinds(kinds=pl.Series([kind]), radices=radices, names=names)


def test_each_state_has_a_letter_and_each_answer_a_length_of_its_own() -> None:
    answers = [str(value) for value, _ in Resolution._meta.get_field("fcr").flatchoices]

    assert sorted(kinds.STATES.values()) == sorted(state.value for state in ResolutionState)
    assert len({len(answer) for answer in answers}) == len(answers)
    assert max(len(answer) for answer in answers) <= kinds.LENGTHS == Resolution._meta.get_field("fcr").max_length
    assert {kinds.ANSWERS.get(len(answer)) for answer in answers} == {"yes", "no", None}
