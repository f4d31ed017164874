"""Accounts of one of the demo's clients, month by month: made up, written as the file that a client would send, and imported like one."""

import csv
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from agents.intake.account_files import AccountReading
from agents.models import AccountMonth, Source
from agents.operations.imports.import_accounts import import_accounts
from contracts.models import Client
from contracts.rules import calendar_months
from ppr_portal.demo import chance, company

SOURCE, NAME = "alder-accounts", "Account data of Alder Home, simulated"
CLIENT = "alder"
ACCOUNTS, MONTHS = 42, 13
LAST = date(2016, 3, 1)
MINUTES = 43_200
HEAD = (
    *("account", "month", "started_on", "onboarding_due_on", "onboarded_on", "ended_on", "seat_count", "active_count"),
    *("goal_count", "goal_met_count", "service_minutes", "available_minutes", "answer_count", "favorable_count"),
    *("renewal_due", "renewed", "health_score", "recurring", "currency"),
)


def bring_accounts() -> str:
    """Import the accounts; a second time changes nothing.

    Returns: what came of it, in words.
    """
    definition = company.load_company()
    owner = Client.objects.get(code=CLIENT)
    Source.objects.get_or_create(code=SOURCE, defaults={"name": NAME, "vendor": Source.Vendor.SIMULATED, "client": owner})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "alder-accounts.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, HEAD)
            writer.writeheader()
            writer.writerows(_rows())
        # Read again, to show that nothing is added twice, but not recorded as one more import.
        is_known = AccountMonth.objects.filter(client=owner).exists()
        found = import_accounts(path=path, source_code=SOURCE, reading=AccountReading(), received_at=definition.now, dry_run=is_known)
    return f"{found.new_count:,} account months of {found.account_count}"


def _rows() -> Iterator[dict[str, object]]:
    for number in range(1, ACCOUNTS + 1):
        account = f"AH-{1000 + number}"
        begins = chance.draw("begins", account, below=18) - 8
        leaves = chance.draw("leaves", account, below=60)
        seats = 5 + chance.draw("seats", account, below=60)
        for place in range(max(begins, 0), MONTHS):
            if place > leaves:
                break
            # Now and then nobody filled in a row; what is missing stays unknown.
            if chance.happens("missing", account, place, percent=3):
                continue
            yield _row(account, place, begins, leaves, seats)


def _row(account: str, place: int, begins: int, leaves: int, seats: int) -> dict[str, object]:
    month = _month(place)
    grown = seats + (chance.draw("growth", account, below=4) - 1) * (place // 4)
    used = grown * (58 + chance.draw("use", account, place, below=36)) // 100
    goals, answers = chance.draw("goals", account, place, below=4), chance.draw("answers", account, place, below=6)
    ends = place == leaves
    renewal = place % 12 == chance.draw("renewal", account, below=12)
    return {
        "account": account,
        "month": f"{month:%Y-%m}",
        **(_onboarding(account, begins) if begins >= 0 else {}),
        "ended_on": month.replace(day=28).isoformat() if ends else "",
        "seat_count": grown,
        "active_count": used,
        "goal_count": goals,
        "goal_met_count": sum(chance.happens("met", account, place, goal, percent=78) for goal in range(goals)),
        "service_minutes": MINUTES,
        "available_minutes": MINUTES - chance.draw("down", place, below=90),
        "answer_count": answers,
        "favorable_count": sum(chance.happens("liked", account, place, answer, percent=86) for answer in range(answers)),
        "renewal_due": "yes" if renewal or ends else "no",
        "renewed": "no" if ends else "yes" if renewal else "",
        "health_score": _health(account, place),
        "recurring": f"{grown * (24 + chance.draw('price', account, below=12))}.00",
        "currency": "USD",
    }


def _health(account: str, place: int) -> int | str:
    if chance.happens("unscored", account, place, percent=8):
        return ""
    return 45 + chance.draw("health", account, place // 3, below=54)


def _onboarding(account: str, begins: int) -> dict[str, object]:
    start = _month(begins).replace(day=1 + chance.draw("start", account, below=20))
    days = 18 + chance.draw("onboarding", account, below=30)
    done = date.fromordinal(start.toordinal() + days)
    return {
        "started_on": start.isoformat(),
        "onboarding_due_on": date.fromordinal(start.toordinal() + 40).isoformat(),
        "onboarded_on": done.isoformat(),
    }


def _month(place: int) -> date:
    return calendar_months.add_months(day=LAST, months=place - MONTHS + 1)
