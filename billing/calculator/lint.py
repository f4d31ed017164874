"""Lint a document: find its shape, build its terms, and say what would surprise somebody.

The terms are read by the calculator's own fields and checked by `contracts.rules.lint`; nothing needs a database.
"""

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from billing.calculator import lint_fields, pay_plan_fields, run
from billing.rules import money
from contracts.rules import errors, exact
from contracts.rules.lint import cards, dates, findings, plans, prices, shapes

KINDS = ("pay", "rate_card", "price")
CENTS = 2
VERSION_DEFAULTS = ("currency", "rule_pack", "lint")


@dataclass(frozen=True, kw_only=True)
class Linted:
    """What lint found in one document, and the currency of its amounts."""

    findings: tuple[findings.Finding, ...]
    currency: str | None

    def to_json(self) -> list[dict[str, Any]]:
        """Return the findings as plain JSON values."""
        return [_show(finding, self.currency) for finding in self.findings]


def lint_document(*, document: Any, today: date) -> list[Linted]:
    """Lint one document, or each of a list.

    Args:
        document: parsed JSON or YAML in a shape of docs/lint.md.
        today: the day on which a plan without a date is compared with pay law.

    Returns: one result per document, in order.
    Raises: UnableToCalculate with a path and a message for every fault of a document that cannot be read.
    Source: formats.md, `lint_plan`.
    """
    if not isinstance(document, list):
        return [_lint_one(document, today, ())]
    return [_lint_one(one, today, (place,)) for place, one in enumerate(document)]


def _lint_one(document: Any, today: date, outer: tuple[str | int, ...]) -> Linted:
    try:
        found, currency = _lint_any(document, today)
    except run.UnableToCalculate as refused:
        faults = [{**fault, "path": errors.point_to(path=outer) + fault["path"]} for fault in refused.faults]
        raise run.UnableToCalculate(faults) from refused
    ordered = sorted(found, key=lambda one: one.severity != "error")
    return Linted(findings=tuple(one.inside(*outer) for one in ordered), currency=currency)


def _lint_any(document: Any, today: date) -> tuple[list[findings.Finding], str | None]:
    if isinstance(document, Mapping) and "versions" in document:
        return _lint_versions(document, today)
    kind, given, inner = _find_kind(document)
    with _unwrapping(inner), run.telling_faults(document=given):
        read = lint_fields.MODELS[kind].model_validate(given)
        if isinstance(read, lint_fields.PlanDocument):
            found = _lint_plan(read, today)
        elif isinstance(read, lint_fields.CardDocument):
            found = cards.lint_rate_card(card=read.to_terms(), facts=read.to_facts())
        elif isinstance(read, lint_fields.PriceDocument):
            found = _lint_price(read)
        else:
            found = []
    # A bare plan or price was wrapped to be read; its own paths do not have the wrapping.
    return [_strip(one, inner) for one in found], read.currency


def _lint_plan(read: lint_fields.PlanDocument, today: date) -> list[findings.Finding]:
    found = plans.lint_pay_plan(terms=read.to_terms(), facts=read.to_facts(today=today))
    return [one if one.path[:1] == ("rule_pack",) else one.inside("plan") for one in found]


def _lint_price(read: lint_fields.PriceDocument) -> list[findings.Finding]:
    costs = read.lint.to_costs()
    place = costs.find_row(query_type=None, channel=None, outcome=None)
    facts = shapes.PriceFacts(
        count=read.lint.count,
        unit_cost=None if place is None else shapes.first_unit_amount(price=costs.rows[place].price),
        jump_max=read.lint.jump_max,
    )
    return prices.lint_price(price=read.price.to_terms(), steps=read.steps.to_terms(), facts=facts)


def _lint_versions(document: Mapping[str, Any], today: date) -> tuple[list[findings.Finding], str | None]:
    """Lint each version of one contract or plan, and their dates together."""
    unknown = [name for name in document if name not in ("versions", "name", *VERSION_DEFAULTS)]
    if unknown or not isinstance(document["versions"], list):
        where = f"/{unknown[0]}" if unknown else "/versions"
        message = "there is no such field here; see docs/lint.md" if unknown else "write a list here: values between [ and ]"
        raise run.UnableToCalculate([{"path": where, "message": message}])
    shared = {name: document[name] for name in VERSION_DEFAULTS if name in document}
    found: list[findings.Finding] = []
    spans = []
    for place, version in enumerate(document["versions"]):
        given = {**shared, **version} if isinstance(version, Mapping) else version
        inherited = [name for name in shared if isinstance(version, Mapping) and name not in version]
        with _pointing_at_shared(inherited, place):
            linted = _lint_one(given, today, ("versions", place))
        found += linted.findings
        starts, ends = _read_days(given)
        if starts is not None:
            path = ("versions", place)
            spans.append(dates.Span(label=f"version {place + 1}", path=path, effective_from=starts, effective_to=ends))
    return found + dates.lint_spans(spans=spans), document.get("currency")


@contextlib.contextmanager
def _pointing_at_shared(inherited: list[str], place: int) -> Iterator[None]:
    """Point faults of what a version has from beside the versions at where it was written."""
    try:
        yield
    except run.UnableToCalculate as refused:
        faults = []
        for fault in refused.faults:
            own = fault["path"].removeprefix(f"/versions/{place}")
            faults.append({**fault, "path": own} if own[1:].split("/")[0] in inherited else fault)
        raise run.UnableToCalculate(faults) from refused


def _read_days(version: Any) -> tuple[date | None, date | None]:
    """Read the days of a version that was read before, so that they are known to be days."""
    _, given, _ = _find_kind(version)
    read = lint_fields.DatedDocument.model_validate({name: given.get(name) for name in ("effective_from", "effective_to")})
    return read.effective_from, read.effective_to


def _find_kind(document: Any) -> tuple[str, dict[str, Any], str]:
    """Return the kind, the fields, and what a bare plan or price was wrapped in."""
    if not isinstance(document, Mapping):
        raise run.UnableToCalculate([{"path": "", "message": "a document is an object: a pay plan, a rate card or a price"}])
    given = {str(name): value for name, value in document.items() if name != "kind"}
    said = document.get("kind")
    if said is not None:
        if said not in KINDS:
            message = f"lint reads {', '.join(KINDS)}; it has nothing to say about {said!r}"
            raise run.UnableToCalculate([{"path": "/kind", "message": message}])
        return said, given, ""
    if "plan" in given:
        return "pay", given, ""
    if "rows" in given:
        return "rate_card", given, ""
    if isinstance(given.get("price"), Mapping):
        return "price", given, ""
    if "shape" in given:
        return "price", {"price": given}, "price"
    if given and set(given) & set(pay_plan_fields.PlanField.model_fields):
        return "pay", {"plan": given}, "plan"
    message = 'this is no pay plan, rate card or price; write "plan", "rows" or "price", or see docs/lint.md'
    raise run.UnableToCalculate([{"path": "", "message": message}])


@contextlib.contextmanager
def _unwrapping(inner: str) -> Iterator[None]:
    """Take what a bare plan or price was wrapped in out of the places of its faults."""
    try:
        yield
    except run.UnableToCalculate as refused:
        raise run.UnableToCalculate(
            [{**fault, "path": fault["path"].removeprefix(f"/{inner}" if inner else "")} for fault in refused.faults]
        ) from refused


def _strip(finding: findings.Finding, inner: str) -> findings.Finding:
    if not inner or finding.path[:1] != (inner,):
        return finding
    return dataclasses.replace(finding, path=finding.path[1:])


def _show(finding: findings.Finding, currency: str | None) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "code": finding.code,
        "severity": finding.severity,
        "path": errors.point_to(path=finding.path),
        "what": finding.what,
        "remedy": finding.remedy,
        "at_stake": None,
    }
    if finding.amount is not None:
        places = CENTS if currency is None else money.currency_places(currency=currency)
        shown["at_stake"] = {
            "amount": money.Round(places=places).format(finding.amount),
            "exact": exact.format_exact(value=finding.amount),
            "currency": currency,
            "of": finding.amount_of,
        }
    return shown
