"""A database that is made for one benchmark and dropped afterwards."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

from django.db import connection
from django.test.utils import setup_test_environment, teardown_test_environment


@contextmanager
def own_database() -> Iterator[None]:
    """Work on a database of its own, and put tasks on a queue of this process alone."""
    from ppr_portal.celery import app

    name = connection.settings_dict["NAME"]
    connection.settings_dict.setdefault("TEST", {})["NAME"] = f"bench_{secrets.token_hex(4)}"
    setup_test_environment(debug=False)
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    broker_url, app.conf.broker_url = app.conf.broker_url, "memory://"
    try:
        yield
    finally:
        app.conf.broker_url = broker_url
        connection.creation.destroy_test_db(name, verbosity=0)
        teardown_test_environment()


def environment() -> dict[str, str]:
    """Return the environment of a process that works on the present database."""
    at = connection.settings_dict
    options = f"?host={quote(str(at['HOST']), safe='')}&port={at['PORT']}"
    url = f"postgresql://{at['USER']}:{quote(at['PASSWORD'])}@/{at['NAME']}{options}"
    return {**os.environ, "DATABASE_URL": url}
