"""`python -m benchmarks [NAME[:SIZE] ...] [--report FILE]`: run the benchmarks; JSON lines first, then a table.

A benchmark is a module beside this one with a function `measure() -> Iterator[Measurement]`; one that comes in any size takes it as
its argument. One that writes a section of a document takes `report`, its path.
"""

import importlib
import inspect
import json
import os
import pkgutil
import sys
from pathlib import Path

import django
from rich.console import Console
from rich.table import Table

import benchmarks
from benchmarks.measurement import Measurement

NOT_BENCHMARKS = {
    *("__main__", "bulk", "measurement", "effect_probe"),
    *("pages_asking", "pages_list", "pages_people_rows", "pages_rows", "pages_table", "pages_world"),
}


def main(wanted: list[str]) -> int:
    """Run the named benchmarks, or all of them."""
    names = [module.name for module in pkgutil.iter_modules(benchmarks.__path__) if module.name not in NOT_BENCHMARKS]
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
