"""WSGI entry point, used by `manage.py serve` and by production servers."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ppr_portal.settings")
application = get_wsgi_application()

# What was made until here stays for good. Left out of the collector's rounds, it costs no later request a tenth of a second.
gc.collect()
gc.freeze()
