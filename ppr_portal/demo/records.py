"""Seeds how the incident log is read: its source, the mapping, whom its names stand for, and the sources of what is simulated."""

from agents import models
from agents.models import Mapping, MappingColumn, MappingValue, Source, SourceIdentity
from ppr_portal.demo.company import AgentDefinition, Column, Company
from ppr_portal.demo.terms import category_code

RESOLVER_SPACE = "resolved_by"
ROSTER = "simulated-roster"
QUALITY = "simulated-quality"
CONTACTS = "simulated-contacts"
SIMULATED = {
    ROSTER: "Working hours, simulated around real activity",
    QUALITY: "Surveys, QA reviews and feedback, simulated",
    CONTACTS: "Customers' words on cases, simulated",
}


def seed_records(*, company: Company, agents: tuple[AgentDefinition, ...], locations: dict[str, str]) -> None:
    """Write sources, mapping and identities. Everything is new; call it inside a transaction."""
    definition = company.source
    source = Source.objects.create(code=definition.code, name=definition.name, vendor=definition.vendor, attribution=definition.attribution)
    Source.objects.bulk_create(Source(code=code, name=name, vendor=Source.Vendor.SIMULATED) for code, name in SIMULATED.items())
    mapping = Mapping.objects.create(
        source=source,
        number=1,
        date_format=definition.mapping.date_format,
        timezone=company.log_timezone,
        missing_markers=list(definition.mapping.missing),
        note=definition.mapping.note,
    )
    for target, where in definition.mapping.columns.items():
        column = where if isinstance(where, Column) else Column(column=where)
        MappingColumn.objects.create(mapping=mapping, target=target, column=column.column, only_when_resolved=column.only_when_resolved)
    MappingValue.objects.bulk_create(
        MappingValue(mapping=mapping, target=target, value=value, meaning=meaning)
        for target, meanings in _meanings(company, locations).items()
        for value, meaning in meanings.items()
    )
    rows = {agent.code: agent for agent in models.Agent.objects.all()}
    SourceIdentity.objects.bulk_create(
        SourceIdentity(source=source, space=RESOLVER_SPACE, value=agent.resolved_by, agent=rows[agent.code]) for agent in agents
    )


def _meanings(company: Company, locations: dict[str, str]) -> dict[str, dict[str, str]]:
    categories = {
        f"Category {number}": category_code(group=group, category=number)
        for group, types in company.query_types.items()
        for number in types.categories
    }
    return {
        "state": company.source.mapping.states,
        "contract": locations,
        "query_type": categories,
        "channel": company.source.mapping.channels,
    }
