"""Sets up the demo company: everything that the records alone do not say, in one transaction, once."""

from django.conf import settings
from django.db import transaction

from agents.models import Source
from ppr_portal.demo import company, people, records, terms


class UnableToSeed(Exception):
    """The demo company does not belong here; the message is one sentence for the person at the terminal."""


def seed_company() -> bool:
    """Write the company's terms, people and records unless they are there.

    Returns: whether anything is new.
    Raises: UnableToSeed in production, or where another company's data is.
    """
    refuse_outside_demo()
    definition = company.load_company()
    if Source.objects.filter(code=definition.source.code).exists():
        people.refresh_passwords(company=definition)
        return False
    if Source.objects.exists():
        raise UnableToSeed(
            "This database holds another company's records, so the demo company stays out; give it a database of its own (DATABASE_URL)."
        )
    agents = company.load_agents()
    with transaction.atomic():
        terms.seed_terms(company=definition)
        people.seed_people(company=definition, agents=agents, showcase=definition.showcase.agent)
        records.seed_records(company=definition, agents=agents, locations=company.load_locations())
    return True


def refuse_outside_demo() -> None:
    """Refuse to make up people and sign-ins where real people are paid.

    Raises: UnableToSeed.
    """
    if settings.PPR_MODE != "demo":
        raise UnableToSeed("PPR_MODE is production: the demo company, with its made-up people and printed passwords, is refused here.")
