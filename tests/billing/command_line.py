"""Management commands as a shell sees them: what they print and how they end, in a process of their own or in this one."""

import contextlib
import io
import os
import pathlib
import subprocess
import sys
from unittest import mock

from django.core.management import call_command

ROOT = pathlib.Path(__file__).parents[2]
NOWHERE = {"DATABASE_URL": "postgresql://nobody:nothing@127.0.0.1:9/none", "REDIS_URL": "redis://127.0.0.1:9/0"}


def start(*arguments: str, text: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `manage.py ARGUMENTS` in a process of its own, where no database can be reached."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **NOWHERE, **variables},
        input=text,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def call(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command in this process, which takes no second to start; its test must not be allowed a database."""
    typed = io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8")
    said, complained = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    code, digits = 0, sys.get_int_max_str_digits()
    try:
        with mock.patch.object(sys, "stdin", typed), contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained):
            call_command(*arguments)
    except SystemExit as ended:
        code = int(ended.code or 0)
    finally:
        sys.set_int_max_str_digits(digits)
    printed, wrong = (stream.buffer.getvalue().decode() for stream in (said, complained))  # type: ignore[attr-defined]
    return subprocess.CompletedProcess(list(arguments), code, printed, wrong)
