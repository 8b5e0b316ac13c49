"""Phone numbers as people write them, read in one way and stored in one form, so that the same person is found."""

import re
import unicodedata
from typing import Any

import phonenumbers
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.texts import clean_text

REGION = "CN"
# A mobile number by its shape: the library learns of new series later than we do.
MOBILE = re.compile("1[3-9][0-9]{9}")
LANDLINE = re.compile("(10|2[0-9]|(?!400|800)[3-9][0-9]{2})([0-9]{7,8})")
LOCAL = re.compile("[2-9][0-9]{6,7}")
SERVICE = re.compile("(1[0-9]{2}|1[0-9]{4}|9[0-9]{4,5})")
DASHES = re.compile("[\u2010-\u2015\u2212\u30fc\ufe58\ufe63\uff0d~～_/]")
EXTENSION = re.compile(
    r"(.+?)\s*(?:转接?|分机号?|内线|ext(?:ension)?\.?|x|#|,)\s*[:.]?\s*([0-9]{1,6})", re.IGNORECASE
)
BEHIND_A_DASH = re.compile("(.+[0-9)])\\s*-\\s*([0-9]{1,6})")
WRITTEN = re.compile("[0-9+(). -]+")
MAX_LENGTH = 20


def read_phone(text: str) -> str:
    """The one form in which a number is stored: 13800138000, 0931-8412345, 0931-8412345转801, 4001234567, 12345.

    Read are mobile numbers, landlines with their area code or without the one of this city, service numbers, and
    numbers of other countries with their +; with +86, blanks, dashes and full-width digits of every kind, and an
    extension behind 转, ext, # or a dash. ValueError for anything else.
    """
    plain = DASHES.sub("-", " ".join(unicodedata.normalize("NFKC", clean_text(text)).split()))
    if found := EXTENSION.fullmatch(plain):
        return _stored(found[1], found[2])
    try:
        return _stored(plain)
    except ValueError:
        if found := BEHIND_A_DASH.fullmatch(plain):
            return _stored(found[1], found[2])
        raise


def _stored(written: str, extension: str = "") -> str:
    if not WRITTEN.fullmatch(written):
        raise ValueError(written)
    try:
        number = phonenumbers.parse(written, REGION)
    except phonenumbers.NumberParseException as error:
        raise ValueError(written) from error
    digits = phonenumbers.national_significant_number(number)
    if number.country_code != phonenumbers.country_code_for_region(REGION):
        if not phonenumbers.is_valid_number(number):
            raise ValueError(written)
        stored = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    elif LOCAL.fullmatch(digits) and settings.PHONE_AREA_CODE:
        stored = f"{settings.PHONE_AREA_CODE}-{digits}"
    elif MOBILE.fullmatch(digits) or (SERVICE.fullmatch(digits) and not extension):
        stored = digits
    elif not phonenumbers.is_valid_number(number):
        raise ValueError(written)
    elif found := LANDLINE.fullmatch(digits):
        stored = f"0{found[1]}-{found[2]}"
    else:
        stored = digits
    whole = f"{stored}转{extension}" if extension else stored
    if len(whole) > MAX_LENGTH:
        raise ValueError(written)
    return whole


def clean_phone(text: str) -> str:
    """The stored form of what a form sent, or nothing. ValidationError with a sentence for what is no number."""
    if not text.strip():
        return ""
    try:
        return read_phone(text)
    except ValueError as error:
        raise ValidationError(
            _(
                "This is no phone number. Write 11 digits for a mobile phone, or the area code and the number, "
                "such as 0931-8412345; an extension behind 转."
            ),
            code="invalid_phone",
        ) from error


class PhoneFormField(forms.CharField):
    """Cleans to the stored form. What is typed may be longer than what is stored."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}))
        super().__init__(**{"max_length": 40, **kwargs})

    def clean(self, value: Any) -> str:
        return clean_phone(super().clean(value))


class PhoneField(models.CharField):
    """A phone number in its stored form, wherever it comes from."""

    def clean(self, value: Any, model_instance: models.Model | None) -> str:
        return clean_phone(super().clean(value, model_instance))

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": PhoneFormField, **kwargs, "max_length": 40})
