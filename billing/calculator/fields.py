"""Field types of calculator documents: strict, exact, and explained to the person who mistyped."""

import functools
import re
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from fractions import Fraction
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    StrictBool,
    StrictInt,
    WithJsonSchema,
    model_validator,
)

from billing.rules import explain, money
from contracts.rules import exact

PLACES_MAX = 30
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

_NUMBER = r"(\d+(\.\d*)?|\.\d+|\d+/\d+)"
_NUMBER_SCHEMA = {"type": ["string", "integer"], "pattern": rf"^\s*[+-]?{_NUMBER}\s*$", "examples": ["1.10", "7/12"]}
# Minus zero is zero.
_NOT_NEGATIVE_SCHEMA = {**_NUMBER_SCHEMA, "pattern": rf"^\s*(\+?{_NUMBER}|-(0+(\.0*)?|\.0+|0+/\d+))\s*$", "minimum": 0}
_POSITIVE = r"(\d*[1-9]\d*(\.\d*)?|\d*\.\d*[1-9]\d*|\d*[1-9]\d*/\d+)"
_POSITIVE_SCHEMA = {**_NUMBER_SCHEMA, "pattern": rf"^\s*\+?{_POSITIVE}\s*$", "exclusiveMinimum": 0}


def _read_exact(value: Any) -> Fraction:
    if isinstance(value, Fraction):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return exact.parse_exact(text=str(value))
    if isinstance(value, str):
        return exact.parse_exact(text=value)
    if value is None:
        raise ValueError('a number is needed here, such as "1.10" or "7/12"')
    raise ValueError('write numbers as text, such as "1.10" or "7/12", so that no digit is lost')


def _read_code(value: Any) -> Any:
    """Take an empty text for a field that was left out: as a code it would quietly fit nothing."""
    return None if isinstance(value, str) and not value.strip() else value


def _refuse_negative(value: Fraction) -> Fraction:
    if value < 0:
        raise ValueError("must be zero or more")
    return value


def _refuse_zero(value: Fraction) -> Fraction:
    if value <= 0:
        raise ValueError("must be more than zero")
    return value


def _check_currency(value: str) -> str:
    money.currency_places(currency=value)
    return value


def _only_instant(value: Any) -> Any:
    if not isinstance(value, datetime) and not (isinstance(value, str) and _INSTANT.match(value)):
        raise ValueError("write an instant as ISO 8601 text with an offset, such as 2026-10-06T14:03:00-04:00")
    return value


def _only_day(value: Any) -> Any:
    if isinstance(value, datetime) or not (isinstance(value, date) or (isinstance(value, str) and _DAY.fullmatch(value))):
        raise ValueError("write a day as YYYY-MM-DD, such as 2026-10-05")
    return value


Exact = Annotated[
    Fraction,
    PlainValidator(_read_exact),
    PlainSerializer(lambda value: exact.format_exact(value=value), return_type=str),
    WithJsonSchema(_NUMBER_SCHEMA),
]
# A code, or nothing: any.
Code = Annotated[str | None, BeforeValidator(_read_code)]
NonNegative = Annotated[Exact, AfterValidator(_refuse_negative), WithJsonSchema(_NOT_NEGATIVE_SCHEMA)]
Positive = Annotated[Exact, AfterValidator(_refuse_zero), WithJsonSchema(_POSITIVE_SCHEMA)]
Currency = Annotated[str, AfterValidator(_check_currency), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{3}$", "examples": ["USD"]})]
Instant = Annotated[AwareDatetime, BeforeValidator(_only_instant)]
Day = Annotated[date, BeforeValidator(_only_day)]
Places = Annotated[StrictInt, Field(ge=-PLACES_MAX, le=PLACES_MAX)]


@functools.cache
def _defaulted(model: type[BaseModel]) -> frozenset[str]:
    """Return the fields of a model that have a default and for which null means nothing."""
    fields = ((field.alias or name, field) for name, field in model.model_fields.items() if not field.is_required())
    return frozenset(name for name, field in fields if field.annotation is not Any and type(None) not in get_args(field.annotation))


class Document(BaseModel):
    """A part of a calculator document. An unknown field is refused: a typo must not change pay."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    @model_validator(mode="before")
    @classmethod
    def _read_null_as_missing(cls, data: Any) -> Any:
        """Give an optional field that is null its default, where null has no meaning of its own."""
        if not isinstance(data, Mapping):
            return data
        defaulted = _defaulted(cls)
        return {key: value for key, value in data.items() if value is not None or key not in defaulted}


class TermsField(Document):
    """A part that checks its own terms, so that a document's contradictions are told together with its other faults."""

    @abstractmethod
    def to_terms(self) -> object:
        """Return the frozen terms."""

    @model_validator(mode="after")
    def _check_terms(self) -> Self:
        self.to_terms()
        return self


class RoundField(Document):
    """How results are rounded: decimals to keep (negative: to tens, hundreds ...) and which way."""

    places: Places | None = None
    mode: Literal["half_up", "half_even", "ceiling", "floor"] = "half_up"


class KindDocument(Document):
    """A whole document: with `explain`, its answer tells the steps."""

    explain: StrictBool = False


class MoneyDocument(KindDocument):
    """A document about money: its currency, how results are rounded, and whether to explain."""

    currency: Currency
    round: RoundField = RoundField()

    @property
    def rounding(self) -> money.Round:
        """The rounding of every result of this document."""
        places = self.round.places if self.round.places is not None else money.known_places(currency=self.currency)
        return money.Round(places=places, mode=self.round.mode)


def amount_of(*, value: Fraction, rounding: money.Round) -> dict[str, str]:
    """Return a result as the document shows it: `amount` rounded and `exact` unrounded."""
    return {"amount": rounding.format(value), "exact": exact.format_exact(value=value)}


def tell_rounding(*, value: Fraction, rounding: money.Round) -> explain.Step:
    """Tell how an exact result became the amount."""
    ways = {"half_up": "half away from zero", "half_even": "half to even", "ceiling": "up", "floor": "down"}
    return explain.Step(
        rule="round",
        inputs={"exact": value, "places": rounding.places, "mode": rounding.mode},
        result=rounding.format(value),
        words=f"{exact.format_exact(value=value)} rounded {ways[rounding.mode]} to {rounding.places} places is {rounding.format(value)}.",
    )


def tell_total(*, inputs: Mapping[str, explain.Shown], amount: Fraction, rounding: money.Round, words: str) -> explain.Step:
    """Tell how amounts that are shown became the main result; the last step of an explanation.

    Args:
        inputs: what the total comes from, by name.
        amount: the main result, rounded.
        rounding: how the document shows it.
        words: how the inputs became it; the sentence goes on with the amount.
    """
    return explain.Step(rule="total", inputs=inputs, result=rounding.format(amount), words=f"{words} {rounding.format(amount)}.")


def explained(*, answer: dict[str, Any], document: KindDocument, steps: Iterable[explain.Step]) -> dict[str, Any]:
    """Add the explanation to an answer where the document asks for it."""
    return {**answer, "explanation": explain.show_steps(steps)} if document.explain else answer


def amounts_of(*, amount: Fraction, exact_amount: Fraction, rounding: money.Round) -> dict[str, str]:
    """Return a result whose rounded amount is not simply its exact one rounded, such as a sum of rounded lines."""
    return {"amount": rounding.format(amount), "exact": exact.format_exact(value=exact_amount)}
