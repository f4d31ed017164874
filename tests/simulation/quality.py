"""What chance does to multipliers: for every possible count of successes the real rule is asked, and weighted by its probability.

So nothing is drawn by lot. Only probabilities are floats; scores and multipliers come from the rules, exactly.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from agents.rules import scores
from contracts.rules import pay_plans

# A customer is as easily pleased as the class says, whoever answers.
REFERENCES: Mapping[str, Mapping[str, Fraction]] = {
    "csat": {"easy": Fraction(93, 100), "hard": Fraction(77, 100)},
    "qa": {"easy": Fraction(95, 100), "hard": Fraction(85, 100)},
}
POOLS = {"csat": Fraction(87, 100), "qa": Fraction(91, 100)}
# Share of easy cases among an agent's.
MIXES: Mapping[str, Fraction] = {"mostly easy": Fraction(9, 10), "as everybody": Fraction(5, 8), "mostly hard": Fraction(1, 10)}
CERTAIN = 1e-9


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What an agent may expect: the mean multiplier, and how likely it is below one."""

    multiplier: float
    below_one: float


def outcome_of(
    *, terms: pay_plans.QualityTerms, observed: Mapping[str, int], easy_share: Fraction, quality: Fraction = Fraction(0)
) -> Outcome:
    """Return an agent's expectation under a plan.

    Args:
        terms: curve, weights, prior strength and least count.
        observed: how many results of each metric; 0 is missing.
        easy_share: part of them on easy cases.
        quality: how much better than the class's rate the agent truly is, on every class; 0 is as expected.
    """
    codes = [code for code, count in observed.items() if count and terms.weights.get(code, 1)]
    spreads = {code: _successes(_classes(code, observed[code], easy_share), quality) for code in codes}
    mean = below = 0.0
    for picked in product(*(spreads[code] for code in codes)):
        probability = 1.0
        for _, part in picked:
            probability *= part
        metrics = tuple(
            _metric(code, observed[code], easy_share, successes, terms) for code, (successes, _) in zip(codes, picked, strict=True)
        )
        multiplier = scores.score_quality(metrics=metrics, weights=terms.weights, curve=terms.curve, n_min=terms.n_min).multiplier
        mean += probability * float(multiplier)
        below += probability * (multiplier < 1)
    return Outcome(multiplier=mean, below_one=below)


def spread_of(outcomes: Iterable[Outcome]) -> float:
    """Return the largest difference of expected multipliers, as a part of the smallest."""
    found = [outcome.multiplier for outcome in outcomes]
    return (max(found) - min(found)) / min(found)


def _classes(code: str, count: int, easy_share: Fraction) -> Sequence[tuple[str, int, Fraction]]:
    easy = round(count * easy_share)
    return [("easy", easy, REFERENCES[code]["easy"]), ("hard", count - easy, REFERENCES[code]["hard"])]


def _successes(classes: Sequence[tuple[str, int, Fraction]], quality: Fraction) -> list[tuple[int, float]]:
    """Return how likely each count of successes is: one observation after the other."""
    chances = [1.0]
    for _, count, reference in classes:
        rate = float(min(Fraction(1), max(Fraction(0), reference + quality)))
        for _ in range(count):
            chances = [before * rate + here * (1 - rate) for before, here in zip([0.0, *chances], [*chances, 0.0], strict=True)]
    return [(count, chance) for count, chance in enumerate(chances) if chance > CERTAIN]


def _metric(code: str, count: int, easy_share: Fraction, successes: int, terms: pay_plans.QualityTerms) -> scores.Metric:
    """Build the metric as the portal does, from its classes; how the successes lie in them changes nothing."""
    left, classes = successes, []
    for name, observed, reference in _classes(code, count, easy_share):
        taken = min(left, observed)
        left -= taken
        if observed:
            classes.append(scores.ClassResult(code=name, n=Fraction(observed), successes=Fraction(taken), reference=reference))
    return scores.metric_of_classes(code=code, classes=tuple(classes), pool=POOLS[code], prior_strength=terms.prior_strength)
