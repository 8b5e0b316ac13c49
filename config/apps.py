"""Our admin site stands in for Django's own."""

from django.apps import apps
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _

# Names for library apps that have none of their own.
APP_NAMES = {"axes": _("Sign-in lock-outs"), "otp_totp": _("Second factors")}


class WeigeAdminConfig(AdminConfig):
    default_site = "config.admin.WeigeAdminSite"

    def ready(self) -> None:
        super().ready()
        for label, name in APP_NAMES.items():
            apps.get_app_config(label).verbose_name = name
