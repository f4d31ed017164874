"""A rule pack as people read it: each number with its dates, where it stands, and how sure we are of it."""

from dataclasses import dataclass

from django.utils.translation import gettext

from contracts import reading
from contracts import rule_packs as shipped
from contracts.queries import law_names
from contracts.rules import rule_packs
from contracts.translation import gettext_lazy as _

STATUS = {
    "verified": _("Verified: read in an official source"),
    "secondary": _("Not verified: read in a secondary source"),
    "recalled": _("Not verified: not opened"),
}
ALWAYS = _("always")


def name_version(*, version: str) -> str:
    """Return a stored version of a pack by its title in the reader's language: United States, federal, 2026.1.

    >>> name_version(version="us-federal 2026.1")
    'United States, federal, 2026.1'
    """
    code, _space, number = version.partition(" ")
    return f"{gettext(shipped.title_of(code=code))}, {number}" if number else version


@dataclass(frozen=True, kw_only=True)
class PackNumber:
    """One number of a pack, in words."""

    name: str
    value: str
    starts_on: str
    status: str
    is_verified: bool
    citation: str


@dataclass(frozen=True, kw_only=True)
class PackWords:
    """A pack with those that apply beside it."""

    code: str
    title: str
    version: str
    numbers: tuple[PackNumber, ...]
    not_covered: tuple[str, ...]


def describe_pack(*, pack: rule_packs.RulePack) -> PackWords:
    """Return a pack in words; where several packs apply together, all their numbers stand here and the most protective one counts."""
    numbers = tuple(
        PackNumber(
            name=law_names.name_parameter(parameter=number.parameter),
            value=law_names.write_value(parameter=number.parameter, value=number.value, pack=pack.code),
            starts_on=reading.write_day(number.starts_on) if number.starts_on else str(ALWAYS),
            status=STATUS[number.status],
            is_verified=number.is_verified,
            citation=number.citation,
        )
        for number in pack.numbers
    )
    return PackWords(
        code=pack.code,
        title=gettext(pack.title) if pack.title else "",
        version=pack.version,
        numbers=numbers,
        not_covered=tuple(law_names.tell_gap(sentence=sentence) for sentence in pack.not_covered),
    )
