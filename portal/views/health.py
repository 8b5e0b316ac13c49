"""Is the site alive, and is everything behind it ready? For load balancers and bin/demo; tells no details."""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from portal.models import Heartbeat

logger = logging.getLogger(__name__)
# Four heartbeats; a queue nobody took anything from for longer has no worker, or beat stands still.
SILENCE = timedelta(minutes=2)


def database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone())


def postgis_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT PostGIS_Lib_Version()")
        return bool(cursor.fetchone())


def redis_answers() -> bool:
    cache.get("health")
    return True


def queue_heard(queue: str) -> bool:
    return Heartbeat.objects.heard_within(SILENCE).filter(name=queue).exists()


PARTS: dict[str, Callable[[], bool]] = {
    "database": database_answers,
    "postgis": postgis_answers,
    "redis": redis_answers,
    **{f"queue_{queue}": partial(queue_heard, queue) for queue in settings.TASK_QUEUES},
}


@login_not_required
@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers."""
    return JsonResponse({"status": "ok"})


@login_not_required
@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 when every part works, otherwise 503; each part says only ok or down."""
    parts = {name: "ok" if _works(name, check) else "down" for name, check in PARTS.items()}
    is_ready = "down" not in parts.values()
    return JsonResponse({"status": "ok" if is_ready else "down", **parts}, status=200 if is_ready else 503)


def _works(name: str, check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (DatabaseError, RedisError, OSError) as error:
        # SECURITY: the reason stays in the log; the page is public.
        logger.warning("health: %s is down: %s", name, error)
        return False
