"""Who was told what and how: inbox and outbox are looked up, what was given up is sent again, robots are set up."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from casework.admin_base import RuleFilter, rule_words
from casework.admin_forms import RobotForm
from casework.choices import MessageState, ReminderState
from casework.models import Message, Preference, Reminder, Robot
from casework.news import queue_delivery
from casework.outbox import resend
from casework.reminders import put_back
from casework.robot_lists import plan_tests
from casework.words import moment_words
from core.admin import HiddenColumnsMixin, LookUpAdmin


def record(request: HttpRequest, rows: Iterable[Any], table: Any, what: str) -> None:
    """Writes down who did this to these rows."""
    kind = ContentType.objects.get_for_model(table.model)
    LogEntry.objects.bulk_create(
        LogEntry(
            user=request.user,
            content_type=kind,
            object_id=row.pk,
            object_repr=table.row_name(row)[:200],
            action_flag=CHANGE,
            change_message=what,
        )
        for row in rows
    )


@admin.register(Reminder)
class ReminderAdmin(HiddenColumnsMixin, LookUpAdmin):
    """The outbox: what waits, what was told, what was given up; of which case is not said here."""

    hidden = ("case", "facts", "dedupe_key")
    list_display = ("words", "recipient", "state", "attempts", "planned_at", "delivered_at")
    list_filter = ("state", "is_urgent", RuleFilter)
    list_select_related = ("recipient",)
    search_fields = ("recipient__name",)
    exclude = hidden
    in_words: ClassVar[Mapping[str, str]] = {"rule": "words"}
    actions = ("put_given_up_back",)

    def row_name(self, row: Reminder) -> str:
        return f"{row.recipient} · {self.words(row)}"

    @admin.display(description=_("what it says"), ordering="rule")
    def words(self, row: Reminder) -> str:
        return rule_words(row.rule)

    def has_put_back_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("casework.change_reminder")

    @admin.action(description=_("Put given-up reminders back"), permissions=["put_back"])
    def put_given_up_back(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        with transaction.atomic():
            record(request, queryset.filter(state=ReminderState.DEAD), self, gettext("Put back"))
            count = put_back(queryset)
            transaction.on_commit(queue_delivery)
        tell(
            request, count, ngettext("%(n)s reminder was put back.", "%(n)s reminders were put back.", count)
        )


@admin.register(Preference)
class PreferenceAdmin(LookUpAdmin):
    """How people chose to hear; without a row the default holds."""

    list_display = ("user", "topic", "channel", "mode")
    list_filter = ("topic", "channel", "mode")
    list_select_related = ("user",)
    search_fields = ("user__name", "user__username")


@admin.register(Message)
class MessageAdmin(LookUpAdmin):
    """Every delivery: through which channel, to whom, how much, and what became of it.

    SECURITY: to whom is a name or a robot, never the address; about which cases is not said here.
    """

    list_display = ("to_whom", "channel", "size", "outcome", "moments", "attempts")
    list_filter = ("state", "channel", "is_digest", "is_urgent")
    list_select_related = ("recipient", "robot")
    search_fields = ("recipient__name", "robot__name")
    date_hierarchy = "planned_at"
    fields = (
        *("channel", "to_whom", "size", "state", "is_digest", "is_urgent", "attempts", "last_error"),
        *("planned_at", "send_after", "lease_until", "sent_at"),
    )
    readonly_fields = ("to_whom", "size")
    actions = ("send_again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(size=Count("lines"))

    def row_name(self, row: Message) -> str:
        return f"{row.get_channel_display()} · {self.to_whom(row)} · {moment_words(row.planned_at)}"

    @admin.display(description=_("to whom"))
    def to_whom(self, row: Message) -> str:
        return str(row.recipient or row.robot.name)

    @admin.display(description=_("entries"), ordering="size")
    def size(self, row: Any) -> int:
        return int(row.size)

    @admin.display(description=_("state"), ordering="state")
    def outcome(self, row: Message) -> SafeString:
        lines = (row.get_state_display(), row.last_error)
        return format_html_join("", "<div>{}</div>", ((line,) for line in lines if line))

    @admin.display(description=_("planned, sent"), ordering="planned_at")
    def moments(self, row: Message) -> SafeString:
        moments = [row.planned_at, row.sent_at]
        words = ((moment_words(moment),) for moment in moments if moment)
        return format_html_join(" ", '<span class="nowrap">{}</span>', words)

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("casework.change_message")

    @admin.action(description=_("Send given-up messages again"), permissions=["resend"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        with transaction.atomic():
            record(request, queryset.filter(state=MessageState.DEAD), self, gettext("Send again"))
            count = resend(queryset, now=timezone.now())
            transaction.on_commit(queue_delivery)
        done = ngettext("%(n)s message is sent again.", "%(n)s messages are sent again.", count)
        tell(request, count, done)


@admin.register(Robot)
class RobotAdmin(HiddenColumnsMixin, admin.ModelAdmin):
    """A robot is switched off, never deleted: what it wrote keeps its name.

    SECURITY: its address and secret open the chat to whoever has them; here nobody reads them again.
    """

    form = RobotForm
    hidden = ("url", "secret")
    list_display = ("name", "channel", "area", "host", "is_active")
    list_filter = ("channel", "is_active")
    list_select_related = ("area",)
    search_fields = ("name", "area__name", "area__code")
    autocomplete_fields = ("area",)
    readonly_fields = ("host", "is_signed")
    actions = ("send_test",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[str]:
        if obj is None:
            return ("name", "channel", "area", "url", "secret", "is_active")
        written = ("url", "secret", "drop_secret") if self.has_change_permission(request, obj) else ()
        return ("name", "channel", "area", "host", "is_signed", *written, "is_active")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @method_decorator(sensitive_post_parameters("url", "secret"))
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return super().changeform_view(request, *args, **kwargs)

    @admin.display(description=_("server"))
    def host(self, robot: Robot) -> SafeString:
        return format_html("<code>{}</code>", urlsplit(robot.url).hostname or "–")

    @admin.display(description=_("has a secret"), boolean=True)
    def is_signed(self, robot: Robot) -> bool:
        return bool(robot.secret)

    @admin.action(description=_("Send a test message"), permissions=["change"])
    def send_test(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        with transaction.atomic():
            count = plan_tests(queryset.filter(is_active=True), now=timezone.now())
            transaction.on_commit(queue_delivery)
        done = ngettext(
            "%(n)s test message is on its way; see the messages for what becomes of it.",
            "%(n)s test messages are on their way; see the messages for what becomes of them.",
            count,
        )
        tell(request, count, done)


def tell(request: HttpRequest, count: int, done: str) -> None:
    """How many rows an action changed; a warning when it was none."""
    if count:
        messages.success(request, done % {"n": count})
    else:
        messages.warning(request, gettext("None of the chosen rows was in a state for this."))
