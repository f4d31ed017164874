"""The frame of every scheduled task: it reads the business clock, runs as the only copy, and leaves a record."""

import functools
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Concatenate, ParamSpec

from agents.operations.jobs.run_job import JobResult, Skipped, run_job
from contracts import clock

P = ParamSpec("P")


def recorded(*, job: str) -> Callable[[Callable[Concatenate[JobResult, datetime, P], None]], Callable[P, None]]:
    """Give a task the result that it fills in and the business clock that it works for; while a copy runs, another does nothing.

    Args:
        job: the name under which its runs are recorded, which is that of its task without the app.
    """

    def frame(body: Callable[Concatenate[JobResult, datetime, P], None]) -> Callable[P, None]:
        @functools.wraps(body)
        def task(*args: P.args, **kwargs: P.kwargs) -> None:
            as_of = clock.now()
            with suppress(Skipped), run_job(job=job, as_of=as_of) as result:
                body(result, as_of, *args, **kwargs)

        return task

    return frame
