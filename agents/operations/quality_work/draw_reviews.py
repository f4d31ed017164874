"""Draw the resolutions of a team that are reviewed, and give each to a reviewer."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from agents.access import Role
from agents.models import Assessment, Resolution, SampledCase, SampleDraw, ScorecardVersion, Team, TeamMembership, User
from agents.operations.people import notify
from agents.rules import sampling
from contracts.models.versions import VersionStatus

DUE_AFTER = timedelta(days=7)
SIZE_MAX = 500


class UnableToDraw(Exception):
    """A draw that cannot be made: days that are not over or were drawn from, no scorecard, nobody to review, or too few asked for."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody asks for: how many and how, never which ones."""

    size: int
    agent_min: int
    second_count: int


def draw_reviews(
    *, team: Team, period_from: date, period_to: date, wish: Wish, person: User | None, as_of: datetime, seed: str = ""
) -> SampleDraw:
    """Draw at random from what a team resolved on some days, once, and queue a review of each for the team's lead.

    Args:
        team: whose resolutions; its lead reviews them.
        period_from: first day, at the team's site.
        period_to: first day no longer; not after today, so that everything that can be drawn has happened.
        wish: how many in all, at least of each agent, and how many a second reviewer scores blind.
        person: who asks; None is a job.
        as_of: business instant.
        seed: left empty, the computer makes one that nobody can know before; only the demo and tests give one.

    Returns: the draw, with its cases and reviews.
    Raises: UnableToDraw; nothing is written then.
    Source: issue "The portal", stratified random sampling. See docs/quality-work.md.
    """
    zone = ZoneInfo(team.site.timezone)
    if period_to > as_of.astimezone(zone).date():
        raise UnableToDraw(
            "These days are not over yet. Draw from days up to yesterday, so that nobody knows which cases will be reviewed."
        )
    lead = team.lead
    if lead is None:
        raise UnableToDraw(_("%(team)s has no lead who could review. Name one in the administration.") % {"team": team})
    version = scorecard_in_force(on=period_to)
    found = list(_drawable(team, lead, period_from, period_to, zone).select_related("agent", "query_type", "channel", "case__source"))
    frame = {key_of(one): one for one in found}
    rows = [sampling.Drawable(key=key, agent=one.agent.code, class_code=_class_of(one)) for key, one in frame.items() if one.agent]
    seed = seed or secrets.token_hex(32)
    picks = _draw(rows, wish, seed)
    text = sampling.write_frame(frame=rows)
    with transaction.atomic():
        try:
            with transaction.atomic():
                draw = SampleDraw.objects.create(
                    team=team,
                    period_from=period_from,
                    period_to=period_to,
                    scorecard_version=version,
                    size=wish.size,
                    agent_min=wish.agent_min,
                    second_count=wish.second_count,
                    method=sampling.METHOD,
                    seed=seed,
                    frame=text,
                    frame_hash=sampling.hash_frame(text=text),
                    frame_count=len(rows),
                    drawn_by=person,
                    drawn_at=as_of,
                    due_on=as_of.astimezone(zone).date() + DUE_AFTER,
                )
        except IntegrityError as refused:
            raise UnableToDraw(
                _("%(team)s was drawn from on some of these days already. A second draw would let somebody choose; take other days.")
                % {"team": team}
            ) from refused
        _queue(draw, picks, frame, lead)
        _tell(draw, lead, person, as_of)
    return draw


def scorecard_in_force(*, on: date) -> ScorecardVersion:
    """Return the scorecard version that reviews of a day use: the first card's by name.

    Args:
        on: the day; the first day of a version is in it, its last one not.

    Raises: UnableToDraw if no version is in force.
    """
    in_force = Q(effective_from__lte=on) & (Q(effective_to=None) | Q(effective_to__gt=on))
    found = (
        ScorecardVersion.objects.filter(in_force, status__in=(VersionStatus.ACTIVE, VersionStatus.ENDED))
        .order_by("scorecard__name", "scorecard_id")
        .first()
    )
    if found is None:
        raise UnableToDraw(
            _("No scorecard is in force on %(on)s. A contract admin activates a version in the administration.") % {"on": on}
        )
    return found


def key_of(resolution: Resolution) -> str:
    """Return the name of a resolution in a draw: source, case and number, which a stranger finds in the help desk too.

    Args:
        resolution: with its case and source.
    """
    return f"{resolution.case.source.code}/{resolution.case.key}/{resolution.number}"


def second_reviewers(*, lead: User) -> QuerySet[User]:
    """Return who can score a second time: other people who lead a team.

    Args:
        lead: who draws, and scores first.
    """
    return User.objects.filter(groups__name=Role.LEAD.value, is_active=True).exclude(pk=lead.pk).exclude(led_teams=None).distinct()


def _drawable(team: Team, lead: User, start: date, end: date, zone: ZoneInfo) -> QuerySet[Resolution]:
    """Return what the members of the team resolved; nobody reviews their own work."""
    at = [datetime.combine(day, time(), tzinfo=zone) for day in (start, end)]
    member = TeamMembership.objects.filter(
        Q(effective_to=None) | Q(effective_to__gt=start), agent=OuterRef("agent"), team=team, effective_from__lt=end
    )
    solved = Resolution.objects.filter(Exists(member), resolved_at__gte=at[0], resolved_at__lt=at[1], agent__isnull=False)
    return solved.exclude(state="void").exclude(rule="superseded").exclude(agent__user=lead)


def _class_of(resolution: Resolution) -> str:
    kind = resolution.query_type.code if resolution.query_type else "unknown"
    return f"{kind}/{resolution.channel.code if resolution.channel else 'unknown'}"


def _draw(rows: list[sampling.Drawable], wish: Wish, seed: str) -> tuple[sampling.Pick, ...]:
    if wish.size > SIZE_MAX:
        raise UnableToDraw(_("At most %(count)s reviews are drawn at once; ask for fewer.") % {"count": SIZE_MAX})
    try:
        return sampling.draw_sample(frame=rows, size=wish.size, agent_min=wish.agent_min, second_count=wish.second_count, seed=seed)
    except sampling.InvalidSample as refused:
        raise UnableToDraw(str(refused)) from refused


def _queue(draw: SampleDraw, picks: tuple[sampling.Pick, ...], frame: dict[str, Resolution], lead: User) -> None:
    cases = SampledCase.objects.bulk_create(
        SampledCase(
            draw=draw,
            resolution=frame[pick.key],
            agent=frame[pick.key].agent,
            query_type=frame[pick.key].query_type,
            channel=frame[pick.key].channel,
            stratum_count=pick.stratum_count,
            picked_count=pick.picked_count,
        )
        for pick in picks
    )
    others = {str(other.pk): other for other in second_reviewers(lead=lead)}
    reviews = [Assessment(sampled=case, reviewer=lead, due_on=draw.due_on) for case in cases]
    for pick, case in zip(picks, cases, strict=True):
        if not pick.is_second:
            continue
        names = tuple(sorted(name for name, other in others.items() if frame[pick.key].agent.user_id != other.pk))  # type: ignore[union-attr]
        if not names:
            raise UnableToDraw(_("Nobody else leads a team, so there is no second reviewer. Ask for 0 second reviews."))
        other = others[sampling.choose_one(names=names, seed=draw.seed, about=pick.key)]
        reviews.append(Assessment(sampled=case, reviewer=other, is_second=True, due_on=draw.due_on))
    Assessment.objects.bulk_create(reviews)


def _tell(draw: SampleDraw, lead: User, person: User | None, as_of: datetime) -> None:
    """Tell the reviewers, but not whoever drew just now."""
    counts: dict[int, int] = {}
    for reviewer in draw_reviewers(draw=draw):
        counts[reviewer] = counts.get(reviewer, 0) + 1
    told = [
        notify.Told(
            person_id=reviewer,
            key=f"draw-{draw.pk}",
            facts={"team": draw.team.name, "review_count": count, "due_on": draw.due_on.isoformat()},
            path=reverse("reviews"),
        )
        for reviewer, count in counts.items()
        if person is None or reviewer != person.pk
    ]
    notify.notify_each(kind="reviews_drawn", told=told, as_of=as_of)


def draw_reviewers(*, draw: SampleDraw) -> list[int]:
    """Return the reviewer of each review of a draw.

    Args:
        draw: a stored one.

    Returns: the id of a user per review, in the order of the reviews.
    """
    return list(Assessment.objects.filter(sampled__draw=draw).order_by("pk").values_list("reviewer_id", flat=True))
