"""The portal's settings as tests need them: quick, quiet, and untouched by the developer's own environment."""

import os
import pathlib
import tempfile

os.environ["PPR_MODE"] = "demo"
for _name in ("PPR_NOW", "PPR_DEBUG", "PPR_ALLOWED_HOSTS", "PPR_SECRET_KEY", "PPR_HASH_KEY", "PPR_EMAIL_URL"):
    os.environ.pop(_name, None)
# Playwright keeps an event loop in the thread that runs the tests; Django would refuse the database there.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
# Workers of pytest-xdist inherit the name that their parent chose.
TEST_RUN = os.environ.setdefault("TEST_RUN", f"test_ppr_{os.getpid()}")

from ppr_portal.settings import *  # noqa: E402, F403
from ppr_portal.settings import DATABASES, STORAGES  # noqa: E402

# A name of its own for each run: two terminals, or the demo, never meet in one database.
DATABASES["default"]["TEST"] = {"NAME": TEST_RUN}
DATABASES["default"]["CONN_MAX_AGE"] = 0
PORTAL_ENGINE = DATABASES["default"]["ENGINE"]
DATABASES["default"]["ENGINE"] = "tests.database"

# What tests upload is nobody's to keep.
MEDIA_ROOT = pathlib.Path(tempfile.gettempdir()) / TEST_RUN / "media"

# A demo on this machine stops its own clock, not that of the tests.
PPR_NOW = None
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CELERY_TASK_ALWAYS_EAGER = True
CELERY_BROKER_URL = "memory://"
CELERY_TASK_EAGER_PROPAGATES = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_AUTOREFRESH = True
