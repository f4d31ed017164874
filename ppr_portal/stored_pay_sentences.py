"""Stored sentences about money: why an agent could not be computed, what was posted, and what stands on lines of invoices."""

from django.utils.translation import gettext_noop

TEMPLATES = (
    # Why an agent could not be computed: billing/queries/pay_inputs, billing/rules/pay, billing/operations/settle_agents.py
    gettext_noop("{name} has no active pay plan in {month}; assign one and calculate again."),
    gettext_noop(
        "{name} has hours, cases or decided amounts of {month}, but is employed from {day} on; correct the first day or what is recorded, "
        "then calculate again. Who was hired again gets the new first day once this month is approved."
    ),
    gettext_noop(
        "The pay of {name} for {month} is approved already, and this month comes before it: its cases come with the next period once this "
        "run is approved; enter an adjustment for its hours."
    ),
    gettext_noop("{name} worked on after the final pay of {month} was calculated, which is approved; enter an adjustment for these hours."),
    gettext_noop("{name} changes from {before} to {after} on {day}, within {month}; let a new plan or version start with a pay period."),
    gettext_noop(
        "{name} has {count}, but {plan} has no tiers, so nothing says what they earn; make a version with a tier and put it in force from "
        "this pay period on."
    ),
    gettext_noop("1 verified resolution"),
    gettext_noop("{count} verified resolutions"),
    gettext_noop(
        "The settlement before hands on {what} in {currency}, but {plan} pays in {other}; keep a plan that pays in {same} until this is "
        "settled."
    ),
    gettext_noop(
        "A reversal of {name} takes back what was paid in {currency}, but {plan} pays in {other}; keep a plan that pays in {same} until "
        "the period after it, then calculate again."
    ),
    gettext_noop("The clock of the site that paid the period from {day} cannot be read: {reason} Mend the site, then calculate again."),
    gettext_noop(
        "What the settlement of the period from {day} hands on cannot be read ({fault}); restore its evidence from a backup, then "
        "calculate again."
    ),
    gettext_noop(
        "What earlier settlements held back does not add up to the balance that the last one hands on; calculate the open periods again "
        "in their order."
    ),
    gettext_noop("Resolutions name what is not there: {names}. Calculate again."),
    gettext_noop("There is no reference rate of {metric} for {month}; freeze the rates of the period and calculate again."),
    gettext_noop("There is no exchange rate from {currency} to {other} on {day}; add one that is in force from that day or before."),
    gettext_noop("There are two exchange rates from {currency} to {other} from {day} on; keep the right one."),
    gettext_noop("The credits of resolution {key} add up to {sum}; they may not exceed 1."),
    gettext_noop("Resolution {key} has no class, but the plan pays a fixed amount for each class; name it."),
    gettext_noop('The plan has no amount for class "{name}" of resolution {key}; add it to unit.amounts.'),
    gettext_noop("Resolution {key} has no {basis}, and the plan pays a share of it; hold it until it is priced."),
    gettext_noop("{count} lies beyond the last tier, which ends at {end}; add a tier with up_to null, so that no resolution is free."),
    gettext_noop("The workweek of {day} has a flat sum and overtime but no other hours to divide it by; check the hours."),
    gettext_noop("The workweek of {day} has paid recovery but no other hours to average pay over; add its time."),
    gettext_noop("The workweek of {day} has rest breaks but no other hours to average pay over; add them."),
    gettext_noop(
        "The plan takes nothing back: pay was earned when it was verified. Leave the reversal out, or use a plan with a clawback."
    ),
    gettext_noop("{amount} is more than the {held} that is held; give the holdback in balances, or correct the amount."),
    gettext_noop("This time does not end after it starts; correct one of the two."),
    gettext_noop("This time starts at {at}, before the {kind} until {until} has ended; no minute can be recorded twice."),
    gettext_noop("The {what} of {day} has {count} hours, more than a {same} holds; something is recorded twice."),
    gettext_noop("The closed week of {day} has {count} hours, too few for its overtime; correct it."),
    gettext_noop("{plan} has tiers with a share and tiers with an amount; write all of them the same way."),
    gettext_noop("An internal error stopped the calculation; the log of this run tells which. Nothing was paid for this agent."),
    gettext_noop("day"),
    gettext_noop("workweek"),
    # What a bank's answer says that cannot be taken: billing/operations/bank_answers.py, record_bank_answer.py
    gettext_noop("It names no reference."),
    gettext_noop("It names no end-to-end reference."),
    gettext_noop('"{status}" is no status; write {names}.'),
    gettext_noop('"{date}" is no day; write it as 2016-04-07.'),
    gettext_noop('"{code}" is no status code of ISO 20022 that is known here.'),
    gettext_noop("No payment of this run has this reference; it may belong to another run."),
    gettext_noop("It says {day}, which is before the order of {ordered} or after today, {today}."),
    gettext_noop("It says {day}, but it was {status} on {before}."),
    gettext_noop("The file says both that it was paid and that it came back; find out which is true."),
    gettext_noop("It came back before; a new order has a reference of its own."),
    # Transactions of the ledger: billing/operations
    gettext_noop("Credit note {number} on invoice {invoice}"),
    gettext_noop("Invoice {number} voided"),
    gettext_noop("Invoice {number} to {client}"),
    gettext_noop("Pay of {agent} for {month}"),
    gettext_noop("Pay of {agent} for {month} sent"),
    gettext_noop("Pay of {agent} returned by the bank: {reason}"),
    gettext_noop("Resolutions rated for {name}"),
    gettext_noop("{client} paid invoice {invoice}: {reference}"),
    gettext_noop("{client} paid in advance: {reference}"),
    # Lines of invoices: billing/rules/contract_period.py
    gettext_noop("Forecast floor"),
    gettext_noop("Additional volume"),
    gettext_noop("Reduced volume"),
    gettext_noop("Beyond the commitment"),
    gettext_noop("Minimum commitment"),
    gettext_noop("Service credit: {metric}"),
    gettext_noop("Earned back: {metric}"),
    gettext_noop("{count} of {forecast} forecast resolutions came; {percent} percent are paid for, so {missing} at {price} are added."),
    gettext_noop("{count} resolutions more than the dead band around {baseline} fall into band {number}, at {price} each."),
    gettext_noop("{count} resolutions fewer than the dead band around {baseline} fall into band {number}, at {price} each."),
    gettext_noop("{amount} lies beyond the commitment of {minimum} and costs {factor} times its price, {beyond}."),
    gettext_noop("{amount} of the commitment of {minimum} was not used up."),
    gettext_noop("{good} of {count} is below the promised {percent} percent of {metric}; the client is credited {amount}."),
    gettext_noop("{metric} was met in {count} periods in a row, so its credit of {amount} comes back."),
    gettext_noop("{amount} is below the minimum of {minimum} for {name}."),
    gettext_noop("{count} resolutions of {name} were rated at {amount}."),
    # What stands against making an invoice final: billing/queries/invoice_issues.py
    gettext_noop("{client} has no billing address yet; enter it in the administration under Buyers."),
    gettext_noop("It still collects what becomes known late, until {day}."),
    gettext_noop("Its corrections take back more than it charges; write a credit note on the earlier invoice instead."),
    gettext_noop("Case {key} was credited by {number} for dispute D-{pk} and falls by correction now; it would be given back twice."),
    gettext_noop(
        "{count} resolutions are held for a person, {amount} {currency} of it priced; they come as a correction once somebody decides."
    ),
    gettext_noop("{count} resolutions are held for a person; they come as a correction once somebody decides."),
    gettext_noop("{count} resolutions wait for their window to end; those that count are billed in the period they are verified in."),
    # How a price was made: billing/rules/prices
    gettext_noop("{count} less {free} free start {packages} packages of {size} at {price} each."),
    gettext_noop("{paid} of {count} events are billed, {amount} at {percent} percent, each with its fixed amount and limits."),
    gettext_noop("{count} of {all} units are not charged."),
    gettext_noop("{percent} percent off {amount}."),
    gettext_noop("{amount} is above the maximum of {maximum}."),
    gettext_noop("{amount} is below the minimum of {minimum}."),
)
