"""Cases that a present invoice or payslip counts and ours does not: what is known of each, and why it is not in the sum."""

import zoneinfo
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from fractions import Fraction

import polars as pl

from agents.models import Case, Source
from billing.models import Invoice
from billing.queries import evidence as evidence_queries
from billing.queries.shadow.match import Surplus
from billing.rules import evidence

# Why a case does not count, by the reasons that evidence gives; every other reason is the code of an exclusion.
REASONS = {
    **dict.fromkeys(("pending", "verified_later"), "window_open"),
    "reopened": "reopened",
    **dict.fromkeys(("cap_once_per_case", "cap_customer_day"), "capped"),
    **dict.fromkeys(("no_price", "voice_not_priced", "beyond_last_tier", "no_value"), "no_price"),
    "counted_elsewhere": "other_period",
    "no_solution": "no_solution",
    "not_booked": "held_here",
    "counted": "twice_there",
    "reduced_price": "twice_there",
}
AT_ONCE = 10_000


def find_cases(*, texts: Collection[str], contract_id: int | None = None) -> dict[str, int]:
    """Return the case that each text names, by its number or by source and number; unknown ones are left out.

    Args:
        texts: as they stand in the file.
        contract_id: whose case it is where two sources have the same number.
    """
    sources = dict(Source.objects.values_list("code", "pk"))
    wanted = {text for text in texts if text}
    bare = {text.partition("/")[2]: text for text in wanted if text.partition("/")[0] in sources}
    found: dict[str, int] = {}
    keys = sorted(wanted | set(bare))
    for start in range(0, len(keys), AT_ONCE):
        cases = Case.objects.filter(source__in=sources.values(), key__in=keys[start : start + AT_ONCE])
        for pk, key, code, contract in cases.order_by("pk").values_list("pk", "key", "source__code", "contract_id"):
            text = f"{code}/{key}" if f"{code}/{key}" in wanted else key
            if text in wanted and (text not in found or contract == contract_id):
                found[text] = pk
    return found


def explain_cases(*, invoice: Invoice, case_ids: Collection[int]) -> dict[int, Surplus]:
    """Say of cases why an invoice does not bill them, in some queries whatever their number.

    Args:
        invoice: ours.
        case_ids: cases that exist, and that it does not bill.
    """
    facts = _frame(invoice)
    in_period = {row["case_key"]: row for row in facts.iter_rows(named=True)}
    found: dict[int, Surplus] = {}
    cases = Case.objects.filter(pk__in=list(case_ids)).select_related("source", "contract__client")
    for case in cases.iterator():
        row = in_period.get(f"{case.source.code}/{case.key}")
        if case.contract_id != invoice.contract_id:
            found[case.pk] = Surplus(code="other_party", facts={"party": str(case.contract.client)})
        elif row is None:
            found[case.pk] = Surplus(code="other_period", facts={})
        else:
            found[case.pk] = _surplus(row, invoice)
    return found


def _frame(invoice: Invoice) -> pl.DataFrame:
    """Return the last row of each case of the invoice's own period that does not count."""
    period = evidence.StatedPeriod(start=invoice.period_start, end=invoice.period_end, versions=())
    cases = evidence_queries.read_cases(contract=invoice.contract, currency=invoice.currency, periods=[period], terms_by_version={})
    return cases.sort("number", nulls_last=False).unique("case_key", keep="last", maintain_order=True)


def _surplus(row: Mapping[str, object], invoice: Invoice) -> Surplus:
    reason = str(row["reason"])
    code = REASONS.get(reason, "excluded")
    facts: dict[str, Fraction | str] = {"reason": reason}
    at = row["window_us"] if reason == "pending" else row["verified_us"] if code in ("window_open", "other_period") else row["reopened_us"]
    if isinstance(at, int):
        zone = zoneinfo.ZoneInfo(invoice.contract.timezone)
        facts["day"] = datetime.fromtimestamp(at // 1_000_000, tz=UTC).astimezone(zone).date().isoformat()
    resolution_id = row["resolution_id"]
    return Surplus(code=code, facts=facts, resolution_id=resolution_id if isinstance(resolution_id, int) else None)
