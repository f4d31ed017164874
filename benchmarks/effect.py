"""Seconds from one event to its effect on the agent's page, while 200 events a second come one by one.

Everything is real: web processes, worker and scheduler of `manage.py serve` with servers of their own, keys, and the page over HTTP.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from benchmarks.measurement import Measurement

ROOT = pathlib.Path(__file__).resolve().parent.parent


def measure() -> Iterator[Measurement]:
    """Run the probe as a process of its own, whose settings are those of a bare clone in an empty directory."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PPR_", "DATABASE_URL", "REDIS_URL"))}
    with tempfile.TemporaryDirectory(prefix="ppr-bench-") as folder:
        environment = {**kept, "PPR_VAR_DIR": f"{folder}/var", "PPR_LOG_LEVEL": "WARNING"}
        command = [sys.executable, "-m", "benchmarks.effect_probe"]
        probe = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True, timeout=900)
    for line in probe.stdout.splitlines():
        if line.startswith("{"):
            yield Measurement(benchmark="effect", **json.loads(line))
