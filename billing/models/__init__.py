from billing.models.booking import BookedLine
from billing.models.corrections import Adjustment, Dispute, Reversal
from billing.models.pay_runs import PayRun, PayRunShard
from billing.models.settlements import Earning, Settlement, SettlementLine

__all__ = ["Adjustment", "BookedLine", "Dispute", "Earning", "PayRun", "PayRunShard", "Reversal", "Settlement", "SettlementLine"]
