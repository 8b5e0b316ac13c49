"""System check: what an operator wrote about the channels can be used."""

from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.module_loading import import_string

from casework.channels.addresses import parse_origin
from casework.channels.sms import SmsGateway


@register()
def channel_settings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """One error per setting, and per entry of ROBOT_HOSTS, that would silently not work."""
    errors: list[CheckMessage] = [
        Error(f"ROBOT_HOSTS: {entry!r} is neither a host name nor an origin", id="casework.E101")
        for entry in settings.ROBOT_HOSTS
        if parse_origin(entry) is None
    ]
    site = urlsplit(settings.SITE_URL)
    if site.scheme not in ("http", "https") or not site.netloc:
        errors.append(Error("SITE_URL is not the beginning of a web address", id="casework.E102"))
    try:
        is_gateway = issubclass(import_string(settings.SMS_GATEWAY), SmsGateway)
    except (ImportError, TypeError):
        is_gateway = False
    if not is_gateway:
        errors.append(Error("SMS_GATEWAY does not name a subclass of SmsGateway", id="casework.E103"))
    try:
        validate_email(parseaddr(settings.DEFAULT_FROM_EMAIL)[1])
    except ValidationError:
        errors.append(Error("DEFAULT_FROM_EMAIL holds no e-mail address", id="casework.E104"))
    return errors
