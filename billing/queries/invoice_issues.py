"""What a person must look at before a draft invoice can be final."""

import zoneinfo
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from django.db.models import F, Sum

from agents.models import Hold, Resolution
from billing.models import BillChange, Dispute, Invoice
from billing.rules import money
from contracts.rules.sentences import sentence


@dataclass(frozen=True, kw_only=True)
class Issue:
    """One finding: a blocker must be mended, a note is to be known."""

    code: str
    level: Literal["blocker", "note"]
    words: str

    def as_json(self) -> dict[str, str]:
        """Return it as it is stored with the invoice."""
        return asdict(self)


def find_issues(*, invoice: Invoice, as_of: datetime) -> list[Issue]:
    """Return what stands against making a draft final, blockers first.

    Args:
        invoice: a draft with its sums, saved or about to be.
        as_of: business instant.
    """
    return [*find_blockers(invoice=invoice, as_of=as_of), *_given_back_twice(invoice), *_waiting(invoice)]


def find_now(*, invoice: Invoice, as_of: datetime) -> list[Issue]:
    """Return what stands against a draft by what is known now, with the notes of when it was written, which take long to find.

    Args:
        invoice: a draft, with its contract and client.
        as_of: business instant.
    """
    notes = (Issue(**issue) for issue in invoice.issues if issue["level"] == "note")
    return [*find_blockers(invoice=invoice, as_of=as_of), *notes]


def find_blockers(*, invoice: Invoice, as_of: datetime) -> list[Issue]:
    """Return what has to be mended before a draft can be final; nothing more is read for it.

    Args:
        invoice: a draft with its sums, its contract and client.
        as_of: business instant.
    """
    zone = zoneinfo.ZoneInfo(invoice.contract.timezone)
    today = as_of.astimezone(zone).date()
    found = []
    if invoice.seller_id is None:
        words = sentence(
            "{client} has no billing address yet; enter it in the administration under Buyers.", client=invoice.contract.client.name
        )
        found.append(Issue(code="no_buyer", level="blocker", words=words))
    if today < invoice.grace_until:
        words = sentence("It still collects what becomes known late, until {day}.", day=f"{invoice.grace_until:%B %-d, %Y}")
        found.append(Issue(code="collecting", level="blocker", words=words))
    if invoice.gross_micros < 0:
        words = sentence("Its corrections take back more than it charges; write a credit note on the earlier invoice instead.")
        found.append(Issue(code="below_zero", level="blocker", words=words))
    return found


def _given_back_twice(invoice: Invoice) -> list[Issue]:
    """Return the cases that a dispute credited and that fall by correction now: they would be given back a second time."""
    others = {"invoice__contract": invoice.contract_id, "credit_note__isnull": False}
    falling = {"resolution__booked_lines__amount_micros__lt": 0, "resolution__booked_lines__invoiced": None}
    own = Dispute.objects.filter(**others, **falling, resolution__booked_lines__booked_at__gt=F("answered_at")).exclude(invoice=invoice.pk)
    changed = BillChange.objects.filter(**others, **falling, resolution__booked_lines__booked_at__gt=F("approved_at"))
    shown = ("credit_note__number", "resolution__case__key")
    found = {*own.values_list("pk", *shown), *changed.exclude(invoice=invoice.pk).values_list("dispute", *shown)}
    return [
        Issue(
            code="given_back_twice",
            level="note",
            words=sentence(
                "Case {key} was credited by {number} for dispute D-{pk} and falls by correction now; it would be given back twice.",
                key=key,
                number=number,
                pk=str(pk),
            ),
        )
        for pk, number, key in sorted(found)
    ]


def _waiting(invoice: Invoice) -> list[Issue]:
    """Return what may still change the period: resolutions held for a person, and windows that are open."""
    resolutions = Resolution.objects.filter(
        case__contract=invoice.contract_id, resolved_at__date__gte=invoice.period_start, resolved_at__date__lt=invoice.period_end
    )
    found = []
    holds = Hold.objects.filter(resolution__in=resolutions, released_at=None, currency__in=("", invoice.currency))
    held = holds.values("resolution").distinct().count()
    if held:
        at_stake = holds.aggregate(total=Sum("amount_micros", default=0))["total"]
        words = (
            sentence(
                "{count} resolutions are held for a person, {amount} {currency} of it priced; "
                "they come as a correction once somebody decides.",
                count=f"{held:,}",
                amount=_grouped(at_stake, invoice.currency),
                currency=invoice.currency,
            )
            if at_stake
            else sentence("{count} resolutions are held for a person; they come as a correction once somebody decides.", count=f"{held:,}")
        )
        found.append(Issue(code="held", level="note", words=words))
    pending = resolutions.filter(state="pending").count()
    if pending:
        words = sentence(
            "{count} resolutions wait for their window to end; those that count are billed in the period they are verified in.",
            count=f"{pending:,}",
        )
        found.append(Issue(code="pending", level="note", words=words))
    return found


def _grouped(micros: int, currency: str) -> str:
    """Write an amount with the decimals of its currency and groups of thousands."""
    rounding = money.Round(places=money.currency_places(currency=currency))
    whole, point, cents = rounding.format(money.from_micros(micros=micros)).partition(".")
    return f"{int(whole):,}{point}{cents}"
