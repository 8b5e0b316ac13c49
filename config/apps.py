"""Our admin site stands in for Django's own, and says what Django and libraries say only in English."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.apps import apps
from django.contrib.admin import utils as admin_utils
from django.contrib.admin.apps import AdminConfig
from django.contrib.admin.templatetags import admin_list
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

# Names for library apps and tables that have none of their own.
APP_NAMES = {"admin": _("Audit"), "axes": _("Sign-in lock-outs"), "otp_totp": _("Second factors")}
MODEL_NAMES = {
    "admin.LogEntry": (_("action of an administrator"), _("actions of administrators")),
    "otp_totp.TOTPDevice": (_("second factor"), _("second factors")),
}


def boolean_icon(value: bool | None) -> SafeString:
    """The icon of a yes, a no or an unknown, with the word for who does not see it."""
    name, word = {
        True: ("yes", gettext("Yes")),
        False: ("no", gettext("No")),
        None: ("unknown", gettext("Unknown")),
    }[value]
    return format_html('<img src="{}" alt="{}">', static(f"admin/img/icon-{name}.svg"), word)


def changed_labels(form: forms.BaseForm, changed: Iterable[str]) -> list[str]:
    """The names of changed fields for the history, as the catalogue has them; Django's begin with a capital."""
    of_model = {}
    if isinstance(form, forms.BaseModelForm):
        options = form._meta.model._meta
        of_model = {field.name: field.verbose_name for field in (*options.fields, *options.many_to_many)}
    of_form = {name: field.label for name, field in form.fields.items()}
    return [str(of_model.get(name) or of_form.get(name) or name) for name in changed]


class WeigeAdminConfig(AdminConfig):
    default_site = "config.admin.WeigeAdminSite"

    def ready(self) -> None:
        super().ready()
        for label, name in APP_NAMES.items():
            apps.get_app_config(label).verbose_name = name
        for label, (singular, plural) in MODEL_NAMES.items():
            options: Any = apps.get_model(label)._meta
            options.verbose_name, options.verbose_name_plural = singular, plural
        # Django's own speak English in every language, and nothing around them can be replaced instead.
        icons: Any = admin_list
        icons._boolean_icon = boolean_icon
        history: Any = admin_utils
        history._get_changed_field_labels_from_form = changed_labels
