"""Acts on what waits: each does what it says as a whole, is taken back as a whole, and writes nothing when it is refused."""

from pathlib import Path

import pytest

from agents import models as work
from agents.operations.holds import hold_acts
from agents.operations.holds.hold_acts import Kind, UnableToAct, Wish
from agents.operations.resolutions import resolve_cases
from tests import factories
from tests.agents import desk

pytestmark = pytest.mark.django_db

AS_OF = desk.instant("31 12:00")


@pytest.fixture
def actor() -> work.User:
    return factories.make_user(name="Sam Whitaker", roles=["contract_admin"])


@pytest.fixture
def desk_source() -> work.Source:
    return desk.make_desk()


def bring(folder: Path, *rows: desk.Row, name: str = "export.csv") -> None:
    """Import rows and fold what they tell."""
    desk.take(folder, *rows, name=name)
    resolve_cases.resolve_cases(as_of=AS_OF)


def solved(case: str, **values: str) -> tuple[desk.Row, desk.Row]:
    """Return a case that was opened and solved long enough ago to count."""
    return desk.row(case, "New", "1 08:00", **values), desk.row(case, "Resolved", "2 09:00", 1, **values)


def act(actor: work.User, kind: str, items: dict[str, list[int]], **choices: object) -> work.HoldAct:
    """Ask for an act and carry it out."""
    asked = hold_acts.request_act(wish=Wish(kind=kind, items=items, **choices), actor=actor, as_of=AS_OF)  # type: ignore[arg-type]
    return hold_acts.carry_out_act(act_id=asked.pk, as_of=AS_OF)


def names() -> list[int]:
    return list(work.SourceIdentity.objects.order_by("value").values_list("pk", flat=True))


def test_two_names_are_mapped_and_unmapped_as_one_act(tmp_path: Path, desk_source: work.Source, actor: work.User) -> None:
    bring(tmp_path, *solved("C-1"), *solved("C-2", resolver="Resolver  2"))
    agent = factories.make_agent(name="Ada")
    assert desk.open_holds() == [("C-1", "unmapped_identity"), ("C-2", "unmapped_identity")]

    done = act(actor, Kind.MAP, {"name": names()}, agent_id=agent.pk)

    assert (done.state, done.actor, done.item_count) == ("done", actor, 2)
    assert desk.open_holds() == []
    assert set(work.Resolution.objects.values_list("agent", flat=True)) == {agent.pk}
    assert work.ChangedCase.objects.filter(folded_at__isnull=False).count() == 2

    undone = hold_acts.undo_act(act_id=done.pk, person=actor, as_of=AS_OF)

    assert (undone.state, undone.undone_by, undone.undone_at) == ("undone", actor, AS_OF)
    assert desk.open_holds() == [("C-1", "unmapped_identity"), ("C-2", "unmapped_identity")]
    assert set(work.Resolution.objects.values_list("agent", flat=True)) == {None}
    with pytest.raises(UnableToAct, match="nothing to take back"):
        hold_acts.undo_act(act_id=done.pk, person=actor, as_of=AS_OF)


def test_an_act_is_not_undone_over_somebody_elses_decision(tmp_path: Path, desk_source: work.Source, actor: work.User) -> None:
    bring(tmp_path, *solved("C-1"))
    first, second = (factories.make_agent(name=name) for name in ("Ada", "Bea"))
    done = act(actor, Kind.MAP, {"name": names()}, agent_id=first.pk)
    act(actor, Kind.MAP, {"name": names()}, agent_id=second.pk)

    with pytest.raises(UnableToAct, match="changed since"):
        hold_acts.undo_act(act_id=done.pk, person=actor, as_of=AS_OF)
    assert work.SourceIdentity.objects.get().agent == second


def test_a_system_user_resolves_nothing_until_the_mark_is_taken_back(tmp_path: Path, desk_source: work.Source, actor: work.User) -> None:
    bring(tmp_path, *solved("C-1"))
    done = act(actor, Kind.SYSTEM, {"name": names()})
    assert not work.Resolution.objects.filter(is_payable=True).exists()

    hold_acts.undo_act(act_id=done.pk, person=actor, as_of=AS_OF)
    assert work.Resolution.objects.filter(is_payable=True).count() == 1


def test_a_meaning_becomes_the_next_version_and_lets_the_rows_in(tmp_path: Path, desk_source: work.Source, actor: work.User) -> None:
    bring(tmp_path, desk.row("C-1", "New", "1 08:00"), desk.row("C-1", "Fixed", "2 09:00", 1))
    held = work.HeldRow.objects.get()
    meanings = ((desk_source.pk, "state", "Fixed", "solution_offered"),)

    done = act(actor, Kind.MEAN, {"row": [held.pk]}, meanings=meanings)

    held.refresh_from_db()
    assert done.state == "done"
    assert held.released_at == AS_OF
    assert desk.states() == [("C-1", 1, "assumed", "silence", True)]
    assert desk_source.mappings.order_by("-number").first().number == 2

    hold_acts.undo_act(act_id=done.pk, person=actor, as_of=AS_OF)

    newest = desk_source.mappings.order_by("-number").first()
    assert newest.number == 3
    assert not newest.values.filter(value="Fixed").exists()
    assert work.CaseEvent.objects.filter(type="solution_offered").count() == 1, "an event is a record and stays"


def test_a_meaning_that_does_not_exist_changes_nothing(tmp_path: Path, desk_source: work.Source, actor: work.User) -> None:
    bring(tmp_path, desk.row("C-1", "Fixed", "2 09:00", 1))
    failed = act(actor, Kind.MEAN, {"row": [work.HeldRow.objects.get().pk]}, meanings=((desk_source.pk, "state", "Fixed", "repaired"),))

    assert failed.state == "failed"
    assert "no kind of event" in failed.message
    assert desk_source.mappings.count() == 1
    assert work.HeldRow.objects.get().released_at is None


def test_rows_without_a_contract_come_in_under_the_one_that_is_set(tmp_path: Path, desk_source: work.Source, actor: work.User) -> None:
    bring(tmp_path, *solved("C-1", place="?"))
    done = act(actor, Kind.CONTRACT, {"row": list(work.HeldRow.objects.values_list("pk", flat=True))}, contract_code="birch")

    assert done.message.startswith("2 came in")
    assert work.Case.objects.get().contract.code == "birch"
    assert not work.HeldRow.objects.filter(released_at=None).exists()
    with pytest.raises(UnableToAct, match="is a record and stays"):
        hold_acts.undo_act(act_id=done.pk, person=actor, as_of=AS_OF)


def test_a_row_with_cells_missing_never_comes_in_by_trying_again(tmp_path: Path, desk_source: work.Source, actor: work.User) -> None:
    path = tmp_path / "short.csv"
    whole = desk.text_of([desk.row("C-1", "New", "1 08:00"), desk.row("C-2", "New", "1 08:00")])
    head, first, second = whole.splitlines()
    path.write_text("\n".join([head, first.rpartition(",")[0], second, ""]), encoding="utf-8")
    desk.import_cases(path=path, source_code=desk.SOURCE, received_at=AS_OF)
    held = work.HeldRow.objects.get()

    done = act(actor, Kind.RETRY, {"row": [held.pk]})

    held.refresh_from_db()
    assert held.released_at is None
    assert done.message.startswith("0 came in. 1 still wait")


def test_a_release_needs_words_and_is_taken_back(tmp_path: Path, desk_source: work.Source, actor: work.User) -> None:
    bring(tmp_path, *solved("C-1", resolver="?"))
    hold = work.Hold.objects.get(reason="resolver_not_named")
    with pytest.raises(UnableToAct, match="Say why"):
        hold_acts.request_act(wish=Wish(kind=Kind.RELEASE, items={"resolution": [hold.pk]}, reason=" "), actor=actor, as_of=AS_OF)
    assert not work.HoldAct.objects.exists()

    done = act(actor, Kind.RELEASE, {"resolution": [hold.pk]}, reason="A bot of the vendor.")
    hold.refresh_from_db()
    assert (hold.released_at, hold.release_note) == (AS_OF, "A bot of the vendor.")

    hold_acts.undo_act(act_id=done.pk, person=actor, as_of=AS_OF)
    hold.refresh_from_db()
    assert (hold.released_at, hold.release_note) == (None, "")


def test_a_dismissed_row_stays_dismissed_when_its_file_comes_again(tmp_path: Path, desk_source: work.Source, actor: work.User) -> None:
    rows = (*solved("C-1"), desk.row("C-1", "Lost", "3 09:00", 2))
    desk.map_resolver()
    bring(tmp_path, *rows)
    assert desk.open_holds() == [("C-1", "rows_held")]

    done = act(actor, Kind.DISMISS, {"row": [work.HeldRow.objects.get().pk]}, reason="A test state.")
    assert desk.open_holds() == []
    bring(tmp_path, *rows)
    assert desk.open_holds() == []

    hold_acts.undo_act(act_id=done.pk, person=actor, as_of=AS_OF)
    assert desk.open_holds() == [("C-1", "rows_held")]


def test_an_owner_is_given_and_taken_back(tmp_path: Path, desk_source: work.Source, actor: work.User) -> None:
    bring(tmp_path, *solved("C-1"))
    done = act(actor, Kind.ASSIGN, {"name": names()}, owner_id=actor.pk)
    assert work.Hold.objects.get().owner == actor

    hold_acts.undo_act(act_id=done.pk, person=actor, as_of=AS_OF)
    assert work.Hold.objects.get().owner is None


def test_what_does_not_fit_an_act_is_refused_before_anything_is_written(tmp_path: Path, desk_source: work.Source, actor: work.User) -> None:
    bring(tmp_path, *solved("C-1"))
    for wish in (
        Wish(kind=Kind.RELEASE, items={"name": names()}, reason="Why not."),
        Wish(kind=Kind.MAP, items={"name": names()}, agent_id=10**9),
        Wish(kind=Kind.MEAN, items={"row": [1]}),
        Wish(kind=Kind.ASSIGN, items={"name": names()}, owner_id=10**9),
    ):
        with pytest.raises(UnableToAct):
            hold_acts.request_act(wish=wish, actor=actor, as_of=AS_OF)
    assert not work.HoldAct.objects.exists()


def test_an_act_is_carried_out_once(tmp_path: Path, desk_source: work.Source, actor: work.User) -> None:
    bring(tmp_path, *solved("C-1", resolver="?"))
    done = act(actor, Kind.RELEASE, {"resolution": [work.Hold.objects.get().pk]}, reason="A bot.")
    again = hold_acts.carry_out_act(act_id=done.pk, as_of=desk.instant("31 13:00"))

    assert (again.state, again.message) == (done.state, done.message)
    assert work.Hold.objects.get().released_at == AS_OF
