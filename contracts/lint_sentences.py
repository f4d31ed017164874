"""What lint finds, told in the reader's language: the sentences of contracts/rules/lint, found again by their words."""

from django.utils.translation import gettext_noop

from contracts import retold

TEMPLATES = (
    gettext_noop("{name}:"),
    gettext_noop("1 case"),
    gettext_noop("{count} cases"),
    gettext_noop("quarter"),
    gettext_noop("period"),
    # Rate cards
    gettext_noop("{name} has no price. Last {period} had {cases} of it: they would be resolved and not invoiced."),
    gettext_noop(
        "{name} has no price. Last {period} had {cases} of it, and working on them costs us {cost}: they would be resolved and "
        "not invoiced."
    ),
    gettext_noop("Add a row for {name}, or one for any query type and any channel."),
    gettext_noop("at last {period}'s volume"),
    gettext_noop("No row prices {names}. A case of that kind would be resolved and not invoiced."),
    gettext_noop("Add a row for any query type and any channel, or one for each of these."),
    gettext_noop(
        "{name} has a price, but this version does not price voice: phone cases are held, or billed without anybody having agreed to it."
    ),
    gettext_noop("Say that the version prices voice (prices_voice), or take the row out."),
    gettext_noop("per phone case"),
    gettext_noop("This row names no channel, so it prices {name} too: {cases} of last {period}. This version does not price voice."),
    gettext_noop("Name the channels that have a price, or say that the version prices voice (prices_voice) and give it a row."),
    gettext_noop("at last {period}'s volume and the first price"),
    gettext_noop("any query type"),
    gettext_noop("This version prices voice, but {what} by phone has no price of its own: it falls to this row for any channel."),
    gettext_noop("Add a row for the phone channel, even if the price is the same."),
    gettext_noop("The rate card has no rows: nothing that is resolved can be invoiced."),
    gettext_noop("Add at least one row."),
    # Commercial terms
    gettext_noop("A part of the forecast is paid for at least, but no forecast is stored, so nothing is ever added."),
    gettext_noop("Add the forecast of each billing period, or take the floor out."),
    gettext_noop("per missing resolution"),
    gettext_noop("1 row"),
    gettext_noop("{count} rows"),
    gettext_noop("a forecast floor"),
    gettext_noop("a volume baseline"),
    gettext_noop("service credits"),
    gettext_noop("forecast floor"),
    gettext_noop("volume baseline"),
    gettext_noop(
        "{rows} of {name} cannot take effect, because the version has no {needs}: nobody would be charged or credited what they say."
    ),
    gettext_noop("Add {needs}, or take the {name} out."),
    gettext_noop("The forecast from {day} starts no billing period ({calendar}), so it is never compared with anything."),
    gettext_noop("Give the first day of the billing period."),
    gettext_noop("What goes beyond the commitment costs only {percent} of its price: the busier the client, the less each case brings."),
    gettext_noop("Set the factor to at least 100 percent, or give the discount in the tiers where everybody sees it."),
    gettext_noop("if as much again as the commitment comes"),
    gettext_noop("Service credits are agreed, but no service level is promised, so nothing is ever credited."),
    gettext_noop("Add a service level, or take the service credits out."),
    gettext_noop(
        "If every level is missed, the credits come to {together} of what is at risk; the cap of {cap} of the charges cuts "
        "them, so the last misses cost nothing more."
    ),
    gettext_noop("Lower pools or allocations until they add up to 100 percent, if each miss is meant to count."),
    gettext_noop("cut off for each 100.00 charged"),
    gettext_noop("The level for {metric} is met at any rate, because its target is 0%."),
    gettext_noop("Set the rate that was promised."),
    gettext_noop(
        "The billing calendar changes on {day}, within a billing period of the calendar before or of the new one: cases of that "
        "period would be on no invoice, or its minimum on two."
    ),
    gettext_noop("Let the version begin on {day}, the first day after it on which both calendars begin a period, or keep the calendar."),
    gettext_noop("Keep the billing calendar, or count its weeks from a day on which the calendar before begins a period."),
    # Costs
    gettext_noop(
        "{subject}: from here on a resolved case costs the client nothing, and an agent whose pay is a share of the price gets "
        "nothing for it."
    ),
    gettext_noop("Set a price. If it is meant to be free, pay agents a fixed amount for it."),
    gettext_noop("per case, what it costs us"),
    gettext_noop("{subject}: a case is priced at {price}, but costs us {cost}."),
    gettext_noop("{subject}: a case is priced at {price}, but costs us {cost}; the {count} of last {period} lose {lost}."),
    gettext_noop("Raise the price by at least {missing}, or bring the cost down first."),
    gettext_noop("per case"),
    # Dates
    gettext_noop(
        "The holidays of {calendar} are listed up to {day}, which lies behind: every weekday since then counts as open, so "
        "windows end too early."
    ),
    gettext_noop("Open the calendar and list the next public holidays."),
    gettext_noop("{later} starts on {day}, while {earlier} is still in force ({until}). One day cannot have two sets of terms."),
    gettext_noop("End {earlier} on {day}, or start {later} later."),
    gettext_noop("{span} ends on {last}, which is not after its first day {first}: it is never in force."),
    gettext_noop("Choose a later last day; effective_to is the first day that it is no longer in force."),
    gettext_noop("until {day}"),
    gettext_noop("without end"),
    # Coverage of a plan
    gettext_noop("1 class has a fixed amount, and none is for any class: an agent who resolves another one is held and not paid."),
    gettext_noop("{count} classes have a fixed amount, and none is for any class: an agent who resolves another one is held and not paid."),
    gettext_noop("Add an amount for any query type and any channel, or for each class that can come."),
    gettext_noop(
        "Tier {tier} has no end, so it can never be full, but it is worth {rate} once it is: the pay run stops for every agent "
        "who reaches it."
    ),
    gettext_noop("Give the tier an end."),
    gettext_noop("Once {count} is reached, all tiers are full: each resolution beyond earns nothing more."),
    gettext_noop("Once {count} is reached, all tiers are full: each resolution beyond has no rate, and the pay run stops for that agent."),
    gettext_noop("Set the last bound well above what anybody reaches, or pay resolutions at a tier's rate instead."),
    # Promises of a plan
    gettext_noop("The lowest multiplier is 0: below that score, quality takes back all pay for verified resolutions."),
    gettext_noop("Raise the lowest multiplier; 0.8 is the default."),
    gettext_noop("for each 100.00 of resolution pay"),
    gettext_noop("even the best score"),
    gettext_noop("the pool score {percent}"),
    gettext_noop("the pool score {percent} of {metric} alone"),
    gettext_noop(
        "Chance defeats this curve: of agents who are exactly as expected in {metric} ({pool}), one in twenty scores {score} or"
        " less with {count} results, and the multiplier there is {multiplier}."
    ),
    gettext_noop("Let the curve give 1 at {score} or lower, or let the prior count for more results."),
    gettext_noop("for each 100.00 of resolution pay, for one in twenty who did nothing wrong"),
    gettext_noop("An agent who is exactly as expected loses: at {where}, the multiplier is {multiplier}."),
    gettext_noop("Move the curve's scores down, or its multipliers up, until it gives at least 1 at the pool."),
    gettext_noop("The quality weights add up to {percent}: what an agent reads is not what counts."),
    gettext_noop("Make the weights add up to 100%."),
    gettext_noop("its recovery share is 0, so nothing is ever repaid"),
    gettext_noop("the cap of {cap} leaves no excess to repay it from"),
    gettext_noop("The draw of {amount} is recoverable, but {why}: the debt grows without end."),
    gettext_noop("Set a recovery share above 0, lift the cap above the draw, or make the draw non-recoverable: then it is a guarantee."),
    gettext_noop("per period, at most"),
    gettext_noop("as the document says"),
    gettext_noop("from {day}"),
    gettext_noop(
        "An hour is promised {rate}. The minimum wage of {pack} is {wage} {since}; the difference is {missing} an hour, "
        "{weekly} in a week of 40 hours."
    ),
    gettext_noop("Promise at least {wage} an hour."),
    gettext_noop("per hour"),
    gettext_noop(
        "Rule pack {pack} knows no minimum wage on {day}; its first is from {first}. What the plan promises could not be "
        "compared with it, and a pay run on that day is refused."
    ),
    gettext_noop("Start the version later, or add the minimum wage of that day to the rule pack."),
    gettext_noop(
        "The plan pays only by the piece. Under {pack}, pay for resolutions does not pay for the hours between them: each "
        "waiting, training or rest hour needs its own hourly pay, and no top-up at the end can make up for it."
    ),
    gettext_noop("Give the plan base pay for every clocked hour at or above the minimum wage, or a rate for each waiting category."),
    gettext_noop("per waiting hour, at least"),
    gettext_noop(
        "An agent who resolves nothing in an hour gets nothing for it: no base pay, no guarantee, and {pack} has no minimum wage."
    ),
    gettext_noop("Give the plan base pay for every clocked hour, or a guaranteed hourly pay."),
    gettext_noop("this rule pack"),
    # Units of a plan
    gettext_noop("The cap is 0: all pay for resolutions is deferred, period after period."),
    gettext_noop("The plan pays nothing for a resolution that the customer confirmed."),
    gettext_noop("Tier {tier} of the plan pays nothing for a resolution that the customer confirmed."),
    gettext_noop("A resolution of class {class_code} is worth 0 to the agent."),
    gettext_noop("The cap is 0: all pay for resolutions is deferred, period after period; the client pays {price} for it."),
    gettext_noop("The plan pays nothing for a resolution that the customer confirmed; the client pays {price} for it."),
    gettext_noop("Tier {tier} of the plan pays nothing for a resolution that the customer confirmed; the client pays {price} for it."),
    gettext_noop("A resolution of class {class_code} is worth 0 to the agent; the client pays {price} for it."),
    gettext_noop("Pay something for every verified resolution; where work is not wanted, stop assigning it instead."),
    gettext_noop("per resolution, what the client pays"),
    gettext_noop("The last tier ends at {count}. What an agent does beyond it has no rate, and the pay run stops."),
    gettext_noop("Leave up_to of the last tier empty, so that it has no end."),
    gettext_noop("Tiers {tier} and {next} pay the same: reaching the bound between them changes nothing."),
    gettext_noop("Join the two tiers, or set the rate that was meant."),
    gettext_noop("the bound changes nothing"),
    gettext_noop("unit of the measured amount"),
    gettext_noop("resolution"),
    gettext_noop("case"),
    gettext_noop("cases"),
    gettext_noop("unit of value"),
    gettext_noop("unit of values"),
    gettext_noop("One {unit} more makes the pay {size} lower: {count} earn {before}, and {beyond} earn {after}."),
    gettext_noop("One {unit} more makes the pay {size} higher: {count} earn {before}, and {beyond} earn {after}."),
    gettext_noop(
        "One {unit} more makes the pay lower, by {size} times what a resolution is worth: from {count} to {beyond} all of them change tier."
    ),
    gettext_noop(
        "One {unit} more makes the pay higher, by {size} times what a resolution is worth: from {count} to {beyond} all of them"
        " change tier."
    ),
    gettext_noop("Who stands near the bound at the end of a period is tempted or let down."),
    gettext_noop("Set mode to marginal, so that each resolution is paid at its own tier and more work never pays less."),
    gettext_noop("for one agent at the bound"),
    gettext_noop("for one agent at the bound, for each 1.00 that a resolution is worth"),
    gettext_noop("tiers start anew with each resolution, and one counts at most 1"),
    gettext_noop("the most that an agent reached was {count}"),
    gettext_noop("{pace} an hour, {hours} hours a week, {weeks} weeks: {count} at most"),
    gettext_noop(
        "Tier {tier} begins above {count}, but the plan's own limits allow {allowed}. It could be reached only by working past "
        "a limit, and there its premium is suspended."
    ),
    gettext_noop("Lower the bound, or take the tier out. Do not loosen the limits for it."),
    gettext_noop("for each 1.00 of price, promised and never paid"),
    gettext_noop("per resolution, promised and never paid"),
    gettext_noop("Tier {tier} begins above {count}, and {why}: nobody gets its rate."),
    gettext_noop("Lower the bound before it, or take the tier out so that nobody counts on it."),
    gettext_noop("as it is, it pays nobody"),
    # Prices
    gettext_noop("One {unit} more makes the invoice {size} lower: {count} {units} cost {before}, but {beyond} cost {after}."),
    gettext_noop("One {unit} more makes the invoice {size} higher: {count} {units} cost {before}, but {beyond} cost {after}."),
    gettext_noop("One {unit} more makes the invoice {size} lower."),
    gettext_noop("One {unit} more makes the invoice {size} higher."),
    gettext_noop("{name}: {count} {units} cost {before}, but {beyond} cost {after}."),
    gettext_noop("Make it graduated, so that each case is priced at its own tier and the total never falls."),
    gettext_noop("As it is, the invoice is back at {total} only with {count} cases."),
    gettext_noop("each time the count passes the bound"),
    gettext_noop("Make it graduated without a flat amount, or tell the client before they reach the bound."),
    gettext_noop("One case more makes the invoice {size} higher whenever it starts a package of {count}."),
    gettext_noop("Sell smaller packages, or price each case."),
    gettext_noop("each time a package is started"),
    gettext_noop(
        "Each event costs at least {low} and at most {high}: the most comes last, so every event is billed {same} whatever its value."
    ),
    gettext_noop("Lower per_event_min or raise per_event_max."),
    gettext_noop("per event"),
    gettext_noop("The minimum {low} is above the maximum {high}: every full period costs the minimum, however many cases there are."),
    gettext_noop("Lower the minimum or raise the maximum."),
    gettext_noop("per period"),
    gettext_noop("The last tier ends at {count}. What comes beyond has no price and cannot be invoiced."),
    gettext_noop("No whole case can fall into tier {tier}: it ends before the next one begins."),
    gettext_noop("Take the tier out, or move its bound."),
    gettext_noop("it prices nothing"),
    gettext_noop("last {period} had {cases}"),
    gettext_noop("last {period} had {cases}, {each} a billing period"),
    gettext_noop("Tier {tier} begins above {count}, but {had}: its price will not be reached."),
    gettext_noop("Tiers {tier} and {next} have the same price: the bound between them changes nothing."),
    gettext_noop("Join the two tiers, or set the price that was meant."),
    gettext_noop("This price"),
)

LINT = retold.Templates(TEMPLATES)


def tell(text: str) -> str:
    """Tell a finding in the reader's language; what nobody here made stays as it is."""
    return LINT.tell(text)
