"""Writes docs/fairness.md anew: .venv/bin/python -m tests.simulation."""

import os

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ppr_portal.settings")
    django.setup()
    from tests.simulation import page

    page.PAGE.write_text(page.write(), encoding="utf-8")
