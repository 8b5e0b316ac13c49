"""A case and what hangs on it. Its limits, measures, pictures and reminders stand in the *_models modules beside."""

from typing import Any, Self

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.db.models import F, Q
from django.db.models.functions import Left, Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from casework.choices import HandlingLevel, PersonKind, Unit, Urgency
from casework.export_models import ExportRecord
from casework.limit_models import Deadline, EscalationStep, LimitPeriod, Parameter, RecountOrder, ServiceLevel
from casework.measure_models import ExtensionRequest, Supervision, Suspension, WhistleCall
from casework.message_models import Message, MessageLine, Preference, Robot
from casework.photo_models import Attachment, StagedPhoto, attachment_path
from casework.reminder_models import InboxItem, Reminder
from casework.scope import case_filter
from grids.models import Area, Building, Compound, Entrance

__all__ = [
    "Attachment",
    "Case",
    "CaseEvent",
    "CasePerson",
    "ClosedTally",
    "Deadline",
    "EscalationStep",
    "ExportRecord",
    "ExtensionRequest",
    "InboxItem",
    "LimitPeriod",
    "Message",
    "MessageLine",
    "NumberSeries",
    "Parameter",
    "Preference",
    "RecountOrder",
    "Reminder",
    "Robot",
    "SavedFilter",
    "ServiceLevel",
    "StagedPhoto",
    "Supervision",
    "Suspension",
    "WhistleCall",
    "attachment_path",
]


class CaseQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """The one scope of cases: list, detail, search, map, counts and files all go through it."""
        return self.filter(case_filter(user))

    def open(self) -> Self:
        return self.filter(closed_at__isnull=True)

    def overdue(self, now: Any = None) -> Self:
        return self.open().filter(due_at__lt=now or timezone.now())

    def with_measures(self) -> Self:
        """Whether anything was ever asked for or ordered on the case: most pages then need not look (panel.py)."""
        own = {"case_id": models.OuterRef("pk")}
        return self.annotate(
            has_requests=models.Exists(ExtensionRequest.objects.filter(**own))
            | models.Exists(Suspension.objects.filter(**own)),
            has_calls=models.Exists(WhistleCall.objects.filter(**own)),
            has_sheets=models.Exists(Supervision.objects.filter(**own)),
        )

    def for_step(self) -> Self:
        """What taking a step asks of every case. Kinds add their own; what a page shows is not read for it."""
        return self

    def for_list(self) -> Self:
        """Everything a list row shows, in one query; outlines stay in the database.

        `review_on` is the day a suspended case is looked at again, looked up for suspended rows alone.
        """
        rows = self.select_related(
            "area", "compound", "building__compound", "entrance", "handler_user", "handler_org"
        ).annotate(
            review_on=models.Case(
                models.When(paused_at__isnull=False, then=models.Subquery(Suspension.objects.review_days())),
                output_field=models.DateField(),
            )
        )
        return rows.defer("area__boundary", "compound__boundary", "building__compound__boundary")


class Case(models.Model):
    """One matter of any kind. The current state stands on the row; the events beside it are the memory."""

    number = models.CharField(_("number"), max_length=20, unique=True)
    kind = models.CharField(_("kind"), max_length=20)
    title = models.CharField(_("headline"), max_length=80)
    status = models.CharField(_("status"), max_length=24)
    status_since = models.DateTimeField(_("in this status since"))
    version = models.PositiveIntegerField(_("version"), default=1)
    area = models.ForeignKey(Area, verbose_name=_("area"), on_delete=models.PROTECT, related_name="cases")
    path = models.CharField(_("area code"), max_length=17)
    district = models.GeneratedField(
        expression=Left("path", 6), output_field=models.CharField(max_length=6), db_persist=True
    )
    subdistrict = models.GeneratedField(
        expression=Left("path", 9), output_field=models.CharField(max_length=9), db_persist=True
    )
    community = models.GeneratedField(
        expression=Left("path", 12), output_field=models.CharField(max_length=12), db_persist=True
    )
    grid = models.GeneratedField(
        expression=Left("path", 15), output_field=models.CharField(max_length=15), db_persist=True
    )
    compound = models.ForeignKey(
        Compound,
        verbose_name=_("compound"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    building = models.ForeignKey(
        Building,
        verbose_name=_("building"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    entrance = models.ForeignKey(
        Entrance,
        verbose_name=_("entrance"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    place_text = models.CharField(_("floor, room or place in words"), max_length=120, blank=True)
    point = models.PointField(_("point"), srid=4326, null=True, blank=True, spatial_index=False)
    handling_level = models.CharField(
        _("handling level"), max_length=12, choices=HandlingLevel.choices, default=HandlingLevel.GRID
    )
    urgency = models.CharField(_("urgency"), max_length=10, choices=Urgency.choices, default=Urgency.NORMAL)
    is_secret = models.BooleanField(
        _("secret"), default=False, help_text=_("Visible to the people named on it only.")
    )
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("reported by"), on_delete=models.PROTECT, related_name="+"
    )
    handler_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("handler (person)"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    handler_org = models.ForeignKey(
        Organisation,
        verbose_name=_("handler (organisation)"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    opened_at = models.DateTimeField(_("opened at"))
    # Of the limit that runs now (casework/clocks.py), so that lists need no second table. Closed: the handling limit.
    due_at = models.DateTimeField(_("due at"), null=True, blank=True)
    due_unit = models.CharField(_("unit of the limit"), max_length=14, choices=Unit.choices, blank=True)
    yellow_at = models.DateTimeField(_("due soon from"), null=True, blank=True)
    due_is_provisional = models.BooleanField(_("due time is estimated"), default=False)
    paused_at = models.DateTimeField(_("suspended at"), null=True, blank=True)
    handled_at = models.DateTimeField(_("handled at"), null=True, blank=True)
    is_supervised = models.BooleanField(_("supervised"), default=False)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    idempotency_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    is_synthetic = models.BooleanField(_("synthetic"), default=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        ordering = ("-opened_at", "-pk")
        indexes = [
            *[
                models.Index(
                    fields=[column, "status", "kind", "due_at"],
                    condition=Q(closed_at__isnull=True),
                    name=f"casework_open_{column[:6]}",
                )
                for column in ("district", "subdistrict", "community", "grid", "path")
            ],
            *[
                models.Index(
                    fields=[column, "due_at", "yellow_at"],
                    condition=Q(closed_at__isnull=True),
                    name=f"casework_due_{column[:6]}",
                )
                for column in ("district", "subdistrict", "community", "grid", "path")
            ],
            *[
                models.Index(fields=[column, "-opened_at", "-id"], name=f"casework_new_{column[:6]}")
                for column in ("district", "subdistrict", "community", "grid", "path")
            ],
            models.Index(
                fields=["handler_user", "due_at"], condition=Q(closed_at__isnull=True), name="casework_mine"
            ),
            models.Index(
                fields=["handler_org", "due_at"], condition=Q(closed_at__isnull=True), name="casework_orgs"
            ),
            models.Index(fields=["handler_org", "-opened_at"], name="casework_org_new"),
            models.Index(fields=["handler_user", "-opened_at"], name="casework_user_new"),
            models.Index(fields=["reporter", "-opened_at"], name="casework_reported"),
            models.Index(fields=["building", "-opened_at"], name="casework_building"),
            # Looked through every minute for the group robots (casework/robot_lists.py).
            models.Index(
                fields=["path"],
                condition=Q(closed_at__isnull=True) & ~Q(urgency="normal"),
                name="casework_open_urgent",
            ),
            GistIndex(fields=["point"], name="casework_point_gist"),
            GinIndex(OpClass(F("title"), name="gin_trgm_ops"), name="casework_title_trgm"),
            GinIndex(OpClass(Upper("number"), name="gin_trgm_ops"), name="casework_number_trgm"),
        ]
        constraints = [
            models.CheckConstraint(
                name="casework_case_one_handler",
                condition=Q(handler_user__isnull=True) | Q(handler_org__isnull=True),
            ),
            models.CheckConstraint(
                name="casework_case_closed_after_opened",
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def handler(self) -> Any:
        """The person or organisation that handles it now, or None."""
        return self.handler_user or self.handler_org

    @property
    def place(self) -> str:
        """The address in words, without the area: entrance or building or compound, then floor and room."""
        return " ".join(
            str(p) for p in (self.entrance or self.building or self.compound, self.place_text) if p
        )


class CaseEventQuerySet(models.QuerySet["CaseEvent"]):
    def for_timeline(self) -> "CaseEventQuerySet":
        return self.select_related("actor").prefetch_related("attachments").order_by("seq")


class CaseEvent(models.Model):
    """One thing that happened to a case. Append-only: a trigger refuses UPDATE and DELETE.

    `facts` is frozen JSON in the words of that day; the sentence is rendered when shown (casework/timeline.py).
    """

    case = models.ForeignKey(Case, verbose_name=_("case"), on_delete=models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField(_("sequence"))
    verb = models.CharField(_("verb"), max_length=30)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Empty: the system."),
    )
    at = models.DateTimeField(_("at"))
    from_status = models.CharField(_("from status"), max_length=24, blank=True)
    to_status = models.CharField(_("to status"), max_length=24, blank=True)
    facts = models.JSONField(_("facts"), default=dict)
    idempotency_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    objects = CaseEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ("case", "seq")
        constraints = [models.UniqueConstraint(fields=["case", "seq"], name="casework_event_seq_unique")]

    def __str__(self) -> str:
        return f"#{self.seq}"


class CasePerson(models.Model):
    """A person attached to a case: a watcher, or one named to see a secret case."""

    case = models.ForeignKey(Case, verbose_name=_("case"), on_delete=models.CASCADE, related_name="people")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="+"
    )
    kind = models.CharField(_("why"), max_length=10, choices=PersonKind.choices)
    added_at = models.DateTimeField(_("added at"), default=timezone.now)

    class Meta:
        verbose_name = _("person on a case")
        verbose_name_plural = _("people on cases")
        constraints = [models.UniqueConstraint(fields=["case", "user", "kind"], name="casework_person_once")]

    def __str__(self) -> str:
        return f"{self.user} {self.get_kind_display()}"


class NumberSeries(models.Model):
    """The last number given per kind and year; taken inside the creating transaction, so without holes."""

    prefix = models.CharField(_("prefix"), max_length=4)
    year = models.PositiveSmallIntegerField(_("year"))
    last = models.PositiveIntegerField(_("last number"), default=0)

    class Meta:
        verbose_name = _("number series")
        verbose_name_plural = _("number series")
        constraints = [models.UniqueConstraint(fields=["prefix", "year"], name="casework_series_unique")]

    def __str__(self) -> str:
        return f"{self.prefix}-{self.year}"


class ClosedTally(models.Model):
    """Closed cases per day, kind, area, level and closing status, and how many of them kept their limits.

    Pages never count the whole history; `check_consistency` compares these with the rows.
    """

    day = models.DateField(_("day"))
    kind = models.CharField(_("kind"), max_length=20)
    path = models.CharField(_("area code"), max_length=17)
    handling_level = models.CharField(_("handling level"), max_length=12, choices=HandlingLevel.choices)
    status = models.CharField(_("closing status"), max_length=24)
    count = models.IntegerField(_("count"), default=0)
    # How many of them had that limit, and how many kept it (casework/tallies.py).
    acceptance_due = models.IntegerField(_("with a limit for acceptance"), default=0)
    acceptance_kept = models.IntegerField(_("accepted in time"), default=0)
    signing_due = models.IntegerField(_("with a limit for signing"), default=0)
    signing_kept = models.IntegerField(_("signed for in time"), default=0)
    contact_due = models.IntegerField(_("with a limit for the first contact"), default=0)
    contact_kept = models.IntegerField(_("contacted in time"), default=0)
    handling_due = models.IntegerField(_("with a handling limit"), default=0)
    handling_kept = models.IntegerField(_("handled in time"), default=0)
    rework_due = models.IntegerField(_("with a limit for rework"), default=0)
    rework_kept = models.IntegerField(_("reworked in time"), default=0)

    class Meta:
        verbose_name = _("tally of closed cases")
        verbose_name_plural = _("tallies of closed cases")
        constraints = [
            models.UniqueConstraint(
                fields=["path", "day", "kind", "handling_level", "status"],
                name="casework_tally_unique",
            ),
            models.CheckConstraint(condition=Q(count__gte=0), name="casework_tally_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.path} {self.count}"


class SavedFilter(models.Model):
    """One person's named filter of the work queue."""

    MAX_QUERY = 2000  # percent-encoded: a Chinese character counts nine

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.CASCADE,
        related_name="saved_filters",
    )
    name = models.CharField(_("name"), max_length=30)
    query = models.CharField(_("query"), max_length=MAX_QUERY)

    class Meta:
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        ordering = ("name",)
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="casework_filter_name_unique")]

    def __str__(self) -> str:
        return self.name
