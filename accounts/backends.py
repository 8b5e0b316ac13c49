"""Rights in the administration site follow the role; no per-user permission rows to forget."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from accounts.choices import Role

# What a security administrator keeps: people and their organisations, the lock-out records, second factors. The
# accounts of system administrators are no part of it (accounts.permissions.may_keep_account).
SECURITY_APPS = frozenset({"accounts", "axes", "otp_totp"})
# The auditor's alone: who keeps the system does not look after the record of it.
AUDITED = frozenset({"admin.logentry", "casework.exportrecord"})


class RoleBackend(ModelBackend):
    """System administrator: all but the audit. Security administrator: people and access. Auditor: reads everything."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        if not user_obj.is_active:
            return False
        app, _dot, action = perm.partition(".")
        if user_obj.role == Role.SYSTEM_ADMIN:
            # Any of the rights, to change as well, would open the list.
            return f"{app}.{action.partition('_')[2]}" not in AUDITED
        if user_obj.role == Role.SECURITY_ADMIN:
            return app in SECURITY_APPS or perm == "grids.view_areaassignment"
        if user_obj.role == Role.AUDITOR:
            return action.startswith("view_")
        return False

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        if not user_obj.is_active:
            return False
        if user_obj.role == Role.SECURITY_ADMIN:
            return app_label in SECURITY_APPS
        return user_obj.role in (Role.SYSTEM_ADMIN, Role.AUDITOR)
