"""The one settings file. What differs between machines comes from the environment: see environment.py and .env.example."""

import pathlib
from typing import Any

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

from ppr_portal import embedded
from ppr_portal.administration import UNFOLD as UNFOLD
from ppr_portal.environment import BASE_DIR, Environment, compute_on_one_core, demo_secret_key, read_environment

ENVIRONMENT: Environment = read_environment()
PRODUCTION: bool = ENVIRONMENT.is_production
compute_on_one_core()

# --- Who we are -------------------------------------------------------------------------------------------------------

PPR_MODE = ENVIRONMENT.mode
PPR_VAR_DIR: pathlib.Path = ENVIRONMENT.var_dir
DEBUG = ENVIRONMENT.debug
SECRET_KEY = ENVIRONMENT.secret_key.get_secret_value() if ENVIRONMENT.secret_key else demo_secret_key(var_dir=PPR_VAR_DIR)
# Customers are stored only as a hash under this key, so that it outlives a changed signing key.
PPR_HASH_KEY = ENVIRONMENT.hash_key.get_secret_value() if ENVIRONMENT.hash_key else SECRET_KEY
ALLOWED_HOSTS = ENVIRONMENT.hosts
ROOT_URLCONF = "ppr_portal.urls"
WSGI_APPLICATION = "ppr_portal.wsgi.application"
ASGI_APPLICATION = "ppr_portal.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The instant at which the demo company's clock stands, or None for the real clock. Read it only through contracts.clock.
PPR_NOW = ENVIRONMENT.fixed_now

INSTALLED_APPS = [
    "ppr_portal",
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.inlines",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "rest_framework",
    "django_htmx",
    "django_celery_beat",
    "csp",
    "pgtrigger",
    "pghistory",
    "contracts",
    "agents",
    "billing",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "ppr_portal.middleware.ContentSecurityPolicyMiddleware",
    "ppr_portal.middleware.AdministrationAddressMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "ppr_portal.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "ppr_portal.middleware.PreferencesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "ppr_portal.middleware.SecondFactorMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pghistory.middleware.HistoryMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ppr_portal.context_processors.portal",
            ]
        },
    }
]

# --- Data -------------------------------------------------------------------------------------------------------------


def _database() -> dict[str, Any]:
    """Describe the database named by DATABASE_URL, or the embedded one that starts when it is first asked for."""
    if ENVIRONMENT.database_url is None:
        return {"ENGINE": "ppr_portal.database", **embedded.database_settings(var_dir=PPR_VAR_DIR)}
    try:
        parts = conninfo_to_dict(ENVIRONMENT.database_url.get_secret_value())
    except Exception as fault:
        raise ImproperlyConfigured("DATABASE_URL is not a PostgreSQL address such as postgresql://user:password@host:5432/name") from fault
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", ""),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "")),
        "OPTIONS": parts,
    }


DATABASES = {"default": {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, **_database()}}

REDIS_URL = ENVIRONMENT.redis_url.get_secret_value() if ENVIRONMENT.redis_url else embedded.redis_url(var_dir=PPR_VAR_DIR)
# Kept answers name the modules of their classes. Where such a class moves, another prefix leaves the old answers unread until they end.
CACHES = {"default": {"BACKEND": "ppr_portal.cache.PortalCache", "LOCATION": REDIS_URL, "KEY_PREFIX": "ppr2"}}

PGHISTORY_APPEND_ONLY = True

# --- Words, time, files -------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en-us"
# Each is named as the people who speak it name it.
LANGUAGES = [("en-us", "English"), ("es", "Español")]
LANGUAGE_COOKIE_NAME = "ppr_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
# The demo serves files straight from the packages, so that nothing has to be collected first.
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = not PRODUCTION
MEDIA_ROOT = PPR_VAR_DIR / "media"
MEDIA_URL = "/media/"

# --- People -------------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "agents.User"
AUTHENTICATION_BACKENDS = ["ppr_portal.accounts.PersonBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "ppr_portal.accounts.ClosedSignUpAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# Addresses are entered by a contract admin, not claimed by a visitor, so there is nothing to verify.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if PRODUCTION else "http"

# Whoever adds a second factor is asked for the password again first; where addresses come from is said above.
MFA_ADAPTER = "ppr_portal.accounts.SealedFactorsAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
# Browsers allow passkeys without TLS on localhost, and only there.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
# A code typed at the end of its half minute arrives in the next one.
MFA_TOTP_TOLERANCE = 1
MFA_TOTP_ISSUER = "PPR Portal"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 60 * 10
# People who may decide on money need a second factor before they open anything.
PPR_SECOND_FACTOR_FOR_MONEY = ENVIRONMENT.second_factor_for_money

SOCIALACCOUNT_ADAPTER = "ppr_portal.accounts.KnownPeopleAdapter"
# Signing in by a link: a form that posts would need the provider's addresses in the content security policy. The answer is
# bound to the browser that asked by its state, and only people who were entered here get in.
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {"openid_connect": {"APPS": []}}
PPR_OIDC_EMAIL_IS_VERIFIED = ENVIRONMENT.oidc_email_is_verified
if ENVIRONMENT.has_single_sign_on and ENVIRONMENT.oidc_client_secret:
    SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"].append(
        {
            "provider_id": "company",
            "name": ENVIRONMENT.oidc_name,
            "client_id": ENVIRONMENT.oidc_client_id,
            "secret": ENVIRONMENT.oidc_client_secret.get_secret_value(),
            "settings": {"server_url": ENVIRONMENT.oidc_issuer.rstrip("/"), "oauth_pkce_enabled": True},
        }
    )

# --- Defenses -----------------------------------------------------------------------------------------------------------

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_NAME = "ppr_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 12
CSRF_FAILURE_VIEW = "ppr_portal.pages.errors.stale"
CSRF_TRUSTED_ORIGINS = [f"https://{'*' + host if host.startswith('.') else host}" for host in ALLOWED_HOSTS] if PRODUCTION else []
SECURE_SSL_REDIRECT = PRODUCTION
# A load balancer asks for health inside the network, without TLS.
SECURE_REDIRECT_EXEMPT = [r"^health/$"]
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
# Tries to sign in are counted, and sessions told, by the address that the proxy appends to X-Forwarded-For, not by the proxy's own.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if ENVIRONMENT.behind_proxy else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.behind_proxy else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
# Unfold's pages evaluate Alpine expressions and write a <style> of theme colors; nothing outside /admin/ may do either.
ADMIN_URL_PREFIX = "/admin/"
ADMIN_CONTENT_SECURITY_POLICY = {
    **CONTENT_SECURITY_POLICY["DIRECTIVES"],
    "script-src": [SELF, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
}

# What htmx may do; base.html writes it into <meta name="htmx-config">. It must not add styles or evaluate text under the policy above.
HTMX_CONFIG = {
    "includeIndicatorStyles": False,
    "allowEval": False,
    "allowScriptTags": False,
    "selfRequestsOnly": True,
    "historyCacheSize": 0,
    "refreshOnHistoryMiss": True,
}

# --- Letters ------------------------------------------------------------------------------------------------------------

DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENVIRONMENT.email_from
if ENVIRONMENT.email_url:
    from ppr_portal.email_address import smtp_settings

    _smtp = smtp_settings(url=ENVIRONMENT.email_url.get_secret_value())
    EMAIL_HOST, EMAIL_PORT = _smtp.host, _smtp.port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _smtp.user, _smtp.password
    EMAIL_USE_TLS, EMAIL_USE_SSL = _smtp.starts_tls, _smtp.is_tls
    EMAIL_TIMEOUT = 20
elif not PRODUCTION:
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

# --- API ----------------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "COERCE_DECIMAL_TO_STRING": True,
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "ppr_portal.api.answers.AlwaysJson",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.CursorPagination",
    "PAGE_SIZE": 100,
    # Requests, not events: a request carries up to 10,000 of those.
    "DEFAULT_THROTTLE_RATES": {"api_key": "400/second", "hook": "400/second"},
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

# --- Jobs ---------------------------------------------------------------------------------------------------------------

CELERY_BROKER_URL = embedded.broker_url(address=REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True
DJANGO_CELERY_BEAT_TZ_AWARE = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
# Every task may run twice: it is acknowledged when done, and handed out again when its worker died.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TASK_SOFT_TIME_LIMIT = 14 * 60
CELERY_TASK_TIME_LIMIT = 15 * 60
# Longer than the time limit, so a task that still runs is never handed to a second worker.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 20 * 60}
# When told to stop, a worker finishes what takes a moment and puts the rest back on the queue.
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 2.0
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CONCURRENCY = ENVIRONMENT.task_workers

# --- Logs ---------------------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname:<7} {name}: {message}", "style": "{", "datefmt": "%Y-%m-%d %H:%M:%S"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        name: {"handlers": ["console"], "level": ENVIRONMENT.log_level, "propagate": False}
        for name in ("django", "celery", "ppr_portal", "billing", "agents", "contracts")
    },
}

# --- Administration -----------------------------------------------------------------------------------------------------
