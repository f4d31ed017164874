"""How long a bare clone waits for its servers: the first start makes the cluster, later ones find it."""

import pathlib
import tempfile
from collections.abc import Iterator

from benchmarks.measurement import Measurement, timed
from ppr_portal import embedded

STOP_SECONDS_MAX = 20


def measure() -> Iterator[Measurement]:
    """Start the embedded servers on an empty directory, then once more."""
    with tempfile.TemporaryDirectory(prefix="ppr-bench-") as folder:
        var_dir = pathlib.Path(folder) / "var"
        for case in ("first start", "later start"):
            with timed() as watch:
                embedded.join(var_dir=var_dir)
            yield Measurement(benchmark="start_up", case=case, unit="starts", count=1, seconds=watch.seconds)
            embedded.leave(var_dir=var_dir, wait_seconds=STOP_SECONDS_MAX)
