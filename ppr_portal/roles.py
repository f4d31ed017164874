"""What each role may do in the administration. Pages have their own rules in the apps' access modules.

Roles are groups. Nobody but a superuser may change people's sign-ins or roles: whoever could would give themselves every other right.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from django.contrib.auth.models import Group, Permission
from django.db.models import Q

from agents.access import Role

EVERYTHING = ("view", "add", "change", "delete")
READ = ("view",)
# An inbox belongs to the agent it is addressed to, so feedback is in no role.
SETUP_MODELS = (
    *("site", "shiftband", "team", "agent", "teammembership", "planassignment", "specialday", "clientcontact", "source", "sourceidentity"),
    *("mapping", "mappingcolumn", "mappingvalue", "referencerate", "surveyscale", "costrate"),
    *("scorecard", "scorecardversion", "scorecarditem", "course"),
)
WORK_MODELS = (
    *("importrun", "heldrow", "case", "caseevent", "resolution", "resolutiontransition", "hold", "survey", "qareview"),
    *("timeentry", "planacknowledgement", "guardraildecision", "gamingsignal", "jobrun", "user", "holdact", "upload"),
)

# Not among "every model": whole account numbers are for those who keep them.
PRIVATE_MODELS = ("bankaccount", "bankaccountevent")

# By role: which acts on which models of which app; "*" is every model of the app.
GRANTS: Mapping[Role, tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]] = MappingProxyType(
    {
        Role.AGENT: (),
        Role.LEAD: (),
        Role.CLIENT: (),
        Role.CONTRACT_ADMIN: (
            ("contracts", ("*",), EVERYTHING),
            ("agents", SETUP_MODELS, EVERYTHING),
            ("agents", WORK_MODELS, READ),
            ("agents", ("hold", "heldrow"), ("change",)),
            ("agents", ("apikey", "hooksecret"), ("view", "add", "change")),
            ("agents", ("rawdelivery", "heldanswer"), READ),
            ("billing", ("payrun", "payrunshard", "bookedline", "invoice", "creditnote", "payment"), READ),
            ("billing", ("seller", "buyer", "numberseries"), ("view", "add", "change")),
            ("billing", ("exchangerate",), ("view", "add", "change")),
            ("billing", ("disputeterms",), ("view", "change")),
            # Whoever is bound by a limit must not lift it, so approvers only read it.
            ("billing", ("approvallimit",), EVERYTHING),
            ("django_celery_beat", ("*",), EVERYTHING),
        ),
        Role.APPROVER: (
            ("contracts", ("*",), READ),
            ("agents", (*SETUP_MODELS, *WORK_MODELS), READ),
            ("agents", ("hold",), ("change",)),
            ("billing", ("*",), READ),
            ("billing", ("variancethreshold",), ("change",)),
            ("billing", ("bankaccount",), ("view", "add", "change")),
        ),
        Role.AUDITOR: (
            ("contracts", ("*",), READ),
            ("agents", (*SETUP_MODELS, *WORK_MODELS), READ),
            ("billing", ("*",), READ),
            ("django_celery_beat", ("*",), READ),
        ),
    }
)


def ensure_roles() -> Mapping[Role, Group]:
    """Make a group of each role with the rights that it needs in the administration; a second call changes nothing.

    Rights that somebody gave a group besides these are kept.
    """
    groups = {role: Group.objects.get_or_create(name=role.value)[0] for role in Role}
    for role, group in groups.items():
        wanted = Permission.objects.filter(_any_of(role)) if GRANTS[role] else Permission.objects.none()
        group.permissions.add(*wanted)
    return groups


def _any_of(role: Role) -> Q:
    found = Q(pk__in=())
    for part in _parts(role):
        found |= part
    return found


def _parts(role: Role) -> Iterator[Q]:
    for app, models, acts in GRANTS[role]:
        for act in acts:
            of_app = Q(content_type__app_label=app, codename__startswith=f"{act}_")
            yield of_app & ~Q(content_type__model__in=PRIVATE_MODELS) if models == ("*",) else of_app & Q(content_type__model__in=models)
