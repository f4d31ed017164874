#!/bin/sh
# Checks that every translation compiles and is complete: translations.sh PYTHON
set -eu
if ! find . -path ./.venv -prune -o -name django.po -print | grep -q .; then
    echo "No translations yet: the portal speaks English."
    exit 0
fi
if ! command -v msgfmt >/dev/null; then
    echo "Checking translations needs gettext (on Debian and Ubuntu: apt-get install gettext)." >&2
    exit 1
fi
find . -path ./.venv -prune -o -name django.po -print | while read -r catalog; do
    msgfmt --check --check-accelerators=_ --statistics -o /dev/null "$catalog"
    missing=$(msgattrib --untranslated --no-obsolete "$catalog" | grep -c '^msgid' || true)
    if [ "$missing" -gt 1 ]; then
        echo "$catalog lacks $((missing - 1)) translations" >&2
        exit 1
    fi
done
