"""Model rows as the frozen terms that rules read.

Representation: stored micros become exact fractions of the major unit (micros / 1,000,000), stored basis points exact
parts of one (bp / 10,000), stored bounds whole units. Nothing is rounded on the way. Each loader takes all the versions
that a caller needs and reads them in a fixed number of queries.
"""

import zoneinfo
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from contracts import models
from contracts.queries import card_terms, commercial_terms, kept, plan_terms
from contracts.rules import commercials, errors, rate_cards

# Both sides of a promise are read here.
PlanTerms = plan_terms.PlanTerms
load_plan_terms = plan_terms.load_plan_terms
load_plans = plan_terms.load_plans


@dataclass(frozen=True, kw_only=True)
class ContractTerms:
    """What one contract version prices, and the stored row behind each row of its card.

    Args:
        version_id: the contract version.
        label: client, contract and version as people read them.
        currency: of every price.
        zone: days and billing months are counted in it.
        is_voice_priced: whether a voice resolution may have a price at all.
        card: the rate card.
        row_ids: the stored row of each row of the card, in order.
        around: what surrounds the card: commitment, floor, bands, service credits, taxes, the billing calendar.
    """

    version_id: int
    label: str
    currency: str
    zone: zoneinfo.ZoneInfo
    is_voice_priced: bool
    card: rate_cards.RateCard
    row_ids: tuple[int, ...]
    around: commercials.CommercialTerms = commercials.NOTHING_AGREED

    def find_row_id(self, *, query_type: str | None, channel: str | None, outcome: str | None) -> int | None:
        """Return the stored row that prices a resolution of this class, the most specific one, or None."""
        position = self.card.find_row(query_type=query_type, channel=channel, outcome=outcome)
        return None if position is None else self.row_ids[position]

    @property
    def prices(self) -> Mapping[int, rate_cards.Price]:
        """The price of each stored row."""
        return {row_id: row.price for row_id, row in zip(self.row_ids, self.card.rows, strict=True)}

    @property
    def steps(self) -> Mapping[int, rate_cards.PriceSteps]:
        """What surrounds the price of each stored row."""
        return {row_id: row.steps for row_id, row in zip(self.row_ids, self.card.rows, strict=True)}


def load_contract_terms(*, version_ids: Collection[int], stamps: Mapping[int, str] | None = None) -> dict[int, ContractTerms]:
    """Read contract versions as frozen terms: in one query where they are kept, else in a fixed number.

    Args:
        version_ids: the versions.
        stamps: of those in force, for who has read them already, as `kept.read_stamps` returns them.

    Raises: InvalidInput, inside the version's label, if stored rows make no valid card.
    """
    known = kept.read_stamps(of=kept.CONTRACT_STAMPS, version_ids=version_ids) if stamps is None else stamps
    found = _kept.find(stamps=known)
    missing = set(version_ids) - set(found)
    if missing:
        read = _read_contract_terms(missing)
        _kept.keep(stamps=known, entries=read)
        found |= read
    return {version_id: found[version_id] for version_id in sorted(found)}


def _read_contract_terms(version_ids: Collection[int]) -> dict[int, ContractTerms]:
    versions = commercial_terms.with_commercials(models.ContractVersion.objects.filter(pk__in=version_ids)).order_by("pk")
    rows: dict[int, list[models.RateCardRow]] = defaultdict(list)
    found = models.RateCardRow.objects.filter(version__in=version_ids).select_related("query_type", "channel")
    for row in found.prefetch_related("tiers").order_by("version", "pk"):
        rows[row.version_id].append(row)
    return {version.pk: _contract_terms(version, rows[version.pk]) for version in versions}


def _contract_terms(version: models.ContractVersion, rows: Iterable[models.RateCardRow]) -> ContractTerms:
    rows = list(rows)
    try:
        card = card_terms.freeze_card(rows=rows)
        around = commercial_terms.freeze_commercials(version=version)
    except errors.InvalidInput as refused:
        raise refused.inside(str(version)) from refused
    return ContractTerms(
        version_id=version.pk,
        label=str(version),
        currency=version.currency,
        zone=zoneinfo.ZoneInfo(version.contract.timezone),
        is_voice_priced=version.prices_voice,
        card=card,
        row_ids=tuple(row.pk for row in rows),
        around=around,
    )


KEPT_MAX = 256
_kept: kept.Kept[ContractTerms] = kept.Kept(most=KEPT_MAX)
