"""How many tasks wait on the queue, asked of the broker itself and without waiting long for it."""

import logging

from amqp.exceptions import ChannelError
from django.conf import settings
from kombu.exceptions import OperationalError

from ppr_portal.celery import app

LOG = logging.getLogger(__name__)
SECONDS_MAX = 1


def waiting_count() -> int | None:
    """Return how many tasks wait for a worker; None where the broker cannot be reached."""
    try:
        with app.connection_for_read(connect_timeout=SECONDS_MAX) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=SECONDS_MAX)
            # Every transport has it, and the stubs of the base class leave it out.
            declared = connection.default_channel.queue_declare(queue=app.conf.task_default_queue, passive=True)  # type: ignore[attr-defined]
            return int(declared.message_count)
    except ChannelError:
        # A queue with nothing on it is no queue to the broker.
        return 0
    except (OperationalError, OSError) as fault:
        LOG.warning("The broker at %s cannot be reached: %s", settings.CELERY_BROKER_URL.rpartition("@")[2], fault)
        return None
