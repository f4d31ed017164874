#!/bin/sh
# Makes sure that PDF files can be made: pango.sh PYTHON
# WeasyPrint finds Pango in the system. Without it everything works but PDF files; pages then say so and offer to print.
set -eu
python=$1
"$python" -c "import weasyprint" >/dev/null 2>&1 && exit 0

if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "Installing Pango for PDF files"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -qq -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-liberation; } >/dev/null || true
fi
"$python" -c "import weasyprint" >/dev/null 2>&1 ||
    echo "No PDF files: Pango is not installed (Debian: libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; macOS: brew install pango)."
