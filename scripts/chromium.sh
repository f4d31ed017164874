#!/bin/sh
# Makes sure that the browser tests have a Chromium: chromium.sh PYTHON
set -eu
python=$1
"$python" -m tests.chromium >/dev/null && exit 0

if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "Installing Chromium for the browser tests"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium; } >/dev/null || true
else
    echo "Fetching Playwright's Chromium for the browser tests"
    "$python" -m playwright install chromium || true
fi
"$python" -m tests.chromium
