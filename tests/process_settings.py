"""Settings of the processes that tests start (tests/processes.py): tasks go to the broker and connections are kept.

All tasks go to one queue, the test's own.
"""

from config.settings.base import env
from config.settings.test import *
from config.settings.test import DATABASES

DATABASES["default"]["CONN_MAX_AGE"] = 300
CELERY_TASK_ALWAYS_EAGER = False
CELERY_TASK_ROUTES: dict[str, str] = {}
CELERY_TASK_DEFAULT_QUEUE = env("TEST_QUEUE", default="default")
