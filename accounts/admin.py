"""People and organisations in the administration. A password set by another person is changed at the next sign-in."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User

# Rights follow the role (accounts.backends): groups would promise something that nothing reads.
admin.site.unregister(Group)


class NewPersonForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("username", "name", "role", "organisation", "employee_no", "phone")


class SetPasswordForm(AdminPasswordChangeForm):
    """Whoever hands out a password knows it: the person is asked for one of their own."""

    def save(self, commit: bool = True) -> Any:
        self.user.must_change_password = True
        return super().save(commit)


@admin.register(User)
class PersonAdmin(DjangoUserAdmin):
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

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        """A person is made inactive, never deleted: what they did keeps their name."""
        return False


@admin.register(Organisation)
class OrganisationAdmin(admin.ModelAdmin):
    list_display = ("name", "kind", "phone", "takes_cases", "is_active")
    list_filter = ("kind", "takes_cases", "is_active")
    search_fields = ("name",)
