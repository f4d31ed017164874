"""A posted March run whose payments can be ordered: two agents with an account, one without, and a company that pays."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from agents.models import Agent, User
from billing.models import BankAccount, PayoutItem, PayRun, Seller
from billing.operations import approve_pay_run, book_resolutions, calculate_pay_run, export_payout
from tests import factories
from tests.billing import billing_world, pay_world

PAYDAY = date(2016, 4, 7)
POSTED_AT = datetime(2016, 4, 5, 12, tzinfo=UTC)
ANSWERED_AT = datetime(2016, 4, 8, 12, tzinfo=UTC)
SELLER_IBAN = "DE89370400440532013000"
IBANS = ("GB82WEST12345698765432", "FR1420041010050500013M02606", "NL91ABNA0417164300")


@dataclass(kw_only=True)
class Payable:
    """What a test changes and asks for."""

    world: pay_world.World
    run: PayRun
    seller: Seller
    approver: User

    @property
    def items(self) -> dict[str, PayoutItem]:
        """The latest payment of each agent, by name."""
        return {item.settlement.agent.name: item for item in PayoutItem.objects.order_by("pk").select_related("settlement__agent")}

    def export(self, **changed: object) -> export_payout.Exported:
        """Order what is left."""
        values = {"pay_on": PAYDAY, "person": self.approver, "as_of": POSTED_AT, "seller_id": self.seller.pk}
        return export_payout.export_payout(run_id=self.run.pk, **{**values, **changed})  # type: ignore[arg-type]


def make_payable(*, names: tuple[str, ...] = ("Ada Byrne", "Zoë Łukasz", "No Account")) -> Payable:
    """Calculate, approve and post March; the last agent has no bank account."""
    world = pay_world.make_world()
    world.agents.clear()
    for name in names:
        agent = pay_world.add_agent(world, name=name)
        pay_world.work_a_week(agent, days=6)
        pay_world.resolve(world, agent, 4)
    for agent, iban in zip(world.agents[:-1], IBANS, strict=False):
        give_account(agent, iban)
    book_resolutions.book_resolutions(as_of=pay_world.AFTER_MARCH)
    calculate_pay_run.calculate_pay_run(site=world.site, period_start=factories.MARCH, as_of=pay_world.AFTER_MARCH)
    run = PayRun.objects.get()
    approver = factories.make_user(name="Ruth Adeyemi", roles=["approver"])
    approve_pay_run.approve_pay_run(run_id=run.pk, person=approver, as_of=pay_world.AFTER_MARCH)
    run = approve_pay_run.post_pay_run(run_id=run.pk, person=approver, as_of=POSTED_AT)
    seller = billing_world.make_seller()
    Seller.objects.filter(pk=seller.pk).update(iban=SELLER_IBAN)
    return Payable(world=world, run=run, seller=seller, approver=approver)


def give_account(agent: Agent, iban: str) -> BankAccount:
    """Enter where an agent's pay goes."""
    return BankAccount.objects.create(agent=agent, holder=agent.name, iban=iban, effective_from=date(2015, 1, 1))
