"""What the site remembers about itself."""

from datetime import timedelta
from typing import Any, Self

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class HeartbeatQuerySet(models.QuerySet[Any]):
    def heard_within(self, span: timedelta) -> Self:
        """By the database's clock, which is the same for every machine."""
        return self.filter(at__gte=Now() - span)


class Heartbeat(models.Model):
    """One row per queue: when a worker last took something from it. In PostgreSQL, since Redis may be emptied."""

    name = models.CharField(_("name"), max_length=40)
    at = models.DateTimeField(_("heard at"))

    objects = HeartbeatQuerySet.as_manager()

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")
        constraints = [models.UniqueConstraint(fields=["name"], name="portal_heartbeat_name_unique")]

    def __str__(self) -> str:
        return self.name
