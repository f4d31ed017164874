"""Sentences that are stored in English, told in the reader's language: what holds a row, what came of an act or of a job.

What is stored stays as it is, for files, the API and evidence read it. A sentence is found again by the words that it was made of,
and what stood between them is filled in again; see docs/adr/0067-sentences-remember-their-template.md.
"""

from django.utils.translation import gettext_noop

from contracts import retold
from ppr_portal import stored_pay_sentences

# Begins of sentences and whole ones, as they are made in agents and billing; tests make some of each and hold them against this.
TEMPLATES = (
    # Rows of files: agents/intake/faults.py
    gettext_noop("Row {row}:"),
    gettext_noop("Correct the row, or add a version of the mapping, and import the file again."),
    gettext_noop("it is no record whose fields can be told apart."),
    gettext_noop("it has {count} cells where the head has {head}."),
    gettext_noop('column "{column}" names no case.'),
    gettext_noop("it names no case."),
    gettext_noop("together, the columns {columns} tell no case."),
    gettext_noop('column "{column}" says "{value}", so its state is not known.'),
    gettext_noop('column "{column}" says "{value}", so its contract is not known.'),
    gettext_noop('column "{column}" says "{value}", which is no state that {mapping} knows.'),
    gettext_noop('column "{column}" says "{value}", which is no contract that {mapping} knows.'),
    gettext_noop('column "{column}" says "{value}", which is no query type that {mapping} knows.'),
    gettext_noop('column "{column}" says "{value}", which is no channel that {mapping} knows.'),
    gettext_noop('column "{column}" says "{value}", of which {mapping} does not say what it means.'),
    gettext_noop('column "{column}" says "{value}", so it is not known when this happened.'),
    gettext_noop('column "{column}" says "{value}", which is no date written as {format}, for example {example}.'),
    gettext_noop('column "{column}" says "{value}", which is no date written as {format}.'),
    gettext_noop('column "{column}" says "{value}", which is not between {first} and {last}.'),
    gettext_noop('column "{column}" says "{value}", an hour that clocks skipped in {zone}.'),
    gettext_noop('column "{column}" says "{value}", an hour that clocks showed twice in {zone}.'),
    gettext_noop('column "{column}" says "{value}", which is no whole number from {first} to {last}.'),
    gettext_noop('column "{column}" says "{value}", so the order of its changes is not known.'),
    gettext_noop('column "{column}" says "{value}", which is no number of seconds of up to {days} days.'),
    gettext_noop('column "{column}" says "{value}", which is no number of minutes of up to {days} days.'),
    gettext_noop('column "{column}" says "{value}", which is no number of hours of up to {days} days.'),
    gettext_noop('column "{column}" says "{value}", which is no time written as {example} of up to {days} days.'),
    gettext_noop('column "{column}" says "{value}", which is before column "{opening}" says that the case was opened.'),
    gettext_noop('column "{column}" has more than {count} characters.'),
    gettext_noop("case, counter and state together have more than {count} characters."),
    gettext_noop("case, kind of event and time together have more than {count} characters."),
    gettext_noop("none of {columns} holds a date, so it is not known when anything happened."),
    gettext_noop('column "{column}" said what could not be read. Its content was deleted; import the file again to see it.'),
    # Rows of accounts: agents/intake/account_files.py
    gettext_noop("The row names no account; write the account's number."),
    gettext_noop("The account is an e-mail address; export the account's number instead."),
    gettext_noop("The account's number has more than {count} characters."),
    gettext_noop('The month says "{value}"; write it like 2016-03, or name the date format.'),
    gettext_noop('{field} says "{value}", which is no date written as {format}, for example {example}.'),
    gettext_noop('{field} says "{value}", which is no date of the format "{format}".'),
    gettext_noop("{part} is {count} of {whole} {total}; a part needs a whole that holds it."),
    gettext_noop("health_score is {value}; it is 0 to {most}."),
    gettext_noop('{field} says "{value}"; write a whole number of zero or more.'),
    gettext_noop('{field} says "{value}"; write yes or no.'),
    gettext_noop('recurring says "{value}"; write an amount of zero or more like 1200.00.'),
    gettext_noop("The row tells revenue and no currency; add a column, or name one for the file with --currency."),
    gettext_noop("Account {account} is told differently in rows {rows}; correct it and import again."),
    gettext_noop("{file} lacks the column {columns}; say which column holds it."),
    # Resolutions: agents/operations/holds/resolution_holds.py, billing/operations/book_resolutions.py, find_signals.py
    gettext_noop("Case {case}, resolved on {day}:"),
    gettext_noop("{source} does not say who resolved it. Find out, or release it unpaid."),
    gettext_noop('"{name}" in {space} of {source} stands for no agent yet. Map it to the agent it stands for.'),
    gettext_noop("No version of {contract} was in force; activate one that covers that day."),
    gettext_noop("{count} of its rows could not be read. See the held rows."),
    gettext_noop("Case {case} was paid to {paid} and is credited to {agent} now; correct both by adjustments, or map the name back."),
    gettext_noop("{contract} does not price phone resolutions ({name}); let a new version price voice, or void the resolution."),
    gettext_noop("{contract} has no price for {name}; add a row to a new version of its rate card."),
    gettext_noop(
        "{contract} takes a percentage of the value of {name}, but nobody told what case {case} is worth in {currency}. "
        "Deliver an event with its value, or price it otherwise in a new version."
    ),
    gettext_noop("{contract} has no tier that reaches the {position}th resolution of {name}; add one to a new version."),
    gettext_noop(
        "Case {case} counts again, but on {day} it was decided to take back what it brought {agent} ({amount}). Enter an adjustment "
        "for {same} of what was taken back, let another person approve it, then release this hold with a note."
    ),
    gettext_noop("Case {case}: a person confirmed the signal “{signal}”. Decide about the unit: release it, or exclude the case."),
    gettext_noop("Case {case}: a signal, “{signal}”, is reviewed. If nobody decides by {day}, it is paid."),
    # Deliveries and quality data: agents/intake/delivered_codes.py, agents/operations/deliveries/*.py
    gettext_noop(
        "Nothing tells the contract of this case yet. It waits for an event that does; or give the source a client with exactly one "
        "contract, and try it again."
    ),
    gettext_noop('It says {field} "{value}".'),
    gettext_noop("Nobody here knows that; add it, or explain it in the source's mapping, and try the event again."),
    gettext_noop(
        "This event is known already with another content. The first one stays. Find out which is right; if it is this one, deliver "
        "it under an id of its own."
    ),
    gettext_noop(
        'This customer answered "{first}" before and says "{now}" now. One question has one answer, and the first that came counts, '
        "because credit is frozen with it. Dismiss this once you have read it; pay does not wait for it."
    ),
    gettext_noop('Nobody said whether the answer "{answer}" is favorable; add it to the survey scale of {source} in admin.'),
    gettext_noop("No event of case {case} of {source} came yet; this waits for one."),
    gettext_noop("Nobody had solved case {case} by {day} as far as is known; this waits for who did."),
    gettext_noop("Whoever solved case {case} is mapped to no agent; map the name, and this is credited by itself."),
    gettext_noop(
        "The webhook does not say when this happened. Add ticket_updated_at to it in Freshdesk; try this again to let it count as received."
    ),
    gettext_noop(
        "The ticket was resolved at {resolved}, but its state is {state} and nothing says when it was opened again. Look at the ticket."
    ),
    gettext_noop('Stage "{stage}" is an id of the pipeline. Give it a meaning in the source\'s mapping, then try this again.'),
    gettext_noop("The ticket was closed at {closed}, before it was opened at {opened}. Look at the ticket."),
    gettext_noop('The webhook is named {name}, but its status is "{told}". If it was {status} then, try this again.'),
    gettext_noop(
        "The case was closed at {closed} and changed at {changed}; this does not say who closed it, and nothing that does has come yet. "
        "If it was who changed it, try this again."
    ),
    gettext_noop("What happened stood in the head of the webhook, which is not kept; look the case up in the help desk."),
    gettext_noop("Something else stands where a list of objects is expected."),
    gettext_noop("Nothing in it tells what happened on a case."),
    gettext_noop("It names no {what}, so nothing can be made of it."),
    gettext_noop('"{value}" is no time such as 2025-01-08T12:15:45Z.'),
    gettext_noop('"{value}" does not say its offset from UTC.'),
    # Acts on what waits: agents/operations/holds/hold_acts.py, hold_act_kinds.py
    gettext_noop("Map {things} to {agent}"),
    gettext_noop("Let {things} fall under {contract}"),
    gettext_noop("{meanings}; try {things} again"),
    gettext_noop("Assign {things} to {person}"),
    gettext_noop("Take {things} off their owner"),
    gettext_noop("Mark {things} as a system user"),
    gettext_noop("Try {things} again"),
    gettext_noop("Release {things}"),
    gettext_noop("Dismiss {things}"),
    gettext_noop("{count} held resolutions"),
    gettext_noop("1 held resolution"),
    gettext_noop("{count} held rows"),
    gettext_noop("1 held row"),
    gettext_noop("{count} deliveries"),
    gettext_noop("1 delivery"),
    gettext_noop("{count} names"),
    gettext_noop("{count} held resolutions were released. Pay follows within minutes."),
    gettext_noop("{count} resolutions are held again."),
    gettext_noop("{count} came in."),
    gettext_noop("{count} still wait:"),
    gettext_noop("Mapping version {number} says so."),
    gettext_noop("Mapping version {number} holds these values again. The rows that came in are records and stay."),
    gettext_noop("{count} released."),
    gettext_noop("{count} had been released before."),
    gettext_noop("{count} are held again."),
    gettext_noop("{count} dismissed. They stay dismissed when the same file comes again."),
    gettext_noop("{count} wait again."),
    gettext_noop("{count} assigned."),
    gettext_noop("They are with whoever had them before."),
    gettext_noop("It was not taken back:"),
    gettext_noop(
        "It stopped for a reason of ours, and nothing changed. Ask for it again; if it stops again, tell whoever runs the portal."
    ),
    gettext_noop("It stopped for a reason of ours, and nothing was stored. Try again."),
    # Jobs: agents/tasks.py, billing/tasks.py, ppr_portal/tasks.py, agents/operations/jobs/run_job.py
    gettext_noop("The same job was running, so this copy did nothing."),
    gettext_noop("The process ended before it was done."),
    gettext_noop("{new} new, {expired} ended undecided; {held} units held, {released} released."),
    gettext_noop("Nothing to count yet for {metrics}; enter those rates in admin."),
    gettext_noop(
        "{deliveries} deliveries, {uploads} uploads, the content of {rows} held rows and the words of {comments} surveys, reviews and "
        "feedbacks; {reports} reports of held rows, {jobs} records of jobs, {listed} old notifications and filters."
    ),
    gettext_noop("{booked} booked, {corrected} corrected, {held} held without a price; {proposed} reversals proposed."),
    gettext_noop("Another worker still holds a part; it finishes the run."),
    gettext_noop("The run is in review or approved by now, so it was left as it is."),
    gettext_noop("Could not be computed:"),
    gettext_noop("The open pay of {site} cannot be brought up to date:"),
    gettext_noop("The pay run of {site} cannot be started:"),
    gettext_noop("What changed under the pay run {run} cannot be told:"),
    gettext_noop("the log of this job tells why."),
    gettext_noop('There is no time zone "{name}"; write an IANA name such as "America/New_York".'),
    gettext_noop("And {count} more."),
    gettext_noop("{reminded} reminded, {decided} decided by default, {escalated} escalated."),
    gettext_noop("{drafts} drafts written, {clients} clients with new revenue, {files} PDF files issued."),
    gettext_noop("{sent} mails sent, {refused} refused and tried again."),
    *stored_pay_sentences.TEMPLATES,
)


SENTENCES = retold.Templates(TEMPLATES)


def tell(text: str) -> str:
    """Tell a stored text in the reader's language; one that nobody here made stays as it is."""
    return SENTENCES.tell(text)
