"""Contract, query type and channel of delivered events: a code that exists, or a held event with a sentence that says why."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from agents import models
from agents.intake.delivered import SEPARATOR, Row

TARGETS: dict[str, str] = {"contract": "contract", "query_type": "query type", "channel": "channel"}
MISSING_CONTRACT = "missing_contract"
MISSING_CONTRACT_MESSAGE = (
    "Nothing tells the contract of this case yet. It waits for an event that does; "
    "or give the source a client with exactly one contract, and try it again."
)
VALUE_CHARACTERS_SHOWN = 80

Ids = Mapping[str, Mapping[str, int]]


class HeldEvent(NamedTuple):
    """An event that waits, as it is kept: what is needed to try it again, without any customer's name."""

    row_number: int
    case_key: str
    reason: str
    message: str
    row: str
    row_hash: str


class Coded(NamedTuple):
    """An event whose words are understood, with the ids of what they mean."""

    row: Row
    contract_id: int | None
    query_type_id: int | None
    channel_id: int | None


@dataclass(frozen=True, kw_only=True)
class Meanings:
    """What the words of a source mean: codes, by target and word. None: its words are codes already.

    Of a target in `optional`, a word without a meaning says nothing; of another it holds the event.
    """

    codes: Mapping[str, Mapping[str, str]] | None
    optional: frozenset[str]

    def code(self, target: str, word: str) -> str | None:
        """Return the code that a word means; the word of a channel may happen to be one."""
        explained = None if self.codes is None else self.codes.get(target)
        if explained:
            return explained.get(word)
        return word if self.codes is None or target == "channel" else None


OUR_CODES = Meanings(codes=None, optional=frozenset())


def load_meanings(*, source: models.Source) -> Meanings:
    """Load what the newest mapping of a help desk says that its words mean."""
    mapping = source.mappings.order_by("-number").first()
    explained: dict[str, dict[str, str]] = {}
    if mapping is not None:
        for target, value, meaning in mapping.values.filter(target__in=TARGETS).values_list("target", "value", "meaning"):
            explained.setdefault(target, {})[value] = meaning
    return Meanings(codes=explained, optional=frozenset(target for target in TARGETS if not explained.get(target)))


def list_codes(*, rows: Iterable[Row], meanings: Meanings) -> dict[str, set[str]]:
    """Return the codes that events speak of, by target, whether they exist or not."""
    told = {(row.contract, row.query_type, row.channel) for row in rows}
    codes: dict[str, set[str]] = {}
    for position, target in enumerate(TARGETS):
        words = {words[position] for words in told}
        codes[target] = {code for word in words if word is not None and (code := meanings.code(target, word)) is not None}
    return codes


def read_codes(*, rows: Iterable[Row], meanings: Meanings, ids: Ids, only_contract_id: int | None) -> tuple[list[Coded], list[HeldEvent]]:
    """Put what exists in the place of words.

    Args:
        rows: events as delivered.
        meanings: what the words mean.
        ids: of the codes that exist, by target and code.
        only_contract_id: contract of an event that tells none, if the source's client has exactly one.

    Returns: the events whose words are understood, and the others.
    """
    understood: dict[tuple[str | None, ...], tuple[int | None, ...]] = {}
    good: list[Coded] = []
    held: list[HeldEvent] = []
    for row in rows:
        words = (row.contract, row.query_type, row.channel)
        found = understood.get(words)
        if found is None:
            found = understood[words] = tuple(_find(target, word, meanings, ids) for target, word in zip(TARGETS, words, strict=True))
        unknown = [target for target, word, known in zip(TARGETS, words, found, strict=True) if _is_unknown(target, word, known, meanings)]
        if unknown:
            held.append(as_held(row=row, reason=f"unknown_{unknown[0]}", message=_say_unknown(row, unknown)))
        else:
            good.append(Coded(row, only_contract_id if found[0] is None else found[0], found[1], found[2]))
    return good, held


def as_held(*, row: Row, reason: str, message: str, is_doubtful: bool = False) -> HeldEvent:
    """Return an event as it is held.

    Args:
        row: the event as delivered.
        reason: stable code.
        message: what is missing and what to do.
        is_doubtful: its body is not always the same, for it may be dated by its arrival.
    """
    kept = row._asdict()
    del kept["row_number"]
    row_hash = doubt_hash(row=row) if is_doubtful else hash_of(row=row)
    return HeldEvent(row.row_number or 0, row.case_key, reason, message, json.dumps(kept, sort_keys=True), row_hash)


def doubt_hash(*, row: Row) -> str:
    """Return the hash under which a doubtful event is held."""
    return hashlib.sha256(f"{row.key}{SEPARATOR}{row.case_key}".encode()).hexdigest()


def hash_of(*, row: Row) -> str:
    """Return the hash under which an event would be held: of what was delivered, whatever its words mean by now."""
    return hashlib.sha256(f"{row.key}{SEPARATOR}{row.case_key}{SEPARATOR}{row.body_hash}".encode()).hexdigest()


def _find(target: str, word: str | None, meanings: Meanings, ids: Ids) -> int | None:
    code = None if word is None else meanings.code(target, word)
    return None if code is None else ids[target].get(code)


def _is_unknown(target: str, word: str | None, known: int | None, meanings: Meanings) -> bool:
    return word is not None and known is None and target not in meanings.optional


def _say_unknown(row: Row, unknown: Iterable[str]) -> str:
    said = [f'It says {TARGETS[target]} "{getattr(row, target)[:VALUE_CHARACTERS_SHOWN]}".' for target in unknown]
    return " ".join([*said, "Nobody here knows that; add it, or explain it in the source's mapping, and try the event again."])
