"""WSGI entry point, used by `manage.py serve` and by production servers."""

import os

from django.core.wsgi import get_wsgi_application

from ppr_portal.collector import settle_collector

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ppr_portal.settings")
application = get_wsgi_application()
settle_collector()
