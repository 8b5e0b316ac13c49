"""People, organisations and sign-ins in the administration.

A password set by another person is changed at the next sign-in.
"""

from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import admin_audit  # noqa: F401  it registers the auditor's page
from accounts.leaving import left_behind
from accounts.models import Organisation, User
from accounts.permissions import may_give_role, may_keep_account
from core.admin import AskBeforeEndMixin, HiddenColumnsMixin, LookUpAdmin

# Rights follow the role (accounts.backends): groups would promise something that nothing reads.
admin.site.unregister(Group)
# Ours below speaks the page's language and never shows a key.
admin.site.unregister(TOTPDevice)

WITHOUT_PASSWORD = _("Without a password the person cannot sign in until one is set.")


class NewPersonForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("username", "name", "role", "organisation", "employee_no", "phone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["usable_password"].help_text = WITHOUT_PASSWORD


class SetPasswordForm(AdminPasswordChangeForm):
    """Whoever hands out a password knows it: the person is asked for one of their own."""

    usable_password_help_text = WITHOUT_PASSWORD

    def save(self, commit: bool = True) -> Any:
        self.user.must_change_password = True
        return super().save(commit)


class SwitchedOffMixin(AskBeforeEndMixin):
    """Asks before somebody who has something to do is made inactive."""

    def left_behind(self, request: HttpRequest, obj: Any) -> list[str]:
        return left_behind(obj) if obj.is_active and "is_active" not in request.POST else []


@admin.register(User)
class PersonAdmin(SwitchedOffMixin, DjangoUserAdmin):
    add_form = NewPersonForm
    change_password_form = SetPasswordForm
    list_display = ("name", "username", "role", "organisation", "employee_no", "is_active")
    list_filter = ("role", "is_active", "organisation__kind")
    list_select_related = ("organisation",)
    search_fields = ("name", "username", "employee_no")
    ordering = ("username",)
    autocomplete_fields = ("organisation",)
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("name", "employee_no", "phone", "organisation", "language")}),
        (_("Rights"), {"fields": ("role", "is_care_officer", "is_active", "must_change_password")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "fields": (
                    "username",
                    "name",
                    "role",
                    "organisation",
                    "employee_no",
                    "phone",
                    "usable_password",
                    "password1",
                    "password2",
                )
            },
        ),
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (
            obj is None or may_keep_account(request.user, obj)
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """SECURITY: nobody changes the own role."""
        own = obj is not None and obj.pk == request.user.pk
        return (*super().get_readonly_fields(request, obj), *(("role",) if own else ()))

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "language":
            return forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_choice_field(db_field, request, **kwargs)
        if db_field.name == "role":
            field.choices = [
                (role, label) for role, label in field.choices if may_give_role(request.user, role)
            ]
        return field

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        """A person is made inactive, never deleted: what they did keeps their name."""
        return False


@admin.register(Organisation)
class OrganisationAdmin(SwitchedOffMixin, admin.ModelAdmin):
    list_display = ("name", "kind", "phone", "takes_cases", "is_active")
    list_filter = ("kind", "takes_cases", "is_active")
    search_fields = ("name",)


class SignInRecordAdmin(LookUpAdmin):
    """Who tried to sign in, when and from where. Records are kept, not deleted by hand."""

    date_hierarchy = "attempt_time"
    search_fields = ("username", "ip_address", "user_agent")
    fields: tuple[str, ...] = ("username", "attempt_time", "ip_address", "user_agent", "path_info")
    readonly_fields: tuple[str, ...] = fields

    def row_name(self, row: Any) -> str:
        return f"{row.username} {date_format(localtime(row.attempt_time), 'DATETIME_FORMAT')}"


@admin.register(AccessLog)
class SignInAdmin(SignInRecordAdmin):
    list_display = ("username", "attempt_time", "logout_time", "ip_address", "user_agent")
    list_filter = ("attempt_time",)
    fields = (*SignInRecordAdmin.fields, "logout_time")


@admin.register(AccessFailureLog)
class FailedSignInAdmin(SignInRecordAdmin):
    list_display = ("username", "attempt_time", "locked_out", "ip_address", "user_agent")
    list_filter = ("attempt_time", "locked_out")
    fields = (*SignInRecordAdmin.fields, "locked_out")


class LockedOutFilter(admin.SimpleListFilter):
    """Names and addresses that may not try again for now."""

    title = _("locked out")
    parameter_name = "locked_out"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "yes":
            return queryset.filter(failures_since_start__gte=settings.AXES_FAILURE_LIMIT)
        if self.value() == "no":
            return queryset.filter(failures_since_start__lt=settings.AXES_FAILURE_LIMIT)
        return queryset


@admin.register(AccessAttempt)
class LockOutAdmin(SignInRecordAdmin):
    """Wrong passwords that still count. Lifting a lock-out forgets them; the failed sign-ins stay on record."""

    list_display = ("username", "attempt_time", "failures_since_start", "is_locked_out", "ip_address")
    list_filter = (LockedOutFilter, "attempt_time")
    fields = (*SignInRecordAdmin.fields, "failures_since_start", "is_locked_out")
    readonly_fields = fields
    actions = ("lift",)

    @admin.display(description=_("locked out"), boolean=True)
    def is_locked_out(self, row: AccessAttempt) -> bool:
        return bool(row.failures_since_start >= settings.AXES_FAILURE_LIMIT)

    def has_lift_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("axes.delete_accessattempt")

    @admin.action(description=_("Lift the lock-out"), permissions=["lift"])
    def lift(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        rows = list(queryset)
        kind = ContentType.objects.get_for_model(AccessAttempt)
        LogEntry.objects.bulk_create(
            LogEntry(
                user=request.user,
                content_type=kind,
                object_id=row.pk,
                object_repr=self.row_name(row)[:200],
                action_flag=DELETION,
            )
            for row in rows
        )
        queryset.delete()
        done = ngettext("%(n)s lock-out was lifted.", "%(n)s lock-outs were lifted.", len(rows))
        self.message_user(request, done % {"n": len(rows)}, messages.SUCCESS)


@admin.register(TOTPDevice)
class SecondFactorAdmin(HiddenColumnsMixin, admin.ModelAdmin):
    """Second factors. A lost one is deleted, and the person sets up a new one at the next sign-in.

    SECURITY: none is added or changed here, so that nobody knows the key of somebody else's.
    """

    hidden = ("key",)
    list_display = ("person", "bound_at", "last_used", "is_confirmed")
    list_filter = ("user__role",)
    list_select_related = ("user",)
    search_fields = ("user__name", "user__username")
    fields = list_display
    readonly_fields = list_display
    ordering = ("user__username",)

    @admin.display(description=_("person"), ordering="user__name")
    def person(self, device: TOTPDevice) -> Any:
        return device.user

    @admin.display(description=_("set up at"), ordering="created_at")
    def bound_at(self, device: TOTPDevice) -> Any:
        return device.created_at

    @admin.display(description=_("last used at"), ordering="last_used_at")
    def last_used(self, device: TOTPDevice) -> Any:
        return device.last_used_at or gettext("never")

    @admin.display(description=_("in use"), boolean=True, ordering="confirmed")
    def is_confirmed(self, device: TOTPDevice) -> Any:
        return device.confirmed

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and (
            obj is None or may_keep_account(request.user, obj.user)
        )

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The list of what goes, by the persons' names and not by the library's."""
        _names, counts, missing, protected = super().get_deleted_objects(objs, request)
        return (
            [gettext("Second factor of %(name)s") % {"name": d.user} for d in objs],
            counts,
            missing,
            protected,
        )
