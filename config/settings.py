"""Django's settings, in the order in which a newcomer asks for them.

Everything a site may change is an environment variable, read here through `config.env`;
only what the web server needs before Django exists stands in `gunicorn_settings`.
"""

import os
from pathlib import Path

from config import embedded, env, logs, running, seals
from config.databases import broker, database
from config.embedded import slots

BASE_DIR = Path(__file__).resolve().parent.parent
LOCAL_DIR = BASE_DIR / ".local"
running.export([])

# --- What kind of run ----------------------------------------------------------------

DEBUG = env.flag("DEBUG", default=False)
# Whether people reach us over TLS, at our door or at a proxy before it.
TLS = env.flag("TLS", default=False)
UNDER_TESTS = running.under_tests()
EMBEDDED_DATABASE = not os.environ.get("DATABASE_URL")
GENERATED_SECRET_KEY = not os.environ.get("SECRET_KEY")
SECRET_KEY = embedded.secret_key() if GENERATED_SECRET_KEY else env.text("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")

# --- Rooms ---------------------------------------------------------------------------

INSTALLED_APPS = [
    "config",
    "worklists",
    "denials",
    "audits",
    "training",
    "seeds",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.admin",
    "guardian",
    "axes",
    "rest_framework",
    "rest_framework.authtoken",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

MIDDLEWARE = [
    "config.middleware.RequestContext",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.ContentSecurityPolicy",
    "config.middleware.NothingKept",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.middleware.IdleLogOff",
    "config.middleware.RefusedAccess",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "config.errors.LongAddresses",
    "config.errors.PageRefusals",
]

# --- Database, broker, cache ---------------------------------------------------------

if EMBEDDED_DATABASE:
    _DATABASE_URL = embedded.database_url(running.APP)
    _OWNER_URL = embedded.database_url(running.OWNER)
else:
    _DATABASE_URL = env.text("DATABASE_URL")
    _OWNER_URL = env.text("DATABASE_OWNER_URL", default=_DATABASE_URL)
DATABASE_ROLE = env.text("CODETRAIL_DB_ROLE", choices={running.APP, running.OWNER})
_APP_DATABASE = database("DATABASE_URL", _DATABASE_URL)
_OWNER_DATABASE = database("DATABASE_OWNER_URL", _OWNER_URL)
# Migrations grant and revoke for this role by name.
DATABASE_APP_ROLE = _APP_DATABASE["USER"]
DATABASE_OWNER_ROLE = _OWNER_DATABASE["USER"]
DATABASES = {
    "default": _OWNER_DATABASE if DATABASE_ROLE == running.OWNER else _APP_DATABASE
}

_VALKEY_NUMBER = 0
if UNDER_TESTS:
    _SLOT = slots.claim(embedded.here())
    DATABASES["default"]["TEST"] = {"NAME": slots.database_name(_SLOT)}
    _VALKEY_NUMBER = slots.valkey_number(_SLOT, running.test_worker())
REDIS_URL = os.environ.get("REDIS_URL") or embedded.redis_url(_VALKEY_NUMBER)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": f"codetrail{_VALKEY_NUMBER or ''}",
        "TIMEOUT": 300,
    }
}

# --- People and sessions -------------------------------------------------------------

AUTH_USER_MODEL = "worklists.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
_VALIDATORS = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATORS}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATORS}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATORS}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATORS}.NumericPasswordValidator"},
]
if UNDER_TESTS:  # a slow hash on purpose would be most of the suite's time
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"

# Sessions live in Valkey: a page view writes nothing to the database.
SESSION_ENGINE = "config.sessions"
IDLE_LOG_OFF_SECONDS = env.number("IDLE_LOG_OFF_MINUTES", 15, minimum=1) * 60
SESSION_COOKIE_AGE = IDLE_LOG_OFF_SECONDS
SESSION_COOKIE_NAME = "codetrail_session"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "codetrail_csrf"
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"

ANONYMOUS_USER_NAME = None  # guardian: nobody is a person who is not logged in
GUARDIAN_RAISE_403 = False

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "config.clients.address_of"
AXES_USERNAME_CALLABLE = "config.clients.name_kept"
AXES_LOCKOUT_CALLABLE = "config.clients.locked_out"
AXES_SENSITIVE_PARAMETERS = logs.NEVER_KEPT
# Proxies of ours that append to X-Forwarded-For; 0 takes the connection's address.
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0, maximum=9)

# --- Security of the wire ------------------------------------------------------------

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = TLS
SECURE_SSL_REDIRECT = TLS
SECURE_HSTS_SECONDS = 31_536_000 if TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = TLS
SECURE_REDIRECT_EXEMPT = [r"^health/"]  # balancers ask without TLS
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Language and time ---------------------------------------------------------------

LANGUAGE_CODE = "en-us"
USE_I18N = False  # one language: nothing is asked of it while a page is drawn
USE_TZ = True
TIME_ZONE = "UTC"

# --- Files ---------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", default=str(LOCAL_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "config" / "static"]
# Uploads are no static files: they are served only through a policy.
MEDIA_ROOT = Path(env.text("UPLOAD_DIR", default=str(embedded.here().uploads)))
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# One file of evidence: PDF, PNG, JPEG, TIFF or plain text.
ATTACHMENT_MAX_BYTES = env.number("ATTACHMENT_MAX_MB", 25, minimum=1) * 1024 * 1024
# After so many days a row of a payer profile must be verified again.
PROFILE_STALE_DAYS = env.number("PROFILE_STALE_DAYS", 365, minimum=1)
_MANIFEST = "whitenoise.storage.CompressedManifestStaticFilesStorage"
_PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _PLAIN if DEBUG or UNDER_TESTS else _MANIFEST},
}
# Without collected files (tests, DEBUG) they are found where they lie.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG or UNDER_TESTS

# --- Pages and API -------------------------------------------------------------------

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
                "config.middleware.idle_log_off",
                "worklists.context_processors.shell",
            ],
        },
    },
]
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        # Token first: its WWW-Authenticate header makes a missing log-in a 401.
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PARSER_CLASSES": ["worklists.api.parsers.PlainJSON"],
    "DEFAULT_THROTTLE_CLASSES": ["worklists.throttles.Everything"],
    "DEFAULT_THROTTLE_RATES": {"everything": "1200/min"},
    "EXCEPTION_HANDLER": "config.errors.api_exception",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Codetrail",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# --- Background work -----------------------------------------------------------------
# Tasks are idempotent, so one may be delivered twice: it is acknowledged when done.

CELERY_BROKER_URL = broker(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# A task of a lost worker comes back after this; no task may run longer.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = 3000, 3300
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_ALWAYS_EAGER = CELERY_TASK_EAGER_PROPAGATES = UNDER_TESTS
CELERY_TIMEZONE = "UTC"
# Beat writes the time of its last tick here; /health/ready asks how old it is.
BEAT_SILENT_SECONDS = 180
# Seals of the trail: their key, their second place, when their lag is reported.
SEAL_KEY_FILE = seals.key_file(embedded.here().folder)
SEAL_STORE_IS_OURS = EMBEDDED_DATABASE and not UNDER_TESTS and not seals.is_named()
SEAL_STORE = seals.read_store(embedded.here().seals if SEAL_STORE_IS_OURS else None)
SEAL_STORE_S3 = seals.s3()
SEAL_LAG_MINUTES = env.number("SEAL_LAG_MINUTES", 15, minimum=1, maximum=1440)
VERIFY_EVERY_HOURS = env.number("VERIFY_EVERY_HOURS", 24, minimum=1, maximum=168)

# --- Mail and log --------------------------------------------------------------------

# Mails carry links: where people reach us.
SITE_URL = env.text("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
EMAIL_BACKEND = env.text(
    "EMAIL_BACKEND", default="django.core.mail.backends.console.EmailBackend"
)
EMAIL_HOST = env.text("EMAIL_HOST", default="localhost")
EMAIL_PORT = env.number("EMAIL_PORT", 25, minimum=1, maximum=65535)
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=False)
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", default="codetrail@localhost")
LOGGING = logs.settings(
    level=env.text("LOG_LEVEL", default="INFO", choices=logs.LEVELS),
    form=env.text("LOG_FORMAT", default="json", choices=logs.FORMS),
)
