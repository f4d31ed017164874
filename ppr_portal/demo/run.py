"""Runs the demo's steps on a terminal: a bar for each while it works, one line for each when it is done."""

import time

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from ppr_portal.demo.timeline import Step

TITLE_WIDTH = 27


def run_steps(*, console: Console, steps: tuple[Step, ...]) -> float:
    """Run every step, and return the seconds they took together.

    Without a terminal, as in a log file, only the finished lines are printed.
    """
    started = time.monotonic()
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[part]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        whole = bars.add_task("All steps".ljust(TITLE_WIDTH), total=len(steps), part="")
        for step in steps:
            _run_step(step, console, bars)
            bars.advance(whole)
    return time.monotonic() - started


def _run_step(step: Step, console: Console, bars: Progress) -> None:
    started = time.monotonic()
    task = bars.add_task(step.title.ljust(TITLE_WIDTH), total=None, part="")

    def tell(part: str, done: int, total: int) -> None:
        bars.update(task, completed=done, total=total, part=part)

    outcome = step.act(tell)
    bars.remove_task(task)
    line = Table.grid(padding=(0, 2))
    line.add_column(width=TITLE_WIDTH)
    line.add_column()
    line.add_row(step.title, f"{outcome} ({time.monotonic() - started:.1f} s)")
    console.print(line)
