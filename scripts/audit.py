"""Asks the advisory service about every locked package: audit.py REQUIREMENTS...

Findings fail. A service that cannot be reached does not: CI must also run where only a package mirror answers.
"""

import json
import subprocess
import sys

OPTIONS = ["--format", "json", "--progress-spinner", "off", "--no-deps", "--disable-pip", "--timeout", "20"]
COMMAND = [sys.executable, "-m", "pip_audit", *OPTIONS]
SECONDS_MAX = 240


def main(files: list[str]) -> int:
    """Print what was found; return 1 for findings, 0 otherwise."""
    wanted = [part for name in files for part in ("--requirement", name)]
    try:
        done = subprocess.run([*COMMAND, *wanted], check=False, capture_output=True, text=True, timeout=SECONDS_MAX)
        found = json.loads(done.stdout)["dependencies"]
    except subprocess.TimeoutExpired:
        print(f"Not audited: the advisory service did not answer within {SECONDS_MAX} s.")
        return 0
    except (ValueError, KeyError):
        reason = done.stderr.strip().splitlines()[-1:] or ["no answer"]
        if "ServiceError" in done.stderr or "Connection" in done.stderr or "HTTP" in done.stderr:
            print(f"Not audited: the advisory service cannot be reached ({reason[0][:200]}).")
            return 0
        print(done.stderr)
        return 1
    faulty = [package for package in found if package.get("vulns")]
    for package in faulty:
        for advisory in package["vulns"]:
            fixed = ", ".join(advisory["fix_versions"]) or "no release yet"
            print(f"{package['name']} {package['version']}: {advisory['id']}, fixed in {fixed}")
    print(f"{len(found)} packages asked about, {len(faulty)} with advisories.")
    return 1 if faulty else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
