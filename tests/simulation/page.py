"""Writes docs/fairness.md: what the simulations measure, in words and figures."""

import textwrap
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from contracts.rules import pay_plans
from tests.simulation import hours, plans, quality

PAGE = Path(__file__).resolve().parents[2] / "docs" / "fairness.md"
COUNTS = (5, 19, 20, 25, 40, 50, 100, 200)
GOOD = Fraction(5, 100)

HEAD = """# Fairness, measured

What chance, case mix and ambition do to pay, worked out with the real rules. `.venv/bin/python -m tests.simulation` writes this
page anew, and `tests/simulation/` holds the claims; a test fails when a figure here is no longer what the rules give. Nothing is
drawn by lot: for every possible count of successes the rule is asked, and weighted by its probability.

The cases: easy ones please customers 93% of the time, hard ones 77%, whoever answers; the pool is 87% (QA: 95%, 85%, 91%). A prior
of 50 results, and 20 results below which quality cannot lower pay.

## Nobody loses for hard cases or few surveys

Agents who are exactly as good as expected, with surveys alone, the noisiest score there is. Each cell is the multiplier to expect,
and in brackets how likely chance pushes it under 1.
"""


def write() -> str:
    """Return the page."""
    return "\n".join([HEAD, *_quality(), *_good_agents(), *_hours()]) + "\n"


def _quality() -> Iterator[str]:
    for plan in plans.demo_plans():
        assert plan.terms.quality is not None
        yield f"### {plan.code.capitalize()} plan of the demo\n"
        yield from _table(plan.terms.quality)
    yield "### A curve that gives exactly 1 a little below the pool\n"
    yield _prose(
        "A new plan version starts with 76% to 96%, which is 1 at 86%. With a pool of 87% this is too narrow for "
        "surveys alone: a part of the agents who are as expected would lose, and the agents protected below 20 results "
        "would be better off than those above."
    )
    yield from _table(pay_plans.QualityTerms(curve=plans.default_curve(), weights={"csat": Fraction(1)}))
    yield _prose(
        "**How to choose a curve.** Let it be 1 about five points below the lowest pool of its metrics. Chance moves a "
        "score most at as many results as the prior counts for, by √(rate × (1 − rate) ÷ 200) with a prior of 50; five "
        "points are 1.65 of that for a rate of 79%. Metrics in one plan need pools near each other: a missing metric is "
        "left out, so with pools of 41% and 87% an agent without surveys would be measured by the lower one alone. That "
        "is why first contact resolution has weight 0 in the demo's care plan. It is shown, and pays nothing."
    )


def _table(terms: pay_plans.QualityTerms) -> Iterator[str]:
    yield "| Answers | " + " | ".join(quality.MIXES) + " | Largest difference |"
    yield "|---|" + "---|" * (len(quality.MIXES) + 1)
    for count in COUNTS:
        found = [quality.outcome_of(terms=terms, observed={"csat": count}, easy_share=share) for share in quality.MIXES.values()]
        cells = " | ".join(f"{one.multiplier:.4f} ({one.below_one:.1%})" for one in found)
        yield f"| {count} | {cells} | {quality.spread_of(found):.2%} |"
    yield ""


def _good_agents() -> Iterator[str]:
    yield "## What few results cost a very good agent\n"
    yield _prose(
        "Shrinkage is the price of this: an agent who is truly better shows it only as results come in. Five points "
        "better on every class, care plan, surveys alone. Case mix changes nothing here either; the count does, by "
        "design."
    )
    terms = plans.demo_plans()[0].terms.quality
    assert terms is not None
    yield "| Answers | " + " | ".join(quality.MIXES) + " |"
    yield "|---|" + "---|" * len(quality.MIXES)
    for count in (20, 50, 100, 200):
        found = [
            quality.outcome_of(terms=terms, observed={"csat": count}, easy_share=share, quality=GOOD) for share in quality.MIXES.values()
        ]
        yield f"| {count} | " + " | ".join(f"{one.multiplier:.4f}" for one in found) + " |"
    yield ""


def _hours() -> Iterator[str]:
    yield "## Who wants nothing but pay still rests\n"
    yield _prose(
        "An agent tries every schedule of 4 to 16 hours a day, 4 to 7 days a week, with and without breaks, five weeks "
        "long. The guardrails stop her where they would stop anybody; what is left is paid by the pay pipeline under "
        "`us-federal`. Two assumptions: nobody tires, or each hour since the last break yields 3% less."
    )
    yield "| Plan | Tiring | Chosen | Hours in the five weeks | Breaks | Limits broken | Most pay without breaks |"
    yield "|---|---|---|---|---|---|---|"
    for plan in plans.demo_plans():
        for tired in (Fraction(0), hours.TIRED):
            best = hours.choose(plan=plan, tired=tired)
            without = max(hours.pay(plan=plan, schedule=one, tired=tired) for one in hours.schedules() if not one.takes_breaks)
            weeks = ", ".join(f"{float(one):g}" for one in best.worked.hours_by_week)
            yield (
                f"| {plan.code} | {float(tired):.0%} an hour | {best.schedule.shift_hours} h, {best.schedule.days} days | {weeks} "
                f"| {'taken' if best.schedule.takes_breaks else 'skipped'} | {', '.join(hours.harms(best.worked)) or 'none'} "
                f"| {float(without / best.pay - 1):+.2%} |"
            )
    yield ""
    yield _prose(
        "She works as much as the limits allow, 48 hours a week on average, and not an hour beyond: a stop ends the "
        "shift, so that planning longer days, or more of them, brings nothing more. Breaks pay for themselves: rest is "
        "paid, and time on a break is not used up by the weekly limit. What this does not show: people want more than "
        "pay, and an employer could assign the whole 48 hours, which no plan prevents. Without breaks the most she can "
        "earn is what the last column says."
    )


def _prose(text: str) -> str:
    return textwrap.fill(text, width=140, break_long_words=False) + "\n"
