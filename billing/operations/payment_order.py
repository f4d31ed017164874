"""The order to the bank as ISO 20022 pain.001.001.09, checked against its schema before anybody gets it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from xml.etree import ElementTree

from sepaxml import SepaTransfer

SCHEMA = "pain.001.001.09"
SEPA_CURRENCY = "EUR"
# The library writes two decimals whatever the currency is.
PLACES_MAX = 2
NO_BANK_CODE = "NOTPROVIDED"


@dataclass(frozen=True, kw_only=True)
class Account:
    """Whose account it is; the bank code is empty where the number says it."""

    holder: str
    iban: str
    bic: str


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """One payment: to whom, how many hundredths of the major unit, its reference, and the words that the payee reads."""

    payee: Account
    hundredths: int
    reference: str
    words: str


def write_payment_order(
    *, message: str, payer: Account, currency: str, pay_on: date, made_at: datetime, transfers: Sequence[Transfer]
) -> bytes:
    """Write the order of one currency, as SEPA where that is euro and as a domestic transfer elsewhere.

    Args:
        message: name of the order, at most 35 characters; the bank repeats it.
        payer: the account that pays.
        currency: of all transfers.
        pay_on: when the bank is to carry it out.
        made_at: business instant that stands in the file.
        transfers: one or more, of more than zero.

    Returns: the file. Names are written in the letters that banks take.
    Raises: sepaxml.validation.ValidationError if it does not follow the schema.
    Source: ISO 20022, pain.001.001.09.
    """
    config: dict[str, Any] = {"name": payer.holder, "IBAN": payer.iban, "currency": currency, "batch": True}
    config |= {"BIC": payer.bic} if payer.bic else {}
    order = _Order({**config, "domestic": currency != SEPA_CURRENCY}, message=message, made_at=made_at)
    for transfer in transfers:
        payment: dict[str, Any] = {
            "name": transfer.payee.holder,
            "IBAN": transfer.payee.iban,
            "amount": transfer.hundredths,
            "execution_date": pay_on,
            "description": transfer.words,
            "endtoend_id": transfer.reference,
        }
        order.add_payment(payment | ({"BIC": transfer.payee.bic} if transfer.payee.bic else {}))
    return bytes(order.export(validate=True))


class _Order(SepaTransfer):  # type: ignore[misc]
    """The library's order under a name and an instant of ours, where it would make them up."""

    def __init__(self, config: dict[str, Any], *, message: str, made_at: datetime) -> None:
        self._message, self._made_at = message, made_at
        super().__init__(config, schema=SCHEMA)

    def _create_header(self) -> None:
        self.msg_id = self._message
        super()._create_header()
        for node in self._xml.iter("CreDtTm"):
            node.text = self._made_at.isoformat(timespec="seconds")

    def _finalize_batch(self) -> None:
        super()._finalize_batch()
        for node in self._xml.iter("PmtInfId"):
            node.text = self._message
        for node in self._xml.iter("DbtrAgt"):
            institution = node.find("FinInstnId")
            if institution is not None and not len(institution):
                other = ElementTree.SubElement(institution, "Othr")
                ElementTree.SubElement(other, "Id").text = NO_BANK_CODE
