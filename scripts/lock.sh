#!/bin/sh
# Compiles the locked requirements from pyproject.toml: lock.sh VENV. Run it on the oldest supported Python, 3.11.
# Hashes cover every file that the index serves, so that other platforms and newer Pythons can install them too.
set -eu
venv=$1
compile() {
    "$venv/bin/pip-compile" --quiet --generate-hashes --allow-unsafe --strip-extras --no-header --no-annotate \
        --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options "$@" pyproject.toml
}
compile --output-file requirements.txt ${UPGRADE:+--upgrade}
compile --output-file requirements-dev.txt --extra dev --constraint requirements.txt ${UPGRADE:+--upgrade}
grep -c '==' requirements.txt requirements-dev.txt
