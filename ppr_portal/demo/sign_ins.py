"""Who may sign in to the demo, and what to open first."""

from rich.console import Console
from rich.text import Text

from agents.models import Agent, GuardrailDecision
from ppr_portal.demo import people, terminal
from ppr_portal.demo.company import Company

SEES = {
    "agent": "own pay with every reason, pending, load, feedback",
    "lead": "the team's quality and load, who needs attention, disputes",
    "admin": "clients, contracts, rate cards, plans, people (/admin/)",
    "approver": "all teams and agents; pay runs in /admin/",
    "auditor": "the same, and changes nothing",
    "client": "the invoice of March with every reason, April so far, contracts",
}


def show(*, console: Console, definition: Company, seconds: float, url: str) -> None:
    """Print the sign-ins, their password, and what to look at first."""
    names = {person.sign_in: person.name for person in definition.people}
    names[people.SIGN_IN_AGENT] = Agent.objects.get(code=definition.showcase.agent).name
    table = terminal.plain_table("Sign in as")
    table.add_column("E-mail", no_wrap=True)
    table.add_column("Name", no_wrap=True)
    table.add_column("Sees")
    for sign_in, sees in SEES.items():
        table.add_row(people.address_of(company=definition, sign_in=sign_in), names[sign_in], sees)
    console.print()
    console.print(table)
    console.print(Text("Password of all six: ").append(people.demo_password(), style="bold"))
    console.print()
    console.print(_worth_a_look(definition, names))
    console.print(
        f"The demo's clock stands at {definition.now:%B %-d, %Y, %-I:%M %p} in New York, where the records end. "
        f"Set up in {seconds:.0f} s; `make demo` again adds nothing. `make clean` removes it all. Portal: {url}"
    )


def _worth_a_look(definition: Company, names: dict[str, str]) -> Text:
    showcase = definition.showcase
    few = Agent.objects.get(code=showcase.few_surveys.agent)
    overworked = GuardrailDecision.objects.filter(effect="premium_suspended").select_related("agent").order_by("starts_at").first()
    looks = [
        f"{names[people.SIGN_IN_AGENT]} (agent): paid recovery after hostile contacts, a reversal in April, an open dispute of March",
        f"{few.name} (on the lead's page): {showcase.few_surveys.count} surveys, so quality cannot lower pay",
    ]
    resting = GuardrailDecision.objects.filter(effect="paid_recovery", starts_at__lte=definition.now, ends_at__gt=definition.now)
    looks += [
        f"{decision.agent.name} (on the lead's page): in paid recovery at this moment" for decision in resting.select_related("agent")
    ]
    if overworked is not None:
        looks.append(f"{overworked.agent.name} (on the lead's page): {overworked.value:.1f} hours in a week, so premium was withheld")
    return Text("Worth a look\n", style="bold").append("\n".join(looks), style="not bold")
