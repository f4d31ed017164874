"""The pages of the tour, by whom they are for, each with what it is for. A test holds this list to the routes of the portal."""

from typing import NamedTuple


class Page(NamedTuple):
    """One page of the tour: the route, who opens it, and what it is for."""

    route: str
    role: str
    says: str

    @property
    def picture(self) -> str:
        """Return the name of its pictures: by route, and by role where more roles have the route."""
        return self.route.replace("admin:", "admin-").replace("_", "-") + ("" if self not in _AGAIN else f"-{self.role}")


class Part(NamedTuple):
    """The pages of one audience."""

    title: str
    says: str
    pages: tuple[Page, ...]


def _pages(role: str, **says: str) -> tuple[Page, ...]:
    return tuple(Page(route, role, words) for route, words in says.items())


PARTS = (
    Part(
        "Agent",
        "Maya Torres resolves cases and is paid for each that is really resolved. She looks at her pay on a telephone, in a break.",
        _pages(
            "agent",
            home="What I earned today and this month, what is certain, what still waits, and when it is paid.",
            statements="Every pay period, with its state and total.",
            statement="One pay period line by line; an amount opens to the sum it came from.",
            statement_dispute="Say what is wrong with a line, from the line itself.",
            resolutions="My cases with their life: pending, confirmed, assumed, reopened, held.",
            resolution="One case: what happened when, which rule decided, what it brought.",
            resolution_dispute="Say that a case is counted wrongly.",
            performance="Each metric with score, count, interval and what was expected of my cases, and what it does to my pay.",
            load="How much room is left on every limit, and which decisions were taken to protect me, and why.",
            what_if="Try what the rest of the month would bring; nothing is saved.",
            plan="How I am paid, in sentences, with an example and what changed since the version before.",
            feedback="What customers, reviewers and my coach said; take it in, answer it, dispute a review.",
            review_dispute="Dispute a QA review; it counts for nothing until it is decided.",
            disputes="What I disputed, where it stands, and by when it is answered.",
            dispute_new="What can be disputed, in one place.",
            dispute="One dispute with its words, files, comments and answer.",
            hours_dispute="Say that recorded hours are wrong.",
            coaching="Talks with my coach: one goal each.",
            coaching_session="One talk: its goal, what was measured before and after, what we both say.",
            training="Courses and tasks, with the paid time they take.",
            check_ins="A note on my day for nobody but me.",
            pay_reads="Who opened my pay, when, and as what.",
        ),
    ),
    Part(
        "Team lead",
        "Dana Okafor leads two teams and runs her day from the first page.",
        _pages(
            "lead",
            team="Who needs me today, most urgent first, and the team by name with scores that show their uncertainty.",
            team_agent="One agent: scores, load, disputes, talks, tasks.",
            reviews="QA reviews to do, to compare and published.",
            review_draw_new="Say how many contacts are reviewed; chance says which.",
            review_draw="What chance picked, and how anybody can draw it again.",
            review="A contact and its scorecard side by side.",
            review_calibration="Whether reviewers mean the same, item by item.",
            coaching_new="Plan a talk with one goal and a day to look at what came of it.",
            improvement_plans="Plans for what needs more than a talk.",
            improvement_new="Open a plan: what has to get better, and what the company does for it.",
            improvement_plan="One plan with every step and the person who decided it.",
            training_new="Give a course or a task to agents or a whole team.",
            signals="What is rarer than chance explains, for a person to look at.",
            signal="One signal: the figures, what may explain it, the cases, the decision.",
            dispute_statistics="How disputes end and how long they take.",
            feedback_answers="What agents answered to feedback.",
            fcr="First contact resolution by client, team, product and more, with the gap and what stands in the way.",
            load_map="When it is busy, by weekday and hour.",
            week_changes="What changed since last week, and what of it is more than chance.",
            plan_readers="Who has read their pay plan.",
        ),
    ),
    Part(
        "Client",
        "Robin Alder reads what the service costs, checks it, and sees what it brings.",
        _pages(
            "client",
            invoices="Invoices with what is open, by age.",
            invoice="One invoice: every amount opens to its reason, and the evidence lets anybody compute it again.",
            invoice_question="Ask about a case on an invoice.",
            value_report="Cost of a resolution and a contact, the saving against before, quality, and the return.",
            after_sale="The eight measures of service after the sale, from account data.",
            contracts="Contracts and their versions.",
            contract_version="What is agreed, in sentences.",
        ),
    ),
    Part(
        "Pay approver",
        "Ruth Adeyemi sees that pay and invoices are right before they leave the house.",
        _pages(
            "approver",
            home="What waits for her, by when, and everything that is open to her.",
            pay_runs="Pay runs by month and site; calculate one, or try it without writing.",
            pay_run="One run: what changed against the month before, what is flagged, what the next step is.",
            corrections="Paid cases that were reopened and amounts entered by hand, each waiting for a person.",
            reversal="One paid case that fell: what it brought, why it fell, and whether it is taken back.",
            adjustment_new="Enter an amount by hand; another person approves it.",
            payouts="Orders to the bank and what the bank answered, person by person.",
            agents="Everybody who is paid.",
            agent_statements="The statements of one agent.",
            invoice_finalization="What an invoice would say before it gets its number.",
            invoice_voiding="Void an invoice and issue it again.",
            invoice_credit="Write a credit note on lines of an invoice.",
            invoice_payment="Enter what a client paid.",
            prepayment="Enter what a client paid ahead.",
            ledger="The trial balance: every amount twice, adding up to zero.",
            ledger_account="One account, movement by movement.",
            version_simulation="What a contract version would have billed and paid in real months.",
            plan_back_test="What a pay plan would have paid, who gains, and whether any limit is in its way.",
            shadow_runs="Invoices and payslips of the old way, held against ours.",
            shadow_new="Upload what is issued today.",
            shadow_columns="Say which column is what.",
            shadow_run="Where the two agree, where they differ, and why.",
        ),
    ),
    Part(
        "Operations",
        "Sam Whitaker keeps data coming and jobs running.",
        _pages(
            "admin",
            holds="Everything that waits for a person, by reason, with the money at stake.",
            held_thing="One held thing: why, since when, what to do.",
            hold_act_new="See what an act would do to what was picked, before it is done.",
            hold_acts="What was done, and how to undo it.",
            hold_act="One act with each thing it was about.",
            imports="Sources, how fresh they are, and what each file brought.",
            import_run="One import: what was new, changed, unchanged and held.",
            upload_new="Upload a file of a source.",
            upload_step="Say which column is what, beside the first rows.",
            upload="Where an upload stands.",
            account_upload_new="Upload a month of account data.",
            account_upload="Which column of the account data is what, and what it would bring.",
            source="One source and how its files are read.",
            source_new="Add a source.",
            jobs="What runs by itself, when, and whether it did.",
            job="The runs of one job.",
            freshness="How old the newest data is, and how far behind what is worked out of it.",
        ),
    ),
    Part(
        "Auditor",
        "Ines Calloway reads everything and changes nothing.",
        _pages(
            "auditor",
            search="Any person, case, invoice or reference, by what is open to the reader.",
            pay_reads="Who read whose pay.",
            resolution="Any figure down to the event it came from.",
        ),
    ),
    Part(
        "Everybody",
        "What belongs to the person who signs in.",
        (
            Page("account_login", "", "Sign in; with single sign-on and passkeys where they are set up."),
            Page("account_reset_password", "", "A link by mail when the password is forgotten."),
            *_pages(
                "agent",
                more="On a telephone: what does not fit into the bar below.",
                notifications="What happened that concerns me, newest first.",
                notification_preferences="How I am told: at once, once a day, or only here.",
                preferences="Language, time zone, numbers and colors.",
                mfa_index="Passkeys, authenticator app and recovery codes.",
                usersessions_list="Where I am signed in, and how to end it.",
                account_change_password="A new password.",
            ),
            Page("closed", "agent", "What is not mine reads like what does not exist."),
        ),
    ),
    Part(
        "Administration",
        "Where contracts, plans and people are set up, in the Django administration. Only what is used most; the others look the same.",
        tuple(
            Page(f"admin:{route}", "admin", says)
            for route, says in (
                ("index", "What is active, what is draft, what waits for somebody, and every list."),
                ("contracts_contract_changelist", "Contracts of all clients."),
                ("contracts_contract_change", "One contract with its versions over time."),
                ("contracts_contractversion_change", "One version in words, with prices, policy and findings."),
                ("contracts_contractversion_import_yaml", "Contracts and plans from one document."),
                ("contracts_payplanversion_change", "One version of a pay plan, with an example and findings."),
                ("contracts_payplan_law", "The pay law that is known here, each number with its source."),
                ("agents_agent_changelist", "Agents."),
                ("agents_user_changelist", "People who sign in, and their roles."),
                ("django_celery_beat_periodictask_changelist", "When jobs run."),
            )
        ),
    ),
)

_ALL = tuple(page for part in PARTS for page in part.pages)
_FIRST = {page.route: page for page in reversed(_ALL)}
_AGAIN = tuple(page for page in _ALL if _FIRST[page.route] is not page)

FILE, ACT, WAY = "a file", "an act, which leads to a page", "a way to a page"
# Routes that are no page of their own, with what they are.
LEFT_OUT = {
    **dict.fromkeys(
        (
            "statement_csv",
            "statement_pdf",
            "plan_readers_csv",
            "dispute_file",
            "payroll_file",
            "payout_order",
            "review_draw_frame",
            "value_csv",
            "value_pdf",
            "invoice_csv",
            "invoice_pdf",
            "invoice_xml",
            "invoice_evidence",
            "credit_note_pdf",
            "credit_note_xml",
        ),
        FILE,
    ),
    **dict.fromkeys(
        (
            "appearance",
            "language",
            "feedback_reading",
            "feedback_acknowledgement",
            "feedback_answer",
            "plan_acknowledgement",
            "filter_saving",
            "filter_default",
            "filter_deletion",
            "filter_restoring",
            "notification_reading",
            "dispute_comment",
            "dispute_attachment",
            "dispute_withdrawal",
            "adjustment_approval",
            "adjustment_withdrawal",
            "bill_change_approval",
            "final_pay",
            "run_step",
            "bank_answer",
            "signal_decision",
            "decision_lift",
            "coaching_act",
            "improvement_step",
            "account_upload_act",
            "training_act",
            "check_in_deletion",
            "invoice_refresh",
            "shadow_again",
            "job_start",
            "hold_act_undoing",
            "upload_run",
        ),
        ACT,
    ),
    **dict.fromkeys(("value", "notification", "notification_count"), WAY),
}


def all_pages() -> tuple[Page, ...]:
    """Return every page of the tour, in its order."""
    return _ALL
