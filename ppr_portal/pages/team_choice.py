"""Which of the teams that somebody may see a page is about."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404

from agents import access
from agents.models import Team
from ppr_portal.pages.entry import PortalRequest, asked_number


@dataclass(frozen=True, kw_only=True)
class TeamChoice:
    """The teams to choose from and the chosen one; none for all of them, where there may be a page about all."""

    teams: Sequence[Team]
    chosen: Team | None
    may_see_all: bool = False

    @property
    def shown_ids(self) -> list[int]:
        """The teams that the page is about."""
        return [self.chosen.pk] if self.chosen else [team.pk for team in self.teams]

    @property
    def has_choice(self) -> bool:
        """Whether there is more than one team to choose from."""
        return len(self.teams) > 1


def read_choice(request: PortalRequest, *, shows_all: bool = True) -> TeamChoice:
    """Return the team that is asked for; where none is, a lead sees all of theirs, and who reads every team the first one.

    Args:
        request: whose address may name a team.
        shows_all: whether the page has room for several teams at once.

    Raises: Http404 for a team that they may not see.
    """
    person = request.viewer.person
    teams = list(access.teams_for(request.user).select_related("site"))
    # Every team of the company at once would be more than a page holds.
    may_see_all = shows_all and person.is_lead and not person.reads_everyone
    if not request.GET.get("team"):
        return TeamChoice(teams=teams, chosen=None if may_see_all else next(iter(teams), None), may_see_all=may_see_all)
    asked = asked_number(request, "team")
    chosen = next((team for team in teams if team.pk == asked), None)
    if chosen is None:
        raise Http404
    return TeamChoice(teams=teams, chosen=chosen, may_see_all=may_see_all)
