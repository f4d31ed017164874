#!/usr/bin/env python
"""Django's command line for this project."""

import os
import sys


def main() -> None:
    """Run a management command; what stops it from starting is said in one sentence."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ppr_portal.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    from ppr_portal.embedded import UnableToStartServices

    try:
        execute_from_command_line(sys.argv)
    except (UnableToStartServices, ImproperlyConfigured) as fault:
        sys.exit(f"PPR Portal cannot start: {fault}")
    except KeyboardInterrupt:
        # Whoever pressed Ctrl-C knows why; 130 is what shells expect.
        sys.exit(130)


if __name__ == "__main__":
    main()
