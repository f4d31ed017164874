"""Seconds to try a draft on the real months of a contract, by how many of its resolutions are stored.

First with other prices alone, where the stored resolutions are rated twice; then with another silence window, where every event
is folded twice; then that version beside the first draft; then its knobs, eight of whose settings fold every event again. Bill
alone: `benchmarks.pay` measures the pay pipeline.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from agents.models import Case
from agents.operations.resolutions import resolve_cases
from benchmarks import fold, scratch
from benchmarks.measurement import Measurement, timed
from billing.queries.simulator import simulate_version
from billing.queries.simulator.sides import Desk
from contracts import models as terms
from contracts.operations import versions

AS_OF = datetime(2016, 6, 30, tzinfo=UTC)
CASES = 250_000
JUNE = date(2016, 6, 1)


def measure(cases: int = CASES) -> Iterator[Measurement]:
    """Store two contracts with half of the cases each, and try a draft of one on all months of its history."""
    with scratch.own_database():
        fold.make_world(cases=cases)
        version = terms.ContractVersion.objects.get(contract__code="bench-calendar")
        resolve_cases.resolve_cases(as_of=AS_OF)
        dearer = _draft(version, 2_500_000)
        own = Case.objects.filter(contract=version.contract).count()
        yield from _measure("other prices, bill alone", dearer, own)
        slower = _draft(version, 2_500_000)
        slower.resolution_policy.silence_window_hours = 48
        slower.resolution_policy.save()
        yield from _measure("another silence window, bill alone", slower, own)
        yield from _measure("two drafts side by side, bill alone", slower, own, against=dearer)
        yield from _turn_knobs(slower, own)


def _draft(version: terms.ContractVersion, unit_amount_micros: int) -> terms.ContractVersion:
    draft = versions.clone_version(version=version, effective_from=JUNE)
    terms.RateCardRow.objects.create(version=draft, unit_amount_micros=unit_amount_micros)
    return draft


def _measure(case: str, draft: terms.ContractVersion, own: int, *, against: terms.ContractVersion | None = None) -> Iterator[Measurement]:
    with timed() as watch:
        desk = _open(draft, against)
        found = simulate_version.simulate_version(desk=desk, version=draft, with_pay=False, against=against)
    assert found.then.billed_count > own // 3, found.then.counts
    yield Measurement(benchmark="simulator", case=case, unit="cases", count=own, seconds=watch.seconds)


def _turn_knobs(draft: terms.ContractVersion, own: int) -> Iterator[Measurement]:
    with timed() as watch:
        points = simulate_version.try_knobs(desk=_open(draft, None), version=draft, with_pay=False)
    assert len(points) > 10, points
    yield Measurement(benchmark="simulator", case="every knob turned, bill alone", unit="cases", count=own, seconds=watch.seconds)


def _open(draft: terms.ContractVersion, against: terms.ContractVersion | None) -> Desk:
    months = tuple(reversed(simulate_version.list_months(contract=draft.contract)))
    return simulate_version.open_desk(version=draft, months=months, as_of=AS_OF, against=against)
