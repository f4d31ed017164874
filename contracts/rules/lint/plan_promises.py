"""Lint of what a plan promises beside unit pay: fair quality, legal hourly pay, a draw that ends."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import isqrt

from contracts.rules import errors, exact, pay_plans, quality_curve, rule_packs
from contracts.rules.lint import findings, plan_units

ZERO, ONE = Fraction(0), Fraction(1)
WEEK_HOURS = Fraction(40)

# The code of a rule pack that a document gives as numbers.
IN_DOCUMENT = "document"

# One agent in twenty is further below than so many standard deviations by chance alone.
ONE_IN_TWENTY = Fraction("1.645")
ROOT_PLACES = 10**6
SCORE_PLACES = 3

# Hours in which an agent waits or works without resolving anything; pure piece pay leaves them without a rate of their own.
WAITING = ("available_waiting", "nonproductive", "system_boot", "training")


def lint_promises(*, terms: pay_plans.PayTerms, facts: plan_units.PlanFacts = plan_units.NOTHING_KNOWN) -> list[findings.Finding]:
    """Find quality that punishes the expected, hourly pay under the law, and draws that never end.

    Args:
        terms: the plan.
        facts: what is known of pools, pay law and dates.

    Returns: findings with paths inside the plan.
    Source: design.md sections 6 to 8; pay_rules.md section 0, decisions 1 and 2; peers.md section e7.

    >>> endless = pay_plans.Draw(minimum=Fraction(350), recoverable=True, recovery_share=ZERO)
    >>> [found.code for found in lint_promises(terms=pay_plans.PayTerms(draw=endless))]
    ['draw_without_end']
    """
    found = _lint_quality(terms.quality, facts) if terms.quality else []
    if terms.draw is not None:
        found += _lint_draw(terms, terms.draw)
    if facts.pack is not None:
        found += _lint_law(terms, facts.pack, facts)
    return found


def _lint_quality(quality: pay_plans.QualityTerms, facts: plan_units.PlanFacts) -> list[findings.Finding]:
    found = []
    total = sum(quality.weights.values(), ZERO)
    if quality.weights and total != ONE:
        found.append(_tell_weights(total))
    curve = quality.curve
    if curve.low.multiplier == 0:
        found.append(
            findings.Finding(
                code="pays_nothing",
                severity="error",
                path=("quality", "low", "multiplier"),
                what="The lowest multiplier is 0: below that score, quality takes back all pay for verified resolutions.",
                remedy="Raise the lowest multiplier; 0.8 is the default.",
                amount=Fraction(100),
                amount_of="for each 100.00 of resolution pay",
            )
        )
    if curve.high.multiplier < 1:
        return [*found, _tell_expected(curve.high.multiplier, "even the best score", "error")]
    pools = {code: pool for code, pool in facts.pools.items() if quality.weights.get(code, ONE) > 0}
    return found + (_lint_pools(quality, pools) if pools else [])


def _lint_pools(quality: pay_plans.QualityTerms, pools: dict[str, Fraction]) -> list[findings.Finding]:
    weights = {code: quality.weights.get(code, ONE) for code in pools}
    composite = sum((weights[code] * pool for code, pool in pools.items()), ZERO) / sum(weights.values(), ZERO)
    multiplier = quality_curve.multiplier_at(curve=quality.curve, score=composite)
    if multiplier < 1:
        return [_tell_expected(multiplier, f"the pool score {findings.show_percent(composite)}", "error")]
    found = []
    for code, pool in sorted(pools.items()):
        alone = quality_curve.multiplier_at(curve=quality.curve, score=pool)
        if alone < 1:
            found.append(_tell_expected(alone, f"the pool score {findings.show_percent(pool)} of {code} alone", "warning"))
    return found or _lint_chance(quality, pools)


def _lint_chance(quality: pay_plans.QualityTerms, pools: Mapping[str, Fraction]) -> list[findings.Finding]:
    """Find a curve so near the pool that chance alone takes pay from agents who are exactly as expected.

    Chance moves a score most at as many results as the prior counts for, or at the least count that may lower pay: the
    deviation of a rate p over n results is √(n·p·(1 − p)) ÷ (n + prior).
    """
    prior = quality.prior_strength
    count = max(prior, quality.n_min, ONE)
    unlucky = {}
    for code, pool in pools.items():
        root = Fraction(isqrt(int(count * pool * (1 - pool) * ROOT_PLACES**2)), ROOT_PLACES)
        unlucky[code] = exact.round_exact(value=pool - ONE_IN_TWENTY * root / (count + prior), places=SCORE_PLACES)
    worst = {code: quality_curve.multiplier_at(curve=quality.curve, score=score) for code, score in unlucky.items()}
    code = min(worst, key=lambda one: (worst[one], one))
    if worst[code] >= 1:
        return []
    score = findings.show_percent(unlucky[code])
    return [
        findings.Finding(
            code="beaten_by_chance",
            severity="warning",
            path=("quality", "low", "score"),
            what=f"Chance defeats this curve: of agents who are exactly as expected in {code} ({findings.show_percent(pools[code])}), "
            f"one in twenty scores {score} or less with {findings.show_count(count)} results, and the multiplier there is "
            f"{findings.show_count(worst[code])}.",
            remedy=f"Let the curve give 1 at {score} or lower, or let the prior count for more results.",
            amount=(1 - worst[code]) * 100,
            amount_of="for each 100.00 of resolution pay, for one in twenty who did nothing wrong",
        )
    ]


def _tell_expected(multiplier: Fraction, where: str, severity: findings.Severity) -> findings.Finding:
    lost = (1 - multiplier) * 100
    return findings.Finding(
        code="punishes_expected",
        severity=severity,
        path=("quality", "high" if where == "even the best score" else "low", "multiplier" if where == "even the best score" else "score"),
        what=f"An agent who is exactly as expected loses: at {where}, the multiplier is {findings.show_count(multiplier)}.",
        remedy="Move the curve's scores down, or its multipliers up, until it gives at least 1 at the pool.",
        amount=lost,
        amount_of="for each 100.00 of resolution pay",
    )


def _tell_weights(total: Fraction) -> findings.Finding:
    return findings.Finding(
        code="weights",
        severity="error",
        path=("quality", "weights"),
        what=f"The quality weights add up to {findings.show_percent(total)}: what an agent reads is not what counts.",
        remedy="Make the weights add up to 100%.",
    )


def _lint_draw(terms: pay_plans.PayTerms, draw: pay_plans.Draw) -> list[findings.Finding]:
    if not draw.recoverable or not draw.minimum:
        return []
    only_variable = not terms.base_hourly and terms.salary is None and not terms.guaranteed_hourly and not terms.category_rates
    if draw.recovery_share == 0:
        path, why = "recovery_share", "its recovery share is 0, so nothing is ever repaid"
    elif terms.cap_amount is not None and terms.cap_amount <= draw.minimum and only_variable:
        path, why = "minimum", f"the cap of {findings.show_amount(terms.cap_amount)} leaves no excess to repay it from"
    else:
        return []
    return [
        findings.Finding(
            code="draw_without_end",
            severity="error",
            path=("draw", path),
            what=f"The draw of {findings.show_amount(draw.minimum)} is recoverable, but {why}: the debt grows without end.",
            remedy="Set a recovery share above 0, lift the cap above the draw, or make the draw non-recoverable: then it is a guarantee.",
            amount=draw.minimum,
            amount_of="per period, at most",
        )
    ]


def _lint_law(terms: pay_plans.PayTerms, pack: rule_packs.RulePack, facts: plan_units.PlanFacts) -> list[findings.Finding]:
    found = _lint_pure_piece(terms, pack)
    if facts.effective_from is None or not pack.min_wages:
        return found
    wages = _wages_in_force(pack, facts)
    if not wages:
        return [*found, _tell_no_wage(pack, facts)]
    highest = max(wages, key=lambda wage: wage.rate)
    return found + [
        _tell_under(path, rate, highest, pack, is_error) for path, rate, is_error in _hourly_promises(terms, pack) if rate < highest.rate
    ]


def _wages_in_force(pack: rule_packs.RulePack, facts: plan_units.PlanFacts) -> list[rule_packs.DatedRate]:
    """Return the minimum wage on the first day, and those that begin while the plan is in force."""
    first = facts.effective_from
    if first is None:
        return []
    before = [wage for wage in pack.min_wages if wage.starts_on <= first][-1:]
    return before + [
        wage for wage in pack.min_wages if wage.starts_on > first and (facts.effective_to is None or wage.starts_on < facts.effective_to)
    ]


def _hourly_promises(terms: pay_plans.PayTerms, pack: rule_packs.RulePack) -> Iterable[tuple[tuple[errors.PathPart, ...], Fraction, bool]]:
    """Give each hourly rate that is promised, and whether one under the minimum wage is an error and not only lifted."""
    is_tested_by_hour = pack.floor_mode == "per_hour_category"
    highest = max(wage.rate for wage in pack.min_wages)
    is_lifted = not is_tested_by_hour and terms.guaranteed_hourly is not None and terms.guaranteed_hourly >= highest
    if terms.guaranteed_hourly:
        yield ("guaranteed_hourly",), terms.guaranteed_hourly, True
    if terms.base_hourly:
        yield ("base_hourly",), terms.base_hourly, not is_lifted
    for category, rate in terms.category_rates.items():
        yield ("category_rates", category), rate, is_tested_by_hour
    if terms.salary is not None:
        yield ("salary", "amount"), terms.salary.weekly / (terms.salary.hours or WEEK_HOURS), True


def _tell_under(
    path: tuple[errors.PathPart, ...], rate: Fraction, wage: rule_packs.DatedRate, pack: rule_packs.RulePack, is_error: bool
) -> findings.Finding:
    missing = wage.rate - rate
    since = f"from {wage.starts_on}" if wage.starts_on.year > 1 else "as the document says"
    return findings.Finding(
        code="under_minimum_wage",
        severity="error" if is_error else "warning",
        path=path,
        what=f"An hour is promised {findings.show_amount(rate)}. The minimum wage of {_name(pack)} is "
        f"{findings.show_amount(wage.rate)} {since}; the difference is {findings.show_amount(missing)} an hour, "
        f"{findings.show_amount(missing * WEEK_HOURS)} in a week of 40 hours.",
        remedy=f"Promise at least {findings.show_amount(wage.rate)} an hour.",
        amount=missing,
        amount_of="per hour",
    )


def _tell_no_wage(pack: rule_packs.RulePack, facts: plan_units.PlanFacts) -> findings.Finding:
    return findings.Finding(
        code="minimum_wage_unknown",
        severity="warning",
        path=("rule_pack",),
        what=f"Rule pack {pack.code} knows no minimum wage on {facts.effective_from}; its first is from {pack.min_wages[0].starts_on}. "
        "What the plan promises could not be compared with it, and a pay run on that day is refused.",
        remedy="Start the version later, or add the minimum wage of that day to the rule pack.",
    )


def _lint_pure_piece(terms: pay_plans.PayTerms, pack: rule_packs.RulePack) -> list[findings.Finding]:
    if terms.base_hourly or terms.salary is not None or (terms.category_rates and all(terms.category_rates.get(name) for name in WAITING)):
        return []
    if pack.floor_mode == "per_hour_category":
        return [
            findings.Finding(
                code="pure_piece_pay",
                severity="error",
                path=("base_hourly",),
                what=f"The plan pays only by the piece. Under {_name(pack)}, pay for resolutions does not pay for the hours between them: "
                "each waiting, training or rest hour needs its own hourly pay, and no top-up at the end can make up for it.",
                remedy="Give the plan base pay for every clocked hour at or above the minimum wage, or a rate for each waiting category.",
                amount=_wage_now(pack),
                amount_of="per waiting hour, at least" if pack.min_wages else "",
            )
        ]
    if terms.guaranteed_hourly or terms.draw is not None or pack.min_wages:
        return []
    return [
        findings.Finding(
            code="hours_without_pay",
            severity="warning",
            path=("base_hourly",),
            what="An agent who resolves nothing in an hour gets nothing for it: no base pay, no guarantee, "
            f"and {_name(pack)} has no minimum wage.",
            remedy="Give the plan base pay for every clocked hour, or a guaranteed hourly pay.",
        )
    ]


def _wage_now(pack: rule_packs.RulePack) -> Fraction | None:
    return pack.min_wages[-1].rate if pack.min_wages else None


def _name(pack: rule_packs.RulePack) -> str:
    return "this rule pack" if pack.code == IN_DOCUMENT else pack.code
