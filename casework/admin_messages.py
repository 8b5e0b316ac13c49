"""Who was told what and how: inbox and outbox are looked up, what was given up is sent again, robots are set up."""

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from casework.admin_base import OfCasesOrNoneAdmin, RuleFilter, ToldAdmin
from casework.admin_forms import RobotForm
from casework.choices import MessageState, ReminderState
from casework.letters import matter_of
from casework.models import InboxItem, Message, MessageLine, Preference, Reminder, Robot
from casework.news import queue_delivery
from casework.outbox import resend
from casework.reminders import put_back
from casework.robot_lists import plan_tests
from casework.selectors import visible_cases
from casework.words import moment_words
from core.admin import HiddenColumnsMixin, LookUpAdmin, LookUpMixin

# As many numbers as a row of the list holds.
NUMBERS = 3


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
class ReminderAdmin(ToldAdmin):
    """The outbox: what waits, what was told, what was given up."""

    list_display = ("words", "recipient", "state", "attempts", "planned_at", "delivered_at")
    list_filter = ("state", "is_urgent", RuleFilter)
    exclude = ("dedupe_key",)
    actions = ("put_given_up_back",)

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


@admin.register(InboxItem)
class InboxItemAdmin(ToldAdmin):
    list_display = ("words", "recipient", "created_at", "read_at")
    list_filter = (RuleFilter, ("read_at", admin.EmptyFieldListFilter))
    exclude = ("reminder",)


@admin.register(Preference)
class PreferenceAdmin(LookUpAdmin):
    """How people chose to hear; without a row the default holds."""

    list_display = ("user", "topic", "channel", "mode")
    list_filter = ("topic", "channel", "mode")
    list_select_related = ("user",)
    search_fields = ("user__name", "user__username")


def of_visible_cases(request: HttpRequest) -> Q:
    """Lines about cases that may be seen, and lines about none."""
    return Q(case__isnull=True) | Q(case__in=visible_cases(request.user))


class LineWords:
    """What a line of a message says outside, and about which case."""

    @admin.display(description=_("what it says"), ordering="rule")
    def matter(self, line: MessageLine) -> str:
        return matter_of(line)

    @admin.display(description=_("case"), ordering="case")
    def number(self, line: MessageLine) -> str:
        return line.case.number if line.case else "–"


class LineInline(LineWords, LookUpMixin, admin.TabularInline):
    model = MessageLine
    fields = ("number", "matter", "is_left_out")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).select_related("case")
        return rows.filter(of_visible_cases(request))


@admin.register(Message)
class MessageAdmin(LookUpAdmin):
    """Every delivery: through which channel, to whom, about which cases, and what became of it.

    SECURITY: to whom is a name or a robot, never the address; cases one may not see are not numbered.
    """

    list_display = ("to_whom", "channel", "cases", "outcome", "moments", "attempts")
    list_filter = ("state", "channel", "is_digest", "is_urgent")
    list_select_related = ("recipient", "robot")
    search_fields = ("recipient__name", "robot__name", "lines__case__number")
    date_hierarchy = "planned_at"
    fields = (
        *("channel", "to_whom", "state", "is_digest", "is_urgent", "attempts", "last_error"),
        *("planned_at", "send_after", "lease_until", "sent_at"),
    )
    readonly_fields = ("to_whom",)
    inlines = (LineInline,)
    actions = ("send_again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        shown = MessageLine.objects.filter(of_visible_cases(request))
        rows = super().get_queryset(request).filter(Exists(shown.filter(message=OuterRef("pk"))))
        lines = shown.select_related("case").order_by("pk")
        return rows.prefetch_related(Prefetch("lines", queryset=lines, to_attr="shown_lines"))

    def row_name(self, row: Message) -> str:
        return f"{row.get_channel_display()} · {self.to_whom(row)} · {moment_words(row.planned_at)}"

    @admin.display(description=_("to whom"))
    def to_whom(self, row: Message) -> str:
        return str(row.recipient or row.robot.name)

    @admin.display(description=_("cases"))
    def cases(self, row: Any) -> SafeString:
        numbers = [line.case.number for line in row.shown_lines if line.case]
        shown = numbers[:NUMBERS]
        if len(numbers) > NUMBERS:
            shown[-1] += f" +{len(numbers) - NUMBERS}"
        return format_html_join(" ", '<span class="nowrap">{}</span>', ((text,) for text in shown or ["–"]))

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


@admin.register(MessageLine)
class MessageLineAdmin(LineWords, OfCasesOrNoneAdmin):
    """What each message says of which case."""

    list_display = ("number", "matter", "message")
    list_select_related = ("case", "message")
    search_fields = ("case__number",)
    list_filter = (RuleFilter, "message__channel")
    fields = list_display
    readonly_fields = ("number", "matter")
    ordering = ("-pk",)

    def row_name(self, row: MessageLine) -> str:
        return f"{self.number(row)} · {self.matter(row)}"


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
