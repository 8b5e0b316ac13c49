"""Our admin site stands in for Django's own."""

from django.contrib.admin.apps import AdminConfig


class WeigeAdminConfig(AdminConfig):
    default_site = "config.admin.WeigeAdminSite"
