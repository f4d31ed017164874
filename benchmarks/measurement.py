"""What a benchmark reports."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Measurement:
    """One measured piece of work. Lines of one benchmark are measured in one run, so that their ratio means something."""

    benchmark: str
    case: str
    unit: str
    count: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.count / self.seconds if self.seconds else 0.0

    def as_line(self) -> dict[str, object]:
        """Return the measurement as one JSON object."""
        return {**asdict(self), "seconds": round(self.seconds, 4), "per_second": round(self.per_second, 1)}


class Stopwatch:
    """Seconds between entering and leaving `timed`."""

    seconds: float = 0.0


@contextmanager
def timed() -> Iterator[Stopwatch]:
    """Time a block of work."""
    watch = Stopwatch()
    started = time.perf_counter()
    yield watch
    watch.seconds = time.perf_counter() - started
