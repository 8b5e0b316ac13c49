"""People who sign in and the organisations they belong to."""

from collections.abc import Iterable
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.choices import ADMIN_SITE_ROLES, NO_CASES_OF_AN_ORGANISATION, OrganisationKind, Role
from core.masking import mask_phone
from core.phones import PhoneField


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def active(self) -> "OrganisationQuerySet":
        return self.filter(is_active=True)


class Organisation(models.Model):
    """One body whose people act in the system: an office, a department, an enforcement squad, a contractor."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=OrganisationKind.choices)
    phone = PhoneField(_("office phone"), max_length=30, blank=True)
    takes_cases = models.BooleanField(
        _("takes cases"), default=False, help_text=_("Offered as a handler when a case is dispatched.")
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def active(self) -> models.QuerySet["User"]:
        return self.filter(is_active=True)

    def acting(self) -> models.QuerySet["User"]:
        """Active people who may take cases of their organisation: neither leaders of figures nor administrators."""
        return self.active().exclude(role__in=NO_CASES_OF_AN_ORGANISATION)

    def acting_for(self, organisations: Iterable[int]) -> models.QuerySet["User"]:
        """Active people who take the cases of these organisations."""
        return self.acting().filter(organisation_id__in=organisations)

    def create_user(self, username: str, password: str | None = None, **fields: object) -> "User":
        """A saved user; without a password the account cannot sign in until one is set."""
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: object) -> "User":
        """The first system administrator, as `manage.py createsuperuser` makes it."""
        fields.setdefault("role", Role.SYSTEM_ADMIN)
        fields.setdefault("must_change_password", False)
        return self.create_user(username, password, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """One person with one login. Posts in areas are `grids.AreaAssignment` rows."""

    username = models.CharField(
        _("sign-in name"),
        max_length=40,
        unique=True,
        validators=[RegexValidator(r"^[\w.@+-]+\Z", _("Letters, digits and . @ + - _ only."))],
        error_messages={"unique": _("A person with this sign-in name exists already.")},
    )
    name = models.CharField(_("name"), max_length=40)
    employee_no = models.CharField(_("employee number"), max_length=30, unique=True, null=True, blank=True)
    phone = PhoneField(_("phone"), max_length=20, blank=True)
    email = models.EmailField(
        _("e-mail"), blank=True, help_text=_("The office address; reminders can be sent there.")
    )
    organisation = models.ForeignKey(
        Organisation,
        verbose_name=_("organisation"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="people",
    )
    role = models.CharField(_("role"), max_length=24, choices=Role.choices)
    is_care_officer = models.BooleanField(_("care officer"), default=False)
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Take the tick away instead of deleting the person.")
    )
    must_change_password = models.BooleanField(_("must change password at next sign-in"), default=True)
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    date_joined = models.DateTimeField(_("added at"), auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ("username",)
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="accounts_user_role_known"),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    def clean(self) -> None:
        super().clean()
        self.employee_no = self.employee_no or None

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    @property
    def is_staff(self) -> bool:
        """Whether the administration site opens: one of the three administrators."""
        return self.is_active and self.role in ADMIN_SITE_ROLES

    @property
    def masked_phone(self) -> str:
        """The phone with its middle hidden, for pages that do not need it whole."""
        return mask_phone(self.phone) or self.phone
