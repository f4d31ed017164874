"""Finds the Chromium that browser tests drive. `python -m tests.chromium` prints its path, or says what is missing."""

import os
import pathlib
import shutil
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLAYWRIGHT_FOLDERS = ("~/.cache/ms-playwright", "~/Library/Caches/ms-playwright")
LAUNCH_FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
HELP = "Browser tests need a Chromium: run `make chromium`, or name one in CHROMIUM."


def find_chromium() -> str | None:
    """Return the path of a Chromium on this machine: the one named in CHROMIUM, the system's, or Playwright's own."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named if os.access(named, os.X_OK) else None
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    for folder in PLAYWRIGHT_FOLDERS:
        for pattern in ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*"):
            for path in sorted(pathlib.Path(folder).expanduser().glob(pattern), reverse=True):
                return str(path)
    return None


def launch_flags() -> list[str]:
    """Return the flags for a quiet Chromium; root has no sandbox to run it in."""
    return [*LAUNCH_FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


if __name__ == "__main__":
    print(find_chromium() or HELP)
    sys.exit(0 if find_chromium() else 1)
