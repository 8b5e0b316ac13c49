"""Settings that hold everywhere. What differs between machines comes from the environment (.env.example)."""

from pathlib import Path
from typing import Any

import environ
from csp.constants import NONCE, NONE, SELF
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from kombu import Exchange, Queue

from core.patience import Patience
from core.redis import TIMEOUT_SECONDS, broker_options, broker_url, cache_settings

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.Env()
if (BASE_DIR / ".env").is_file():
    environ.Env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# Demonstration mode: shows the cast of logins on the sign-in page and marks every page as synthetic.
DEMO = env.bool("DEMO", default=False)

INSTALLED_APPS = [
    "config.apps.WeigeAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.gis",
    "django.contrib.postgres",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "leaflet",
    "core",
    "accounts",
    "grids",
    "casework",
    "requests_",
    "portal",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "core.middleware.NoStoreMiddleware",
    "portal.live.LiveMiddleware",
    "core.middleware.CookieGuardMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "accounts.middleware.SessionLimitMiddleware",
    "accounts.middleware.SignInMiddleware",
    "accounts.middleware.AccountGateMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.middleware.BodyLimitMiddleware",
    "core.middleware.InputGuardMiddleware",
    "core.middleware.DomainErrorMiddleware",
    "core.middleware.AdminInputMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context_processors.frame",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "core.templatetags.weige",
            ],
        },
    }
]
# Our own templates override Django's form widgets too (the map widget without inline script).
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.insert(0, "django.forms")

DATABASES = {"default": env.db("DATABASE_URL", engine="core.postgis")}
# A new connection per request costs 8-9 times the page; see docs/decisions/0002-connections.md.
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=300)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# A machine that vanished is noticed in half a minute; through a unix socket these mean nothing.
DATABASES["default"].setdefault("OPTIONS", {}).update(
    keepalives=1, keepalives_idle=10, keepalives_interval=5, keepalives_count=3, tcp_user_timeout=20_000
)
# How long each kind of process waits for PostgreSQL, in seconds (docs/decisions/0017-frozen-servers.md). The web takes
# its own in config/wsgi.py, a worker in config/celery.py; commands and migrations wait as long as it takes.
WEB_PATIENCE = Patience(
    connect=env.int("WEB_CONNECT_SECONDS", default=3),
    lock=env.int("WEB_LOCK_SECONDS", default=5),
    statement=env.int("WEB_STATEMENT_SECONDS", default=15),
    idle_in_transaction=60,
    answer=env.int("WEB_STATEMENT_SECONDS", default=15) + 3,
)
WORKER_PATIENCE = Patience(connect=10, lock=60, statement=600, idle_in_transaction=600, answer=630)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env("REDIS_URL")
CACHES: dict[str, dict[str, Any]] = {"default": cache_settings(REDIS_URL)}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# --- people ---
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "accounts.backends.RoleBackend"]
LOGIN_URL = reverse_lazy("accounts:sign_in")
LOGIN_REDIRECT_URL = reverse_lazy("portal:home")
LOGOUT_REDIRECT_URL = reverse_lazy("accounts:sign_in")
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "phone", "employee_no")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.validators.MaximumLengthValidator"},
    {"NAME": "accounts.validators.MixedCharactersValidator"},
    {"NAME": "accounts.validators.OwnNameValidator"},
]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = env.float("LOCKOUT_HOURS", default=0.25)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "accounts.views.locked_out"
AXES_HANDLER = "accounts.lockout.LockOutHandler"
# Wrong passwords from one address over all names, in the same time. An office shares one address: fifty are ten people
# who lock themselves out at once, and at fifty a quarter of an hour nobody guesses a password of ten characters.
LOCKOUT_ADDRESS_LIMIT = env.int("LOCKOUT_ADDRESS_LIMIT", default=50)
# Waiting helps: tries while locked are written down and do not start the time anew.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
# SECURITY: what was sent with a wrong password is kept; these fields of it are not.
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "old_password", "new_password1", "new_password2"]
AXES_CLIENT_IP_CALLABLE = "accounts.addresses.client_address"
# How many proxies of ours stand in front, each of which adds the address it was asked from to X-Forwarded-For.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
AXES_ENABLE_ACCESS_FAILURE_LOG = True
AXES_VERBOSE = False
# accounts/admin.py shows the records in the words of this site.
AXES_ENABLE_ADMIN = False
# Idle and absolute session limits (classified protection, level 2 and 3 practice), in minutes and hours.
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=30)
SESSION_ABSOLUTE_HOURS = env.int("SESSION_ABSOLUTE_HOURS", default=12)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# A second factor is required of system and security administrators.
ADMIN_SECOND_FACTOR = env.bool("ADMIN_SECOND_FACTOR", default=True)
OTP_TOTP_ISSUER = "Weige"
# SECURITY: nobody reads the key of somebody else's second factor in the administration.
OTP_ADMIN_HIDE_SENSITIVE_DATA = True

# --- language and time ---
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = ["config.formats"]

# --- files ---
STATIC_URL = "static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))()
STATICFILES_DIRS = [BASE_DIR / "static"]
# SECURITY: no MEDIA_URL. Uploaded files are served only by views that check who asks.
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(BASE_DIR / "var" / "media"))()
STORAGES = {
    "default": {"BACKEND": "core.files.WholeFileStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o640
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "core.files.LargeUploadHandler",
]
UPLOAD_MAX_BYTES = 15 * 1024 * 1024
GEOJSON_MAX_BYTES = 20 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# The largest body of a request by the name of its address, refused by its length before any of it is read
# (core.middleware.BodyLimitMiddleware); what is not named is a form without files. Nine photos (casework.forms) and
# their form; a file of boundaries and its form. deploy/nginx.conf has the same sizes.
_photos = 9 * UPLOAD_MAX_BYTES + DATA_UPLOAD_MAX_MEMORY_SIZE
BODY_LIMITS = {
    "requests:ticket_report": _photos,
    "casework:case_note": _photos,
    "casework:case_do": _photos,
    "grids:import": GEOJSON_MAX_BYTES + DATA_UPLOAD_MAX_MEMORY_SIZE,
}
# Of somebody who is not signed in: the sign-in form, and a form of text sent after the session ended.
SIGNED_OUT_MAX_BYTES = 64 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# --- map ---
# Boundaries and points are stored as WGS-84 (CGCS2000 is equal for our use). No tiles unless a key is given.
TIANDITU_KEY = env("TIANDITU_KEY", default="")
# Shown on the base map: the publisher and the approval number (审图号) that comes with the key.
MAP_ATTRIBUTION = env("MAP_ATTRIBUTION", default="天地图")
MAP_CENTER = (36.0495, 103.8466)
LEAFLET_CONFIG = {
    "TILES": [],
    "DEFAULT_CENTER": MAP_CENTER,
    "DEFAULT_ZOOM": 15,
    "MIN_ZOOM": 4,
    "MAX_ZOOM": 19,
    "ATTRIBUTION_PREFIX": "",
    "RESET_VIEW": False,
    "NO_GLOBALS": True,
}

# --- security ---
_tile_hosts = ["https://*.tianditu.gov.cn"] if TIANDITU_KEY else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:", *_tile_hosts],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
# Debian 12 brings GDAL 3.6. No file from outside reaches it in our processes: imports are read in a child process with
# set limits, each format by its one driver (docs/decisions/0021), and only administrators draw outlines.
SILENCED_SYSTEM_CHECKS = ["gis.W001"]
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "portal.views.errors.csrf_failure"
CSRF_COOKIE_HTTPONLY = False  # htmx reads the token from the page, not the cookie

# --- tasks ---
CELERY_BROKER_URL = broker_url(REDIS_URL)
CELERY_RESULT_BACKEND = CELERY_BROKER_URL
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = broker_options(REDIS_URL)
CELERY_TIMEZONE = TIME_ZONE
# Deliveries do not wait behind the rest, nor anything behind what takes long; a queue of another name is a mistake.
TASK_QUEUES = ("default", "deliver", "bulk")
CELERY_TASK_QUEUES = [Queue(name, Exchange(name), routing_key=name) for name in TASK_QUEUES]
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TASK_ROUTES = {
    "casework.tasks.deliver_*": {"queue": "deliver"},
    "casework.tasks.recompute_*": {"queue": "bulk"},
    "requests_.tasks.archive_*": {"queue": "bulk"},
}
# A task is taken off its queue when it is done, not when it begins: when its process dies another one begins it
# anew. Every task may run twice harmlessly. One that exceeds its time is not begun anew.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 270
_long = {"time_limit": 1800, "soft_time_limit": 1740}
CELERY_TASK_ANNOTATIONS = {
    "casework.tasks.deliver_reminders": {"time_limit": 120, "soft_time_limit": 110},
    "casework.tasks.recompute_deadlines": _long,
    "portal.tasks.heartbeat": {"time_limit": 30, "soft_time_limit": 25},
    "requests_.tasks.archive_closed": _long,
}
# What a vanished machine had taken comes back after the visibility timeout; it must be longer than the longest
# task may take, or a task that still runs would be begun a second time.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    # A page that queues something tries once and goes on without: the outbox keeps what is to be told. A worker is
    # more patient (config/celery.py).
    "socket_timeout": TIMEOUT_SECONDS,
    "socket_connect_timeout": TIMEOUT_SECONDS,
    "socket_keepalive": True,
    "max_retries": 0,
    **broker_options(REDIS_URL),
}
CELERY_REDIS_SOCKET_TIMEOUT = 15  # for results, which no page asks for
CELERY_REDIS_SOCKET_CONNECT_TIMEOUT = 5
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for Redis as long as it takes
CELERY_RESULT_EXPIRES = 3600
CELERY_TASK_IGNORE_RESULT = True
# Tasks of one process share a connection to PostgreSQL; a new one for each costs more than most tasks.
CELERY_DB_REUSE_MAX = 1000

# --- channels ---
# Where links in letters lead to.
SITE_URL = env("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
# EMAIL_BACKEND, EMAIL_HOST and so on, all from one address.
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=10)
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="weige@localhost")
# SECURITY: the only places the server sends to at an administrator's word; see casework/channels/addresses.py.
ROBOT_HOSTS = env.list("ROBOT_HOSTS", default=["qyapi.weixin.qq.com", "oapi.dingtalk.com"])
SMS_GATEWAY = env("SMS_GATEWAY", default="casework.channels.sms.LoggingSms")
SMS_SIGNATURE = env("SMS_SIGNATURE", default="微格")

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    # SECURITY: at INFO httpx writes every address it asks, and the address of a robot is its secret.
    "loggers": {"httpx": {"level": "WARNING"}, "httpcore": {"level": "WARNING"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
}

# The area code of the city, set before a landline number that is written without one.
PHONE_AREA_CODE = env("PHONE_AREA_CODE", default="0931")
