"""Whose pay rests on something else by now: hours, surveys, reviews or cases that were recorded after a run was calculated."""

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction

from billing.models import PayRun, Settlement
from billing.operations import calculate_pay_run, left_out, settle_agents
from billing.operations.lock_pay_run import lock_pay_run
from billing.operations.pay_run_shards import Failure, part_size
from billing.queries import pay_periods, payees
from billing.queries.pay_inputs import prices, raw
from billing.queries.pay_inputs.scope import Scope
from contracts.rules import errors

logger = logging.getLogger(__name__)
DECIDED = (PayRun.Status.CALCULATED, PayRun.Status.IN_REVIEW)


@dataclass(frozen=True, kw_only=True)
class ChangedPay:
    """An agent with what the run pays and what it would pay now; None: nothing. `message` says why nothing can be paid now."""

    agent_id: int
    name: str
    currency: str
    run_micros: int | None
    now_micros: int | None
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class NotedChanges:
    """What a noting found: agents whose pay changed, and a sentence for each run whose facts cannot be read."""

    changed_count: int
    failures: tuple[str, ...]


def list_changed(*, run: PayRun, as_of: datetime) -> tuple[ChangedPay, ...]:
    """Compare what a calculated run rests on with what is known now, agent by agent, by the fingerprint of everything that pay reads.

    Args:
        run: calculated or in review.
        as_of: business instant whose knowledge counts; an earlier one than the run's is that of the run.

    Returns: agents whose fingerprint is another one, who came, went, or can be computed now or no longer; in order of name.
    Source: design.md section 9, a run keeps its inputs' hash; docs/adr/0091-facts-are-asked-for-again-at-approval.md.
    """
    period = pay_periods.period_of(site=run.site, day=run.period_start)
    held = Settlement.objects.filter(run=run).select_related("agent").order_by("agent")
    paid = {one.agent_id: one for one in held.only("agent__name", "inputs_hash", "currency", "total_micros")}
    failed = {failure["agent_id"]: failure["message"] for shard in run.shards.all() for failure in shard.failures}
    concerned = [run.agent_id] if run.agent_id else calculate_pay_run.list_payees(site=run.site, period=period)
    asked = sorted({*concerned, *paid})
    size = part_size(agent_count=len(asked))
    worked = [] if run.agent_id else left_out.tell_worked_after(run=run, as_of=max(as_of, run.as_of))
    found = [told for failure in worked for told in _told(failure, None, failed)]
    with settle_agents.without_collector():
        try:
            for start in range(0, len(asked), size):
                part = asked[start : start + size]
                scope = Scope(site=run.site, agent_ids=part, period=period, as_of=max(as_of, run.as_of))
                later = payees.list_settled_later(agent_ids=part, period=period)
                found += _changed_of(raw.load_inputs(scope=scope), {pk: paid[pk] for pk in part if pk in paid}, failed, later)
        finally:
            prices.forget()
    return tuple(sorted(found, key=lambda one: (one.name, one.agent_id)))


def note_changed(*, as_of: datetime) -> NotedChanges:
    """Write down for each run that waits for a decision whose pay changed since it was calculated; a second run writes nothing.

    Args:
        as_of: business instant.

    Returns: agents of all these runs whose pay changed. A run whose facts cannot be read is named and stops no other.
    """
    count, failures = 0, []
    for run in PayRun.objects.filter(status__in=DECIDED).select_related("site", "agent").order_by("pk"):
        try:
            # What breaks off here leaves the caller's transaction usable.
            with transaction.atomic():
                changed = list_changed(run=run, as_of=as_of)
                keep_changed(run=run, changed=changed)
        except errors.InvalidInput as refused:
            failures.append(f"What changed under the pay run {run} cannot be told: {refused.message}")
        except Exception:
            logger.exception("what changed under pay run %s cannot be told", run.pk)
            failures.append(f"What changed under the pay run {run} cannot be told: the log of this job tells why.")
        else:
            count += len(changed)
    return NotedChanges(changed_count=count, failures=tuple(failures))


def keep_changed(*, run: PayRun, changed: Sequence[ChangedPay]) -> None:
    """Keep with a run whose pay changed, for its page; unless it was calculated again, decided or withdrawn meanwhile.

    Args:
        run: as it was compared.
        changed: of `list_changed`.
    """
    told = as_rows(changed=changed)
    with transaction.atomic():
        try:
            found = lock_pay_run(run_id=run.pk)
        except PayRun.DoesNotExist:
            return
        if found.status in DECIDED and found.as_of == run.as_of and found.changed != told:
            found.changed = told
            found.save(update_fields=["changed"])


def as_rows(*, changed: Sequence[ChangedPay]) -> list[dict[str, object]]:
    """Return what a run keeps of agents whose pay changed."""
    return [asdict(one) for one in changed]


def mark_of(*, rows: Sequence[Mapping[str, object]]) -> str:
    """Return a mark of what a run keeps of agents whose pay changed: another list has another one.

    >>> mark_of(rows=[]) == mark_of(rows=[{"agent_id": 7}])
    False
    """
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()


def _changed_of(
    loaded: raw.Loaded, paid: Mapping[int, Settlement], failed: Mapping[int, str], later: Mapping[int, date]
) -> Iterable[ChangedPay]:
    """Give the agents of a part that are not as the run has them."""
    gone = dict(paid)
    other = []
    for found in loaded.agents:
        one = gone.pop(found.payee.agent_id, None)
        if isinstance(found, raw.Refused):
            yield from _told(Failure(agent_id=found.payee.agent_id, name=found.payee.name, message=found.reason.message), one, failed)
        elif one is None or one.inputs_hash != found.inputs_hash:
            other.append(found)
    for inputs, settled in zip(other, settle_agents.settle(agents=other, loaded=loaded), strict=True):
        one = paid.get(inputs.payee.agent_id)
        if not isinstance(settled, Failure) and inputs.payee.agent_id in later:
            settled = left_out.tell_settled_later(payee=inputs.payee, later=later[inputs.payee.agent_id])
        if isinstance(settled, Failure):
            yield from _told(settled, one, failed)
        else:
            yield ChangedPay(
                agent_id=inputs.payee.agent_id,
                name=inputs.payee.name,
                currency=settled.plan.currency,
                run_micros=one.total_micros if one else None,
                now_micros=settled.total_micros,
            )
    for one in gone.values():
        yield _without_pay(one.agent_id, one.agent.name, one)


def _told(failure: Failure, one: Settlement | None, failed: Mapping[int, str]) -> Iterable[ChangedPay]:
    """Give an agent who cannot be computed now, unless the run says the same."""
    if one is not None or failed.get(failure.agent_id) != failure.message:
        yield _without_pay(failure.agent_id, failure.name, one, failure.message)


def _without_pay(agent_id: int, name: str, one: Settlement | None, message: str = "") -> ChangedPay:
    currency, run_micros = (one.currency, one.total_micros) if one else ("", None)
    return ChangedPay(agent_id=agent_id, name=name, currency=currency, run_micros=run_micros, now_micros=None, message=message)
