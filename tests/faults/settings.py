"""Settings of worker processes that a test starts on a Redis of their own: lost tasks are back soon."""

from tests.process_settings import *
from tests.process_settings import CELERY_BROKER_TRANSPORT_OPTIONS

CELERY_BROKER_TRANSPORT_OPTIONS |= {
    "visibility_timeout": 5,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
}
