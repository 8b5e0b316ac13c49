"""Tickets, their categories, and the topics that many reports of one matter raise."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from casework.choices import HandlingLevel
from casework.models import Case, CaseQuerySet
from core.masking import mask_name, mask_phone
from core.phones import PhoneField
from requests_.choices import (
    DeclineReason,
    PendingRequest,
    Satisfaction,
    Solved,
    TicketSource,
    TicketType,
)

# What the numbers of tickets begin with.
PREFIX = "T"


class CategoryQuerySet(models.QuerySet["Category"]):
    def offered(self) -> "CategoryQuerySet":
        """Second-level categories a ticket may be given, with their groups."""
        return self.filter(is_active=True, parent__is_active=True).select_related("parent")


class Category(models.Model):
    """A category of tickets; two levels. Its limits are rows of `casework.ServiceLevel` for its code."""

    parent = models.ForeignKey(
        "self",
        verbose_name=_("group"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        limit_choices_to={"parent__isnull": True},
    )
    code = models.SlugField(_("code"), max_length=30, unique=True, help_text=_("Letters, digits, - and _."))
    name = models.CharField(_("name"), max_length=30)
    is_small = models.BooleanField(
        _("small matter"), default=False, help_text=_("The grid may settle it by itself (小事不出网格).")
    )
    photo_needed = models.BooleanField(
        _("photo needed"), default=False, help_text=_("A photo of the result is required to finish.")
    )
    is_mixed = models.BooleanField(
        _("no matter of its own"),
        default=False,
        help_text=_(
            "Its reports have nothing in common: they repeat each other only by the resident's phone, and raise "
            "no topic."
        ),
    )
    default_level = models.CharField(
        _("usual handling level"), max_length=12, choices=HandlingLevel.choices, default=HandlingLevel.GRID
    )
    boundary_note = models.CharField(
        _("what belongs here"),
        max_length=200,
        blank=True,
        help_text=_("Shown to whoever chooses a category."),
    )
    basis = models.CharField(_("basis"), max_length=200, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    is_active = models.BooleanField(_("active"), default=True)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("ticket category")
        verbose_name_plural = _("ticket categories")
        ordering = ("parent__order", "parent__code", "order", "code")
        constraints = [
            models.UniqueConstraint(fields=["parent", "name"], name="requests_category_name_unique")
        ]

    def __str__(self) -> str:
        return f"{self.parent.name} · {self.name}" if self.parent_id and self.parent else self.name

    def clean(self) -> None:
        super().clean()
        if self.parent and self.parent.parent_id:
            raise ValidationError({"parent": _("Categories have two levels only.")})


class TopicQuerySet(CaseQuerySet):
    def gathering(self) -> Self:
        """Topics that further tickets still join."""
        return self.filter(counted_until__isnull=True)

    def for_step(self) -> Self:
        return self.select_related("category")

    def for_rows(self) -> Self:
        return self.for_list().select_related("category__parent")

    def for_detail(self) -> Self:
        return self.for_rows().with_measures().select_related("reporter")


class ProactiveTopic(Case):
    """One matter that several reports of one place and category raised (未诉先办专题): taken up as a whole.

    `reporter` is whoever made the report that completed the count; the event that raised it is the system's.
    """

    category = models.ForeignKey(
        Category, verbose_name=_("category"), on_delete=models.PROTECT, related_name="+"
    )
    place_key = models.CharField(
        _("place"), max_length=30, help_text=_("Building, compound or micro-grid (requests_/repeats.py).")
    )
    counted_from = models.DateTimeField(_("reports from"))
    counted_until = models.DateTimeField(
        _("reports until"), null=True, blank=True, help_text=_("Empty: further reports still join.")
    )
    plan = models.TextField(_("what will be done"), max_length=1000, blank=True)
    result = models.TextField(_("result"), max_length=2000, blank=True)

    objects = TopicQuerySet.as_manager()

    class Meta:
        verbose_name = _("proactive topic")
        verbose_name_plural = _("proactive topics")
        constraints = [
            models.UniqueConstraint(
                fields=["place_key", "category"],
                condition=Q(counted_until__isnull=True),
                name="requests_topic_one_open",
            ),
            models.CheckConstraint(
                condition=Q(counted_until__isnull=True) | Q(counted_until__gte=F("counted_from")),
                name="requests_topic_valid_period",
            ),
        ]

    def __str__(self) -> str:
        return super().__str__()


class TicketQuerySet(CaseQuerySet):
    def for_step(self) -> Self:
        return self.select_related("category")

    def for_rows(self) -> Self:
        """A row of the queue with its next step: the steps depend on the category."""
        return self.for_list().select_related("category__parent")

    def for_detail(self) -> Self:
        return self.for_rows().with_measures().select_related("reporter")


class Ticket(Case):
    """A service ticket (工单): something a resident asks for or a worker finds."""

    external_number = models.CharField(_("external number (12345)"), max_length=40, blank=True)
    source = models.CharField(
        _("source"), max_length=12, choices=TicketSource.choices, default=TicketSource.PATROL
    )
    type = models.CharField(_("type"), max_length=12, choices=TicketType.choices, default=TicketType.HELP)
    category = models.ForeignKey(
        Category, verbose_name=_("category"), on_delete=models.PROTECT, related_name="+"
    )
    description = models.TextField(_("description"), max_length=2000)
    caller_name = models.CharField(_("name of the resident"), max_length=40, blank=True)
    caller_phone = PhoneField(_("phone of the resident"), max_length=20, blank=True)
    # SECURITY: as personal as the phone itself; compared only, never shown.
    caller_digits = models.GeneratedField(
        expression=Func(F("caller_phone"), Value("[^0-9]"), Value(""), Value("g"), function="regexp_replace"),
        output_field=models.CharField(max_length=20),
        db_persist=True,
        verbose_name=_("digits of the phone"),
    )
    first_contact_at = models.DateTimeField(_("first contact at"), null=True, blank=True)
    dispatched_at = models.DateTimeField(_("dispatched at"), null=True, blank=True)
    finished_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("finished by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    return_count = models.PositiveSmallIntegerField(_("sent back"), default=0)
    is_for_secretary = models.BooleanField(
        _("only the secretary dispatches it"),
        default=False,
        help_text=_("Sent back as often as the parameter returns_to_secretary says."),
    )
    result = models.TextField(_("result"), max_length=2000, blank=True)
    settled_on_spot = models.BooleanField(_("settled on the spot"), default=False)
    decline_reason = models.CharField(
        _("reason for declining"), max_length=20, choices=DeclineReason.choices, blank=True
    )
    merged_into = models.ForeignKey(
        "self",
        verbose_name=_("merged into"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged",
    )
    repeat_of = models.ForeignKey(
        "self",
        verbose_name=_("repeats"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="repeats",
        db_index=False,
        help_text=_("Always the first report of the matter."),
    )
    # SECURITY: the order of the reports of the matter; it counts all of them and is shown nowhere.
    repeat_number = models.PositiveSmallIntegerField(_("times reported"), default=1)
    topic = models.ForeignKey(
        ProactiveTopic,
        verbose_name=_("proactive topic"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="tickets",
    )
    solved = models.CharField(
        _("solved, as the resident says"), max_length=10, choices=Solved.choices, blank=True
    )
    satisfaction = models.CharField(
        _("satisfaction"), max_length=12, choices=Satisfaction.choices, blank=True
    )
    dissatisfied_count = models.PositiveSmallIntegerField(_("times dissatisfied"), default=0)
    # What the next steps depend on, so that a list needs no second table: the rows behind stand in casework.
    pending_request = models.CharField(
        _("waits for a decision"), max_length=12, choices=PendingRequest.choices, blank=True
    )
    extension_count = models.PositiveSmallIntegerField(_("extensions granted"), default=0)
    whistles = models.JSONField(
        _("open whistle calls"), default=dict, blank=True, help_text=_("State by organisation.")
    )

    # Which report of its matter it is for the person `seen_by` (requests_/seen_repeats.py); never the stored number.
    seen_number = 1
    seen_by: int | None = None

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        indexes = [
            models.Index(
                fields=["external_number"], condition=~Q(external_number=""), name="requests_ticket_external"
            ),
            models.Index(
                fields=["caller_digits", "category"],
                condition=~Q(caller_digits=""),
                name="requests_ticket_caller",
            ),
            GinIndex(OpClass(F("description"), name="gin_trgm_ops"), name="requests_ticket_words"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["repeat_of", "repeat_number"],
                condition=Q(repeat_of__isnull=False),
                name="requests_ticket_repeat_once",
            ),
            models.CheckConstraint(
                condition=Q(repeat_of__isnull=True, repeat_number=1)
                | Q(repeat_of__isnull=False, repeat_number__gte=2),
                name="requests_ticket_repeat_counted",
            ),
        ]

    def __str__(self) -> str:
        return super().__str__()

    @property
    def is_from_hotline(self) -> bool:
        """Whether 12345 sent it and waits for its answer."""
        return self.source == TicketSource.HOTLINE or bool(self.external_number)

    @property
    def wants_callback(self) -> bool:
        """Whether somebody is to be called back: a resident left a phone number, or 12345 asks for it.

        Those who reported what was merged into it are to be called back too (requests_/selectors.py).
        """
        return bool(self.caller_phone) or self.is_from_hotline

    @property
    def wants_first_contact(self) -> bool:
        """Whether a resident still waits to be spoken to for the first time."""
        return self.wants_callback and self.first_contact_at is None

    @property
    def masked_caller(self) -> str:
        """Surname and the ends of the phone number; the rest only by a logged reveal."""
        return " ".join(x for x in (mask_name(self.caller_name), mask_phone(self.caller_phone)) if x)


class Callback(models.Model):
    """One call to somebody who reported the matter: whom, when, by whom, and what they said. Only a written row counts.

    `report` is the ticket itself, or one that was merged into it: each reporter is asked.
    """

    ticket = models.ForeignKey(
        Ticket, verbose_name=_("ticket"), on_delete=models.PROTECT, related_name="callbacks"
    )
    report = models.ForeignKey(
        Ticket, verbose_name=_("whose report"), on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+"
    )
    by_hotline = models.BooleanField(
        _("called by 12345"), default=False, help_text=_("Entered here, heard by the hotline.")
    )
    reached = models.BooleanField(_("reached"), default=False)
    solved = models.CharField(
        _("solved, as the resident says"), max_length=10, choices=Solved.choices, blank=True
    )
    satisfaction = models.CharField(
        _("satisfaction"), max_length=12, choices=Satisfaction.choices, blank=True
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("callback")
        verbose_name_plural = _("callbacks")
        ordering = ("ticket", "at")
        constraints = [
            models.CheckConstraint(
                condition=Q(reached=False, solved="", satisfaction="")
                | (Q(reached=True) & ~Q(solved="") & ~Q(satisfaction="")),
                name="requests_callback_answer_when_reached",
            )
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.at:%Y-%m-%d %H:%M}"

    @property
    def is_negative(self) -> bool:
        """Whether the matter goes back to its handler because of this answer."""
        return self.solved == Solved.NO or self.satisfaction == Satisfaction.DISSATISFIED


class AnswerTally(models.Model):
    """What the reporters of tickets closed on a day answered, the first and the last time (requests_/answers.py)."""

    day = models.DateField(_("day"))
    path = models.CharField(_("area code"), max_length=17)
    first_answered = models.IntegerField(_("first: said whether it is solved"), default=0)
    first_solved = models.IntegerField(_("first: solved"), default=0)
    first_rated = models.IntegerField(_("first: said whether they are satisfied"), default=0)
    first_satisfied = models.IntegerField(_("first: satisfied or fairly satisfied"), default=0)
    last_answered = models.IntegerField(_("last: said whether it is solved"), default=0)
    last_solved = models.IntegerField(_("last: solved"), default=0)
    last_rated = models.IntegerField(_("last: said whether they are satisfied"), default=0)
    last_satisfied = models.IntegerField(_("last: satisfied or fairly satisfied"), default=0)

    class Meta:
        verbose_name = _("tally of answers")
        verbose_name_plural = _("tallies of answers")
        constraints = [models.UniqueConstraint(fields=["path", "day"], name="requests_answertally_unique")]

    def __str__(self) -> str:
        return f"{self.day} {self.path}"
