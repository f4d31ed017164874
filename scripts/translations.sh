#!/bin/sh
# Checks that every text is translated, and that what is compiled is what is written: translations.sh PYTHON
set -eu
"$1" scripts/translations.py check
