from billing.models.booking import BookedLine, PackedPrices
from billing.models.corrections import Adjustment, Reversal
from billing.models.dispute_effects import BillChange, DisputeAttachment
from billing.models.disputes import Dispute, DisputeComment, DisputeTerms
from billing.models.documents import Document
from billing.models.exchange_rates import ExchangeRate
from billing.models.invoices import (
    Buyer,
    CreditNote,
    CreditNoteLine,
    Invoice,
    InvoicedBooking,
    InvoiceLine,
    NumberSeries,
    Payment,
    Seller,
)
from billing.models.ledger import Account, LedgerEntry, LedgerTransaction
from billing.models.pay_reads import PayRead
from billing.models.pay_runs import ApprovalLimit, PayRun, PayRunShard, VarianceThreshold
from billing.models.payouts import BankAccount, BankAnswer, Payout, PayoutItem, StatementNotice
from billing.models.settlements import Earning, Settlement, SettlementLine
from billing.models.shadow import ShadowLine, ShadowRun
from billing.models.value import ValueCount

__all__ = [
    "Account",
    "Adjustment",
    "ApprovalLimit",
    "BankAccount",
    "BankAnswer",
    "BillChange",
    "BookedLine",
    "Buyer",
    "CreditNote",
    "CreditNoteLine",
    "Dispute",
    "DisputeAttachment",
    "DisputeComment",
    "DisputeTerms",
    "Document",
    "Earning",
    "ExchangeRate",
    "Invoice",
    "InvoiceLine",
    "InvoicedBooking",
    "LedgerEntry",
    "LedgerTransaction",
    "NumberSeries",
    "PackedPrices",
    "PayRead",
    "PayRun",
    "PayRunShard",
    "Payment",
    "Payout",
    "PayoutItem",
    "Reversal",
    "Seller",
    "Settlement",
    "SettlementLine",
    "ShadowLine",
    "ShadowRun",
    "StatementNotice",
    "ValueCount",
    "VarianceThreshold",
]
