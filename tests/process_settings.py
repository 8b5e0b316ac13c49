"""Settings of the processes that tests start (tests/processes.py): tasks go to the broker and connections are kept, as
in life. All tasks go to one queue, so that workers of several tests take nothing from each other.
"""

from config.settings.test import *
from config.settings.test import DATABASES
from config.settings.base import env

DATABASES["default"]["CONN_MAX_AGE"] = 300
CELERY_TASK_ALWAYS_EAGER = False
CELERY_TASK_ROUTES: dict[str, str] = {}
CELERY_TASK_DEFAULT_QUEUE = env("TEST_QUEUE", default="default")
