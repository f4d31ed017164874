"""What a benchmark reports."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

PROCESS = Path("/proc/self")
KIB_EACH_MIB = 1024
# What Linux takes to forget the most memory that a program held so far.
FORGET = "5"


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


def forget_peak() -> None:
    """Let the most memory that this program held be counted from now on."""
    if PROCESS.exists():
        (PROCESS / "clear_refs").write_text(FORGET, encoding="ascii")


def peak_mib() -> int:
    """Return the most memory that this program held since then; zero where the system does not tell."""
    if not PROCESS.exists():
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", (PROCESS / "status").read_text(encoding="ascii"))
    return int(found[1]) // KIB_EACH_MIB if found else 0
