"""The top: home, inbox, search, figures, map, health and error pages."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = _("Running of the system")

    def ready(self) -> None:
        from grids.lights import register_lights
        from portal.metrics import area_lights

        register_lights(area_lights)
