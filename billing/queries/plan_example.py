"""A worked example of a pay plan: a month of plain facts, run through the same pipeline as every settlement."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction

from django.utils.translation import gettext as _

from agents.rules import scores
from billing.queries import line_labels
from billing.queries.class_names import load_class_names
from billing.rules import money, periods
from billing.rules.pay import earnings, facts, gather, pipeline, settlements, workweeks
from contracts import models as stored
from contracts import reading
from contracts import rule_packs as shipped_packs
from contracts.queries import plan_example, terms
from contracts.rules import classes, errors, exact, quality_curve

RESOLUTIONS = 120
PRICE = Fraction(12, 5)
DAYS, HOURS = 20, Fraction(8)
# A product stays on one line.
TIMES = "\u00a0×\u00a0"
OBSERVED, FAVORABLE, EXPECTED = Fraction(100), Fraction(92), Fraction(22, 25)


def example_of(version: stored.PayPlanVersion) -> plan_example.Example:
    """Compute what a plan version would pay for a plain month; a plan that cannot pay says why."""
    try:
        plan = terms.load_plan_terms(version_ids=[version.pk])[version.pk]
        period = _period(version.effective_from, plan.workweek_starts_on)
        pack = shipped_packs.load_rule_pack(code=plan.rule_pack, on=period.start)
        code = _class_code(plan)
        pay_terms = plan.pay_for_classes(class_codes={code: code})
        gathered = gather.gather_facts(raw=_facts(plan, period, code), terms=pay_terms, pack=pack, period=period, currency=plan.currency)
        rounding = money.Round(places=money.currency_places(currency=plan.currency))
        paid = pipeline.compute_agent(terms=pay_terms, pack=pack, period=period, facts=gathered, rounding=rounding)
    except errors.InvalidInput as refused:
        return plan_example.Example(refusal=refused.message)
    names = load_class_names()
    lines = tuple(_line(line, plan.currency, lambda code: names.name(code=code)) for line in paid.lines)
    return plan_example.Example(story=_story(plan, paid), lines=lines, total=_show(paid.total, plan.currency), currency=plan.currency)


def _period(effective_from: date, weekday: int) -> workweeks.PayPeriod:
    found = periods.period_of_day(day=effective_from, calendar="month")
    if found.start_date < effective_from:
        found = periods.period_of_day(day=found.end_date, calendar="month")
    return workweeks.PayPeriod(start=found.start_date, end=found.end_date, weekday=weekday)


def _class_code(plan: terms.PlanTerms) -> str:
    unit = plan.pay.unit
    return next(iter(unit.amounts)) if unit is not None and unit.amounts else classes.ANY_CLASS


def _facts(plan: terms.PlanTerms, period: workweeks.PayPeriod, code: str) -> gather.RawFacts:
    days = [period.start + timedelta(days=count) for count in range((period.end - period.start).days)]
    worked = [day for day in days if day.isoweekday() <= 5][:DAYS]
    at = [datetime.combine(worked[place % len(worked)], time(12), UTC) for place in range(RESOLUTIONS)]
    return gather.RawFacts(
        agent="example",
        time=tuple(facts.TimeSum(category="productive", day=day, hours=HOURS) for day in worked),
        credits=tuple(
            facts.Credit(resolution=f"{place:03}", verified_at=instant, price=PRICE, list_price=PRICE, class_code=code)
            for place, instant in enumerate(at)
        ),
        metrics=_metrics(plan),
    )


def _metrics(plan: terms.PlanTerms) -> tuple[scores.Metric, ...]:
    quality = plan.pay.quality
    if quality is None:
        return ()
    prior = quality.prior_strength if quality else quality_curve.PRIOR_STRENGTH_DEFAULT
    result = scores.ClassResult(code=classes.ANY_CLASS, n=OBSERVED, successes=FAVORABLE, reference=EXPECTED)
    return tuple(
        scores.metric_of_classes(code=code, classes=(result,), pool=EXPECTED, prior_strength=prior) for code in sorted(quality.weights)
    )


def _story(plan: terms.PlanTerms, paid: settlements.AgentPay) -> str:
    price = (
        ""
        if plan.basis == "fixed" or plan.pay.unit is None
        else _(" with a price of %(price)s %(currency)s each") % {"price": _show(PRICE, plan.currency), "currency": plan.currency}
    )
    told = _("You work %(days)s days of %(format_exact)s hours, and %(resolutions)s of your resolutions%(price)s are verified.") % {
        "days": DAYS,
        "format_exact": exact.format_exact(value=HOURS),
        "resolutions": RESOLUTIONS,
        "price": price,
    }
    if plan.pay.quality is None or paid.evidence.multiplier is None:
        return told
    return _("%(told)s Of each %(format_exact)s results %(format_exact_2)s are good, where %(format_exact_3)s were expected.") % {
        "told": told,
        "format_exact": exact.format_exact(value=OBSERVED),
        "format_exact_2": exact.format_exact(value=FAVORABLE),
        "format_exact_3": exact.format_exact(value=EXPECTED * 100),
    }


def _line(line: earnings.Line, currency: str, name: Callable[[str], str]) -> plan_example.ExampleLine:
    label = (
        name(line.inputs["class"])
        if line.kind == "unit" and line.inputs.get("class", classes.ANY_CLASS) != classes.ANY_CLASS
        else line_labels.tell_label(line.label)
    )
    if line.kind == "unit" and line.inputs.get("class") == classes.ANY_CLASS:
        label = _("Resolutions")
    return plan_example.ExampleLine(label=label, how=_how(line, currency), amount=_show(line.amount, currency))


def _how(line: earnings.Line, currency: str) -> str:
    """Write what is multiplied: a count or hours with a price, or pay with a share of it; a product only where it is the amount."""
    if line.kind in ("floor", "draw") and not line.amount:
        return _("tested, not needed")
    if line.quantity is None or line.rate is None or line.quantity * line.rate != line.exact:
        return ""
    if line.kind == "quality":
        return f"{_show(line.quantity, currency)}{TIMES}{_short(line.rate * 100)}%"
    return f"{_short(line.quantity)}{TIMES}{_price(line.rate, currency)}"


def _price(rate: Fraction, currency: str) -> str:
    """Write a price like money, and one of a part of a cent with its decimals."""
    return _show(rate, currency) if (rate * 10 ** money.currency_places(currency=currency)).denominator == 1 else _short(rate)


def _short(value: Fraction) -> str:
    """Write a number as people read it: at most four decimals."""
    return reading.write_number(exact.format_exact(value=exact.round_exact(value=value, places=4)))


def _show(amount: Fraction, currency: str) -> str:
    whole, point, decimals = exact.format_places(value=amount, places=money.currency_places(currency=currency)).partition(".")
    sign = "−" if whole.startswith("-") else ""
    grouped = f"{int(whole.removeprefix('-')):,}"
    return f"{sign}{reading.write_number(grouped + point + decimals)}"
