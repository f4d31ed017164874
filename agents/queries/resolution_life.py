"""One resolution and every step that brought it where it is."""

from dataclasses import dataclass

from agents.models import Hold, Resolution, ResolutionTransition
from agents.rules import resolution_words
from contracts.translation import told


@dataclass(frozen=True, kw_only=True)
class LifeStep:
    """One step of a resolution's life, with what it means."""

    transition: ResolutionTransition
    words: str


@dataclass(frozen=True, kw_only=True)
class ResolutionLife:
    """Everything that a page tells about one resolution, pay apart."""

    resolution: Resolution
    steps: tuple[LifeStep, ...]
    open_holds: tuple[Hold, ...]
    unit_words: str
    fcr_words: str


def get_life(*, resolution: Resolution) -> ResolutionLife:
    """Return the steps, holds and words of a resolution, in two queries."""
    transitions = resolution.transitions.select_related("policy_version__contract").order_by("at", "pk")
    holds = resolution.holds.filter(released_at=None).select_related("owner").order_by("opened_at")
    return ResolutionLife(
        resolution=resolution,
        steps=tuple(LifeStep(transition=step, words=_words(step)) for step in transitions),
        open_holds=tuple(holds),
        unit_words=told(resolution_words.UNIT_WORDS.get(resolution.reason, "")),
        fcr_words=told(resolution_words.FCR_WORDS.get(resolution.fcr_reason, "")),
    )


def _words(step: ResolutionTransition) -> str:
    """Say what a step means; one that takes back another says which."""
    words = told(resolution_words.TRANSITION_WORDS.get(step.rule, ""))
    return f"{words} {told(resolution_words.TRANSITION_WORDS.get(step.detail, ''))}" if step.rule == "taken_back" else words
