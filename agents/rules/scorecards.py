"""What the answers of a reviewer add up to: weights of a scorecard, critical items, and what was not asked for in a contact."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from contracts.rules import errors, exact

YES, PARTLY, NO, NOT_ASKED = "yes", "partly", "no", "none"
VALUES: Mapping[str, Fraction] = MappingProxyType({YES: Fraction(1), PARTLY: Fraction(1, 2), NO: Fraction(0)})
HUNDRED = Fraction(100)


class InvalidScorecard(errors.InvalidInput):
    """Items whose weights are not one in all, or that stand twice."""


class InvalidAnswers(errors.InvalidInput):
    """Answers that are missing, unknown, or that leave nothing to score."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One item of a scorecard; its weight is a part of the whole score."""

    code: str
    weight: Fraction
    is_critical: bool = False


@dataclass(frozen=True, kw_only=True)
class Points:
    """What an item brought of the points it could bring; both are zero where it was not asked for."""

    code: str
    points: Fraction
    possible: Fraction


@dataclass(frozen=True, kw_only=True)
class CardScore:
    """The QA score, 0 to 100, with the points of each item, and which critical items failed."""

    score: int
    is_passed: bool
    points: tuple[Points, ...]
    failed_critical: tuple[str, ...]


def check_items(*, items: tuple[Item, ...]) -> None:
    """Refuse items that stand twice, weigh nothing, or do not weigh one together.

    Raises: InvalidScorecard.

    >>> check_items(items=(Item(code="1", weight=Fraction(3, 4)), Item(code="2", weight=Fraction(1, 4))))
    """
    codes = [item.code for item in items]
    if len(set(codes)) < len(codes):
        raise InvalidScorecard("An item stands twice in the scorecard; leave one out.", path=("items",))
    if any(item.weight <= 0 for item in items):
        raise InvalidScorecard("Each item of a scorecard weighs more than nothing; give it a weight or leave it out.", path=("items",))
    whole = sum((item.weight for item in items), Fraction(0))
    if whole != 1:
        shown = exact.format_exact(value=whole * HUNDRED)
        raise InvalidScorecard(f"The items weigh {shown} percent together, and must weigh 100; change a weight.", path=("items",))


def score_answers(*, items: tuple[Item, ...], answers: Mapping[str, str], pass_score: int) -> CardScore:
    """Score a contact: weights times answers, over the weights of what was asked for; a critical no makes it zero.

    Args:
        items: of one scorecard version, weighing one together.
        answers: "yes", "partly", "no" or "none" (not asked for in this contact) by item code; one for each item.
        pass_score: least score that passes, 1 to 100.

    Returns: the score rounded once, half up, to a whole number; points are exact.
    Raises: InvalidScorecard, InvalidAnswers.
    Source: issue "The portal", scorecards with weights and critical items; mockup lead-review.

    >>> card = (Item(code="1", weight=Fraction(3, 4), is_critical=True), Item(code="2", weight=Fraction(1, 4)))
    >>> score_answers(items=card, answers={"1": "yes", "2": "partly"}, pass_score=85).score
    88
    >>> score_answers(items=card, answers={"1": "no", "2": "yes"}, pass_score=85).score
    0
    """
    check_items(items=items)
    _check_answers(items, answers, pass_score)
    asked = sum((item.weight for item in items if answers[item.code] != NOT_ASKED), Fraction(0))
    if asked == 0:
        raise InvalidAnswers("Nothing of the scorecard was asked for in this contact; answer at least one item.", path=("answers",))
    points = tuple(_points(item, answers[item.code], asked) for item in items)
    failed = tuple(item.code for item in items if item.is_critical and answers[item.code] == NO)
    score = 0 if failed else int(exact.round_exact(value=sum((found.points for found in points), Fraction(0)), places=0))
    return CardScore(score=score, is_passed=not failed and score >= pass_score, points=points, failed_critical=failed)


def _points(item: Item, answer: str, asked: Fraction) -> Points:
    if answer == NOT_ASKED:
        return Points(code=item.code, points=Fraction(0), possible=Fraction(0))
    possible = item.weight / asked * HUNDRED
    return Points(code=item.code, points=possible * VALUES[answer], possible=possible)


def _check_answers(items: tuple[Item, ...], answers: Mapping[str, str], pass_score: int) -> None:
    if not 1 <= pass_score <= 100:
        raise InvalidScorecard(f"A review passes from a score between 1 and 100 on, not from {pass_score}.", path=("pass_score",))
    missing = [item.code for item in items if item.code not in answers]
    if missing:
        count = f"{len(missing)} items have" if len(missing) > 1 else "1 item has"
        raise InvalidAnswers(f"{count} no answer; answer each, or say that it was not asked for.", path=("answers", missing[0]))
    strange = next((code for code in answers if code not in {item.code for item in items}), None)
    if strange is not None:
        raise InvalidAnswers(f'"{strange}" is no item of this scorecard version; leave it out.', path=("answers", strange))
    for code, answer in answers.items():
        if answer not in VALUES and answer != NOT_ASKED:
            raise InvalidAnswers(f'"{answer}" is no answer; say yes, partly, no or none.', path=("answers", code))
