"""The rows of the team table, from what the queries read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from agents.queries import team_overview
from ppr_portal.pages import drawings
from ppr_portal.pages.work import limits, quality


@dataclass(frozen=True, kw_only=True)
class TeamRow:
    """One agent in the team table."""

    agent_id: int
    name: str
    team_name: str
    url: str
    scored: quality.QualityView | None
    decisions: tuple[limits.DecisionView, ...]
    pending_count: int
    dispute_count: int
    worked_seconds: int
    spark: drawings.Spark | None

    @property
    def fcr(self) -> quality.MetricView | None:
        """First contact resolution, if anything was observed."""
        return self.scored.by_code.get("fcr") if self.scored else None

    @property
    def csat(self) -> quality.MetricView | None:
        """CSAT, if anybody answered."""
        return self.scored.by_code.get("csat") if self.scored else None

    @property
    def qa(self) -> quality.MetricView | None:
        """QA, if anything was reviewed."""
        return self.scored.by_code.get("qa") if self.scored else None

    @property
    def load(self) -> str:
        """The state of load: stop, warn or nothing to say."""
        if not self.decisions:
            return ""
        return "stop" if self.decisions[0].is_stop else "warn"

    @property
    def load_words(self) -> str:
        """What was measured where a limit is near or reached."""
        return ", ".join(decision.short for decision in self.decisions[:2])

    @property
    def is_few(self) -> bool:
        """Whether there are too few results to lower pay."""
        return self.scored is None or self.scored.is_provisional

    @property
    def is_outside(self) -> bool:
        """Whether a score lies outside what was expected."""
        return self.scored is not None and self.scored.is_outside


def spark_of(rates: Sequence[team_overview.WeekRate], expected: Fraction | None) -> drawings.Spark | None:
    """Draw an agent's weekly first contact rates."""
    return drawings.draw_spark(rates=[Fraction(rate.successes, rate.n) if rate.n else None for rate in rates], expected=expected)


def pick(rows: Sequence[TeamRow], show: str) -> list[TeamRow]:
    """Return the rows that a filter keeps."""
    keeps: Callable[[TeamRow], bool] = KEEPERS.get(show, _everybody)
    return [row for row in rows if keeps(row)]


def count_filters(rows: Sequence[TeamRow]) -> Mapping[str, int]:
    """Return how many rows each filter keeps."""
    return {name: len(pick(rows, name)) for name in KEEPERS}


def _everybody(row: TeamRow) -> bool:
    return True


KEEPERS: Mapping[str, Callable[[TeamRow], bool]] = {
    "": _everybody,
    "outside": lambda row: row.is_outside,
    "load": lambda row: bool(row.load),
    "few": lambda row: row.is_few,
    "disputes": lambda row: row.dispute_count > 0,
}
