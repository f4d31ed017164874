"""A contract version as the terms document writes it, and such a document as frozen terms, without a database."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from contracts import models, terms_parts, terms_reading
from contracts.queries import card_terms, commercial_terms
from contracts.rules import commercials, errors, rate_cards

# A remark is for colleagues, and the state may change later.
LEFT_OUT = ("note", "status")


class InvalidTermsDocument(errors.InvalidInput):
    """A document that is not written as `export_terms` writes a version."""


@dataclass(frozen=True, kw_only=True)
class FrozenVersion:
    """The frozen terms of a version that was read from a document."""

    number: int
    currency: str
    is_voice_priced: bool
    card: rate_cards.RateCard
    around: commercials.CommercialTerms


def write_version(*, version: models.ContractVersion) -> dict[str, Any]:
    """Return a version in the shape of `export_terms`, its lists in stored order, which is the order of lines."""
    part = terms_parts.CONTRACT_VERSION
    written = terms_parts.write_row(part=part, row=version)
    for name, accessor, child in part.children:
        rows = getattr(version, accessor).all()
        rows = rows.order_by("pk") if name == "rate_card" else rows
        written[name] = [terms_parts.write_row(part=child, row=row) for row in rows]
    return {name: value for name, value in written.items() if name not in LEFT_OUT}


def freeze_version(*, content: Any) -> FrozenVersion:
    """Read a version in the shape of `export_terms` as frozen terms.

    Raises: InvalidTermsDocument with the place of the first fault.
    """
    reading = terms_reading.Reading()
    item = terms_reading.read_row(reading=reading, part=terms_parts.CONTRACT_VERSION, content=content, path=())
    if reading.faults or item is None:
        first = reading.faults[0]
        raise InvalidTermsDocument(first.message, path=first.path)
    stored = _as_stored(item)
    return FrozenVersion(
        number=stored.number,
        currency=stored.currency,
        is_voice_priced=stored.prices_voice,
        card=card_terms.freeze_card(rows=stored.rate_card_rows.all()),
        around=commercial_terms.freeze_commercials(version=stored),
    )


class _Rows(list[Any]):
    """Rows that answer as a stored list does."""

    def all(self) -> "_Rows":
        return self


def _as_stored(item: terms_reading.Item) -> Any:
    """Return a row that was read with the attributes of a stored one; it is in no database."""
    made = SimpleNamespace()
    for one in item.part.fields:
        value = item.values[one.column]
        setattr(made, one.column, SimpleNamespace(code=value) if one.is_reference and value is not None else value)
    for name, accessor, _ in item.part.only:
        held = item.only[name]
        setattr(made, accessor, None if held is None else _as_stored(held))
    for name, accessor, _ in item.part.children:
        setattr(made, accessor, _Rows(_as_stored(child) for child in item.children[name]))
    return made
