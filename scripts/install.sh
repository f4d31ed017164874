#!/bin/sh
# Makes the virtual environment and installs exactly the locked packages: install.sh VENV REQUIREMENTS STAMP
set -eu
venv=$1 requirements=$2 stamp=$3

find_python() {
    for candidate in ${PYTHON:-} python3.13 python3.12 python3.11 python3 python3.14; do
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            echo "$candidate"
            return 0
        fi
    done
    return 1
}

if ! "$venv/bin/python" -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
    if ! python=$(find_python); then
        echo "PPR Portal needs Python 3.11 or newer with its venv module, and found none." >&2
        echo "Install it (on Debian and Ubuntu: apt-get install python3 python3-venv), or name one: make PYTHON=/path/to/python3" >&2
        exit 1
    fi
    echo "Making a virtual environment with $("$python" --version) in $venv"
    rm -rf "$venv"
    "$python" -m venv "$venv"
fi

count=$(grep -c '==' "$requirements")
echo "Installing $count locked packages from $requirements; a first time takes about a minute"
started=$(date +%s)
"$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-input --require-hashes --no-deps -r "$requirements"
# The lock was compiled on one Python; say so here, not in the middle of a pay run, if this one needs more.
"$venv/bin/python" -m pip check >/dev/null || { "$venv/bin/python" -m pip check >&2; exit 1; }
echo "Installed in $(($(date +%s) - started)) s"
touch "$stamp"
