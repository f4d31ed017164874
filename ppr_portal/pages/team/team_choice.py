"""Which of the teams that somebody may see a page is about."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404

from agents import access
from agents.models import Team
from ppr_portal.pages.entry import PortalRequest, asked_number


@dataclass(frozen=True, kw_only=True)
class TeamChoice:
    """The teams to choose from, those that the person leads, and the chosen one; none for all that they lead."""

    teams: Sequence[Team]
    led: Sequence[Team]
    chosen: Team | None
    may_see_all: bool = False

    @property
    def shown_ids(self) -> list[int]:
        """The teams that the page is about."""
        return [self.chosen.pk] if self.chosen else [team.pk for team in self.led]

    @property
    def has_choice(self) -> bool:
        """Whether there is more than one team to choose from."""
        return len(self.teams) > 1


def read_choice(request: PortalRequest, *, shows_all: bool = True) -> TeamChoice:
    """Return the team that is asked for; where none is, a lead sees those that they lead, and who leads none the first one.

    Args:
        request: whose address may name a team.
        shows_all: whether the page has room for several teams at once.

    Raises: Http404 for a team that they may not see.
    """
    person = request.viewer.person
    teams = list(access.teams_for(request.user).select_related("site"))
    led = [team for team in teams if person.is_lead and team.lead_id == request.user.pk]
    # Every team of the company at once would be more than a page holds.
    may_see_all = shows_all and person.is_lead and (bool(led) or not person.reads_everyone)
    if not request.GET.get("team"):
        first = None if may_see_all else next(iter(led or teams), None)
        return TeamChoice(teams=teams, led=led, chosen=first, may_see_all=may_see_all)
    asked = asked_number(request, "team")
    chosen = next((team for team in teams if team.pk == asked), None)
    if chosen is None:
        raise Http404
    return TeamChoice(teams=teams, led=led, chosen=chosen, may_see_all=may_see_all)
