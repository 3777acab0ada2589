"""Settings of VerteRead. Deployments set environment variables, which README.md lists."""

import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from kombu import Exchange, Queue

from studies import __version__
from studies import environment as env
from studies.content_security_policy import content_security_policy

BASE_DIR = Path(__file__).resolve().parent.parent
APP_VERSION = __version__

DEBUG = env.switch("VERTEREAD_DEBUG", False)
HTTPS = env.switch("VERTEREAD_HTTPS", False)
ALLOWED_HOSTS = env.words("VERTEREAD_ALLOWED_HOSTS", ["localhost", "127.0.0.1"])
BASE_URL = env.base_url("VERTEREAD_BASE_URL")
CSRF_TRUSTED_ORIGINS = [BASE_URL] if BASE_URL else []

# Longer than the four requests to a slow object storage that a transaction may wait for.
IDLE_TRANSACTION_S = env.whole_number("VERTEREAD_IDLE_TRANSACTION_S", 180)
DATABASES = {"default": env.database("DATABASE_URL", idle_transaction_s=IDLE_TRANSACTION_S)}
SECRET_KEY = env.secret_key("VERTEREAD_SECRET_KEY")
if not SECRET_KEY:
    if env.text("DATABASE_URL"):
        raise ImproperlyConfigured(
            "VERTEREAD_SECRET_KEY is not set. Create one with: openssl rand -hex 32"
        )
    # Without a database nothing is signed for longer than this process runs.
    SECRET_KEY = secrets.token_urlsafe(50)

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "rest_framework",
    "drf_spectacular",
    "pgtrigger",
    "csp",
    "django_vite",
    "studies.audit",
    "studies.mail",
    "studies.protocol",
    "studies.readers",
    "studies.registry",
    "studies.cases",
    "studies.fine_tuning",
    "studies.sessions.apps.SessionsConfig",
    "studies.practice",
    "studies.correspondence",
    "studies.notifications",
    "studies.review",
    "studies.reports",
    "studies.administration",
]
# Its command creates accounts with known passwords, so it has to be enabled explicitly.
DEMONSTRATION = env.switch("VERTEREAD_DEMONSTRATION", False)
if DEMONSTRATION:
    INSTALLED_APPS.append("studies.demonstration")

MIDDLEWARE = [
    # First, so that a health check is neither redirected nor rejected for its host.
    "studies.monitoring.health.HealthCheckMiddleware",
    # Outside of the others, whose errors it converts into the JSON of the API.
    "studies.error_responses.APIErrorMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "studies.readers.middleware.IdleTimeoutMiddleware",
    "studies.readers.middleware.NoStoreMiddleware",
    "studies.readers.middleware.UserTimezoneMiddleware",
    "studies.readers.middleware.ExpectedUserMiddleware",
    "studies.errors.StudyErrorMiddleware",
]
# The process that receives uploads (studies/serving) serves nothing else.
SERVES = env.choice("VERTEREAD_SERVES", "everything", "pages", "uploads")
if SERVES == "uploads":
    MIDDLEWARE.insert(1, "studies.serving.only_uploads.UploadsOnlyMiddleware")

ROOT_URLCONF = "studies.urls"
WSGI_APPLICATION = "studies.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "studies" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["studies.formats.number_filters"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "studies.mail.context.mail",
            ],
        },
    }
]

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
FORMAT_MODULE_PATH = ["studies.formats"]

AUTH_USER_MODEL = "readers.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "studies.readers.adapter.InviteOnlyAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
# Guesses from one address must not lock out the account's owner at another address, so the limit
# per account alone is far higher. `studies.readers.adapter` defines the last one.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "20/m/ip,50/15m/key",
    "login_failed_account_and_address": "5/5m/key",
    "reset_password": "20/h/ip,5/h/key",
    "confirm_address": "10/h/user",
}
ALLAUTH_TRUSTED_PROXY_COUNT = env.whole_number("VERTEREAD_TRUSTED_PROXIES", 0)

# Emails are queued in the outbox and sent by workers (studies/mail); nothing else sends any.
MAIL = env.mail_server("VERTEREAD_MAIL_", base_url=BASE_URL)
MAIL_KEEP_DAYS = env.whole_number("VERTEREAD_MAIL_KEEP_DAYS", 90, least=1)
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

SESSION_ENGINE = "studies.readers.sign_in.session_store"
SESSION_COOKIE_AGE = 60 * env.whole_number("VERTEREAD_IDLE_MINUTES", 60, least=5)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_SSL_REDIRECT = HTTPS
# The proxy sets this header. Without HTTPS there may be no proxy, and clients could set it.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# `make dev` loads scripts and styles from Vite's dev server.
VITE_SERVER = env.dev_server("VERTEREAD_VITE_SERVER")
if VITE_SERVER and not DEBUG:
    raise ImproperlyConfigured("VERTEREAD_VITE_SERVER needs VERTEREAD_DEBUG=1: see make dev.")
CONTENT_SECURITY_POLICY = content_security_policy(dev_server=VITE_SERVER)

STORAGE = env.folder("VERTEREAD_STORAGE", BASE_DIR / "var" / "storage")
SPOOL = env.folder("VERTEREAD_SPOOL", BASE_DIR / "var" / "spool")
MEDIA_ROOT = STORAGE
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
FILE_UPLOAD_HANDLERS = ["studies.cases.upload.upload_handler.UnnamedTemporaryFileHandler"]
MAX_UPLOAD_BYTES = 2**20 * env.whole_number("VERTEREAD_MAX_UPLOAD_MB", 2048, least=1)
# Uploaded and stored files are parsed in sandbox processes: the number per web or worker process.
SANDBOX_PROCESSES = env.whole_number("VERTEREAD_SANDBOX_PROCESSES", 2, least=1)
SANDBOX_MEMORY_MB = env.whole_number("VERTEREAD_SANDBOX_MEMORY_MB", 1024, least=512)
# In a process that also serves pages, uploads may occupy at most half of the threads.
UPLOAD_SLOTS = env.whole_number("VERTEREAD_UPLOAD_SLOTS", 16 if SERVES == "uploads" else 2, least=1)
if SERVES == "pages":
    UPLOAD_SLOTS = 0
UPLOAD_IDLE_S = env.whole_number("VERTEREAD_UPLOAD_IDLE_S", 60, least=1)
UPLOAD_TOTAL_S = env.whole_number("VERTEREAD_UPLOAD_TOTAL_S", 7200, least=1)
# Age at which a stored file without a row is removed (studies/storage/orphans.py).
ORPHAN_MINUTES = env.whole_number("VERTEREAD_ORPHAN_MINUTES", 1440, least=1)
WEIGHTS = env.text("VERTEREAD_WEIGHTS")

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "static-collected"
VIEWER = BASE_DIR / "frontend" / "dist"
STATICFILES_DIRS = [VIEWER] if VIEWER.is_dir() else []
# The worker's image has no pages and therefore no viewer.
SILENCED_SYSTEM_CHECKS = [] if VIEWER.is_dir() else ["django_vite.W001"]
DJANGO_VITE = {"default": env.vite(VITE_SERVER, manifest=VIEWER / "manifest.json")}
WHITENOISE_USE_FINDERS = True
# Vite puts a hash of the content into these names, so browsers may cache the files forever.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/assets/[\w.-]+-[\w-]{8}\.\w+$"
OBJECT_STORAGE = env.object_storage("VERTEREAD_S3_")
STORAGES = {
    "default": {
        "BACKEND": "studies.storage.object_storage.ObjectStorage",
        "OPTIONS": OBJECT_STORAGE,
    }
    if OBJECT_STORAGE
    else {"BACKEND": "studies.storage.folder.FolderStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage",
        # Not as private as uploads, because the web process runs under another account.
        "OPTIONS": {"directory_permissions_mode": 0o755, "file_permissions_mode": 0o644},
    },
}

LINKAGE_KEYS = env.encryption_keys("VERTEREAD_LINKAGE_KEY")

CELERY_BROKER_URL = env.text("CELERY_BROKER_URL")
# Work without a heartbeat for so long is queued again.
STALE_AFTER_S = env.whole_number("VERTEREAD_STALE_AFTER_S", 60, least=2)
CELERY_IMPORTS = ["studies.storage.sweeping"]
CELERY_TASK_DEFAULT_QUEUE = "analyses"
# A worker takes from all queues, unless it is started with -Q for some of them.
QUEUES = ("analyses", "reports", "training", "mail")
CELERY_TASK_QUEUES = [Queue(name, Exchange(name), routing_key=name) for name in QUEUES]
REPORT_TASKS = (
    *("make_report", "compute_bootstrap", "write_workbook", "write_package"),
    "prepare_snapshot",
)
TRAINING_TASKS = ("check_model", "fine_tune")
CELERY_TASK_ROUTES = {
    **{name: {"queue": "reports"} for name in REPORT_TASKS},
    **{name: {"queue": "training"} for name in TRAINING_TASKS},
    "send_mail": {"queue": "mail"},
}
CELERY_TASK_IGNORE_RESULT = True
# If a worker is killed, its task is delivered again: tasks are safe to run twice.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# The soft limit comes first, so that a task can still store why it failed.
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 270
CELERY_WORKER_CONCURRENCY = env.whole_number("VERTEREAD_WORKER_PROCESSES", 1, least=1)
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Reports, bootstraps, prepared files and training run in child processes, which free their memory
# at the end.
RUN_IN_CHILD_PROCESS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Twice a task's time limit, or Redis would deliver the message of a running task again.
    "visibility_timeout": 600,
    # A request tries at most three times and thus waits for six seconds at most.
    "socket_connect_timeout": 2,
    "socket_timeout": 2,
    # A worker reconnects to a broker that did not answer for 21 seconds.
    "health_check_interval": 10,
}
# A broker that does not answer delays an upload by seconds; its case is queued later.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2}
HEARTBEAT_FILE = env.text("VERTEREAD_HEARTBEAT_FILE")

CACHES = {
    "default": {
        "BACKEND": "studies.cache.fail_open.FailOpenCache",
        "LOCATION": CELERY_BROKER_URL,
        "KEY_PREFIX": "verteread",
        "OPTIONS": {
            "serializer": "studies.cache.serialization.CacheSerializer",
            "socket_connect_timeout": 2,
            "socket_timeout": 2,
        },
    }
    if CELERY_BROKER_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "studies.readers.sign_in.header_token.HeaderTokenAuthentication"
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["studies.json_parser.SizeLimitedJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "studies.openapi.ContractSchema",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "studies.negotiation.OneFormatNegotiation",
    "EXCEPTION_HANDLER": "studies.errors.handle_api_error",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "VerteRead",
    "VERSION": APP_VERSION,
    "DESCRIPTION": "Reading studies of abdominal aortic calcification. For research only. Every "
    "error under /api/, including those for unknown addresses and methods, has a JSON body with "
    "the schema Error.",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    # Types name their enumerations themselves.
    "POSTPROCESSING_HOOKS": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
}

LOGGING_CONFIG = "studies.logs.configure"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
}
