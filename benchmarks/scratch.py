"""A database that is made for one benchmark and dropped afterwards."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

from django.db import connection
from django.test import override_settings


@contextmanager
def own_database() -> Iterator[None]:
    """Work on a database of its own, and put tasks on a queue of this process alone."""
    from ppr_portal.celery import app

    name = connection.settings_dict["NAME"]
    connection.settings_dict.setdefault("TEST", {})["NAME"] = f"bench_{secrets.token_hex(4)}"
    # Django's own test environment would copy the context of each template that is drawn, which takes longer than drawing it.
    quiet = override_settings(DEBUG=False, ALLOWED_HOSTS=["*"], EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")
    with quiet:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        broker_url, app.conf.broker_url = app.conf.broker_url, "memory://"
        try:
            yield
        finally:
            app.conf.broker_url = broker_url
            connection.creation.destroy_test_db(name, verbosity=0)


def environment() -> dict[str, str]:
    """Return the environment of a process that works on the present database."""
    at = connection.settings_dict
    options = f"?host={quote(str(at['HOST']), safe='')}&port={at['PORT']}"
    url = f"postgresql://{at['USER']}:{quote(at['PASSWORD'])}@/{at['NAME']}{options}"
    return {**os.environ, "DATABASE_URL": url}
