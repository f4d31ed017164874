"""A calculation told rung by rung: the same object computes an amount and shows how."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, Self

from contracts.rules import errors

Sign = Literal["", "×", "÷", "+", "−", "≥", "≤", "±"]
ZERO, ONE = Fraction(0), Fraction(1)


class UnableToRecompute(errors.InvalidInput):
    """A line whose stored inputs do not hold what its rule reads."""


@dataclass(frozen=True, kw_only=True)
class Rung:
    """One rung: what was done with which input, and the result after it."""

    sign: Sign
    key: str
    value: Fraction
    result: Fraction


class Ladder:
    """Climb from a first value by named inputs; `value` is where it stands, `rungs` is how it came there."""

    def __init__(self, inputs: Mapping[str, Fraction]) -> None:
        self._inputs = inputs
        self.value = ZERO
        self.rungs: list[Rung] = []

    def start(self, key: str) -> Self:
        """Stand on an input."""
        return self._step("", key, self._read(key), self._read(key))

    def times(self, key: str) -> Self:
        """Multiply by an input."""
        return self._step("×", key, self._read(key), self.value * self._read(key))

    def times_excess(self, key: str) -> Self:
        """Multiply by what an input, a multiplier, is above one."""
        excess = self._read(key) - ONE
        return self._step("×", key, excess, self.value * excess)

    def over(self, key: str) -> Self:
        """Divide by an input."""
        return self._step("÷", key, self._read(key), self.value / self._read(key))

    def plus(self, key: str) -> Self:
        """Add an input; nothing if it is not there."""
        return self._step("+", key, self._inputs[key], self.value + self._inputs[key]) if key in self._inputs else self

    def less(self, key: str) -> Self:
        """Subtract an input; nothing if it is not there."""
        return self._step("−", key, self._inputs[key], self.value - self._inputs[key]) if key in self._inputs else self

    def plus_product(self, key: str, rate_key: str) -> Self:
        """Add the product of two inputs."""
        product = self._read(key) * self._read(rate_key)
        return self._step("+", key, product, self.value + product)

    def at_least(self, key: str) -> Self:
        """Lift to an input, if it is there."""
        return self._step("≥", key, self._inputs[key], max(self.value, self._inputs[key])) if key in self._inputs else self

    def at_most(self, key: str) -> Self:
        """Lower to an input, if it is there."""
        return self._step("≤", key, self._inputs[key], min(self.value, self._inputs[key])) if key in self._inputs else self

    def at_least_zero(self) -> Self:
        """Lift to zero."""
        return self._step("≥", "zero", ZERO, ZERO) if self.value < 0 else self

    def negate(self) -> Self:
        """Turn into what is taken away."""
        return self._step("±", "taken", self.value, -self.value)

    def has(self, key: str) -> bool:
        """Say whether an input is there."""
        return key in self._inputs

    def _read(self, key: str) -> Fraction:
        if key not in self._inputs:
            raise UnableToRecompute(f'The stored inputs lack "{key}", so this amount cannot be recomputed; calculate the line again.')
        return self._inputs[key]

    def _step(self, sign: Sign, key: str, value: Fraction, result: Fraction) -> Self:
        self.value = result
        self.rungs.append(Rung(sign=sign, key=key, value=value, result=result))
        return self
