"""Settings of worker processes that a test starts on a Redis of their own: kept connections, lost tasks back soon."""

from config.settings.test import *
from config.settings.test import CELERY_BROKER_TRANSPORT_OPTIONS, DATABASES

CELERY_TASK_ALWAYS_EAGER = False
DATABASES["default"]["CONN_MAX_AGE"] = 300
CELERY_BROKER_TRANSPORT_OPTIONS |= {
    "visibility_timeout": 5,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
}
