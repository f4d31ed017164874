"""Whether another process still lives."""

import psutil


def is_alive(process: psutil.Process) -> bool:
    """Tell whether a process still runs; one that has ended and that nobody collects does not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
