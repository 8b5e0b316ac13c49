"""Wrong passwords: counted by name and address together, and over all names of one address."""

from typing import Any

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt, AccessFailureLog
from django.conf import settings
from django.db.models import Sum
from django.http import HttpRequest

# Failed sign-ins kept for one name; under attack the oldest go.
KEPT_FOR_A_NAME = 1000


class LockOutHandler(AxesDatabaseHandler):
    """The library's handler with a second limit, LOCKOUT_ADDRESS_LIMIT, for all names tried from one address.

    Tries while locked are written down and not counted: the waiting time ends although somebody goes on trying.
    """

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """Failures that count towards AXES_FAILURE_LIMIT; an address that is full has reached it for every name."""
        of_the_pair: int = super().get_failures(request, credentials)
        if guesses_from(request) >= settings.LOCKOUT_ADDRESS_LIMIT:
            return max(of_the_pair, settings.AXES_FAILURE_LIMIT)
        return of_the_pair

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any
    ) -> None:
        was_locked = request is not None and request.axes_locked_out
        super().user_login_failed(sender, credentials, request, **kwargs)
        if was_locked:
            username = credentials.get("username")
            AccessFailureLog.objects.create(
                username=username,
                ip_address=request.axes_ip_address,
                user_agent=request.axes_user_agent,
                http_accept=request.axes_http_accept,
                path_info=request.axes_path_info,
                attempt_time=request.axes_attempt_time,
                locked_out=True,
            )
            self.remove_out_of_limit_failure_logs(username=username)

    def remove_out_of_limit_failure_logs(
        self, *, username: str | None, limit: int | None = KEPT_FOR_A_NAME
    ) -> int:
        """Forgets the oldest failures of a name; the library would forget the newest."""
        newest_first = AccessFailureLog.objects.filter(username=username).order_by("-attempt_time", "-pk")
        beyond = newest_first.values_list("pk", flat=True)[limit:]
        deleted, _by_table = AccessFailureLog.objects.filter(pk__in=list(beyond)).delete()
        return deleted


def guesses_from(request: HttpRequest) -> int:
    """Wrong passwords that count against the request's address, over all names.

    Tries while a name is locked are not among them: a person who goes on trying does not lock out the whole office.
    """
    address, since = request.axes_ip_address, get_cool_off_threshold(request)  # type: ignore[attr-defined]
    tried = AccessAttempt.objects.filter(ip_address=address, attempt_time__gte=since)
    return tried.aggregate(failures=Sum("failures_since_start"))["failures"] or 0
