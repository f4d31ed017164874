"""`python -m benchmarks [NAME[:SIZE] ...] [--report FILE]`: run the benchmarks; JSON lines first, then a table.

A benchmark is a module beside this one with a function `measure() -> Iterator[Measurement]`; one that comes in any size takes it as
its argument. One that writes a section of a document takes `report`, its path.
"""

import importlib
import inspect
import json
import os
import re
import sys
from pathlib import Path

import django
from rich.console import Console
from rich.table import Table

from benchmarks.measurement import Measurement


def list_benchmarks() -> list[str]:
    """Return the modules beside this one that measure something; the others help them."""
    beside = sorted(Path(__file__).parent.glob("*.py"))
    return [path.stem for path in beside if re.search(r"^def measure\(", path.read_text(encoding="utf-8"), re.MULTILINE)]


def main(wanted: list[str]) -> int:
    """Run the named benchmarks, or all of them."""
    names = list_benchmarks()
    report = Path(wanted[wanted.index("--report") + 1]) if "--report" in wanted[:-1] else None
    if report is not None:
        wanted = [entry for entry in wanted if entry not in ("--report", str(report))]
    sizes = dict(entry.split(":", 1) for entry in wanted if ":" in entry)
    wanted = [entry.split(":", 1)[0] for entry in wanted]
    unknown = sorted(set(wanted) - set(names))
    if unknown:
        print(f"No benchmark is called {', '.join(unknown)}; there are {', '.join(names)}", file=sys.stderr)
        return 2
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ppr_portal.settings")
    django.setup()
    measured: list[Measurement] = []
    for name in wanted or names:
        size = [int(sizes[name])] if name in sizes else []
        measure = importlib.import_module(f"benchmarks.{name}").measure
        kept = {"report": report} if "report" in inspect.signature(measure).parameters else {}
        for measurement in measure(*size, **kept):
            measured.append(measurement)
            print(json.dumps(measurement.as_line()), flush=True)
    _show(measured)
    return 0


def _show(measured: list[Measurement]) -> None:
    table = Table("Benchmark", "Case", "Count", "Unit", "Seconds", "Per second", "Times the first")
    first: dict[str, float] = {}
    for line in measured:
        base = first.setdefault(line.benchmark, line.per_second)
        times = f"{line.per_second / base:.2f}" if base else ""
        table.add_row(line.benchmark, line.case, f"{line.count:,}", line.unit, f"{line.seconds:.3f}", f"{line.per_second:,.1f}", times)
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
