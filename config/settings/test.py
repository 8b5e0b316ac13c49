"""Tests: real PostgreSQL and Redis, fast password hashing, strict templates."""

import os

from config.settings.base import *
from config.settings.base import CACHES, DATABASES, LOGGING, MIDDLEWARE, TEMPLATES

DEBUG = False
DEMO = False
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Transactional tests empty the tables with TRUNCATE, which the timeline's trigger refuses everywhere else.
DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c weige.allow_truncate=on"
DATABASES["default"]["CONN_MAX_AGE"] = 0
# The live server finds static files itself; WhiteNoise would warn of the folder that is not collected.
MIDDLEWARE.remove("whitenoise.middleware.WhiteNoiseMiddleware")
# Manifest storage answers 404 for hashed files under live_server.
STORAGES = {
    "default": {"BACKEND": "core.files.WholeFileStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Tests run in several processes on one Redis; each keeps its own keys.
CACHES["default"]["KEY_PREFIX"] = os.environ.get("PYTEST_XDIST_WORKER", "")
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
# Workers that a test starts listen on a queue of their own.
CELERY_TASK_CREATE_MISSING_QUEUES = True
TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = "!!undefined:%s!!"
LOGGING["root"]["level"] = "WARNING"
