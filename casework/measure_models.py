"""What is asked for and ordered on a case beside its steps: extension, suspension, supervision, whistle calls."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from casework.choices import Rating, RequestState, WhistleGround, WhistleState


def _person(label: Any, *, optional: bool = False, help_text: Any = "") -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=label,
        on_delete=models.PROTECT,
        related_name="+",
        null=optional,
        blank=optional,
        help_text=help_text,
    )


class Request(models.Model):
    """Something one person asks for and another decides; at most one waits per case."""

    asked_by = _person(_("asked by"))
    asked_at = models.DateTimeField(_("asked at"))
    reason = models.CharField(_("reason"), max_length=500)
    state = models.CharField(
        _("state"), max_length=10, choices=RequestState.choices, default=RequestState.PENDING
    )
    decided_by = _person(_("decided by"), optional=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def is_pending(self) -> bool:
        return self.state == RequestState.PENDING


class ExtensionRequest(Request):
    """An extension (延期) of the handling limit, in workdays."""

    case = models.ForeignKey(
        "casework.Case", verbose_name=_("case"), on_delete=models.CASCADE, related_name="extensions"
    )
    workdays = models.PositiveSmallIntegerField(_("workdays"))

    class Meta:
        verbose_name = _("extension")
        verbose_name_plural = _("extensions")
        ordering = ("case", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(state="pending"), name="casework_extension_one_pending"
            ),
            models.CheckConstraint(
                condition=Q(workdays__gte=1, workdays__lte=60), name="casework_extension_workdays"
            ),
        ]

    def __str__(self) -> str:
        return f"+{self.workdays} {self.get_state_display()}"


class SuspensionQuerySet(models.QuerySet["Suspension"]):
    def in_force(self) -> "SuspensionQuerySet":
        """Those that hold a clock now."""
        return self.filter(state=RequestState.APPROVED)

    def review_days(self) -> Any:
        """The review day of the outer query's case; to be used as a subquery."""
        return self.in_force().filter(case=models.OuterRef("pk")).order_by().values("review_on")[:1]


class Suspension(Request):
    """A suspension (挂账): the clock stops until the review day or until it is resumed."""

    case = models.ForeignKey(
        "casework.Case", verbose_name=_("case"), on_delete=models.CASCADE, related_name="suspensions"
    )
    review_on = models.DateField(_("review on"))
    ended_at = models.DateTimeField(_("resumed at"), null=True, blank=True)

    objects = SuspensionQuerySet.as_manager()

    class Meta:
        verbose_name = _("suspension")
        verbose_name_plural = _("suspensions")
        ordering = ("case", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(state__in=["pending", "approved"]),
                name="casework_suspension_one_open",
            ),
        ]
        indexes = [
            models.Index(
                fields=["review_on"], condition=Q(state="approved"), name="casework_suspension_review"
            )
        ]

    def __str__(self) -> str:
        return f"{self.review_on} {self.get_state_display()}"


class Supervision(models.Model):
    """A supervision sheet (督办单): a named leader answers for the case by a day."""

    case = models.ForeignKey(
        "casework.Case", verbose_name=_("case"), on_delete=models.PROTECT, related_name="supervisions"
    )
    number = models.CharField(_("sheet number"), max_length=20, unique=True)
    issued_by = _person(_("issued by"), optional=True, help_text=_("Empty: the system."))
    issued_at = models.DateTimeField(_("issued at"))
    leader = _person(_("responsible leader"))
    answer_by = models.DateTimeField(_("answer before"))
    demand = models.CharField(_("what is demanded"), max_length=500)
    lifted_by = _person(_("lifted by"), optional=True)
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)
    answer = models.CharField(_("outcome"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("supervision sheet")
        verbose_name_plural = _("supervision sheets")
        ordering = ("-issued_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(lifted_at__isnull=True), name="casework_supervision_one_open"
            ),
            models.CheckConstraint(
                condition=Q(answer_by__gte=F("issued_at")), name="casework_supervision_answer_after_issue"
            ),
        ]
        indexes = [
            models.Index(
                fields=["answer_by"], condition=Q(lifted_at__isnull=True), name="casework_supervision_due"
            )
        ]

    def __str__(self) -> str:
        return self.number


class WhistleCallQuerySet(models.QuerySet["WhistleCall"]):
    def unanswered(self) -> "WhistleCallQuerySet":
        """Calls the department still has to report in for or to deal with."""
        return self.filter(state__in=(WhistleState.CALLED, WhistleState.REPORTED_IN))

    def to_rate(self, now: datetime) -> "WhistleCallQuerySet":
        """Calls that were dealt with, and those whose department did not report in in its time."""
        silent = Q(state=WhistleState.CALLED, respond_by__lt=now)
        return self.filter(Q(state=WhistleState.HANDLED) | silent)

    def end(self) -> int:
        """Ends those that are unanswered, because their case is closed; returns how many."""
        return self.unanswered().update(state=WhistleState.ENDED)


class WhistleCall(models.Model):
    """One department called to the spot (吹哨): it reports in, deals with it, and is rated by the caller."""

    case = models.ForeignKey(
        "casework.Case", verbose_name=_("case"), on_delete=models.CASCADE, related_name="whistle_calls"
    )
    organisation = models.ForeignKey(
        Organisation, verbose_name=_("department"), on_delete=models.PROTECT, related_name="+"
    )
    ground = models.CharField(_("ground"), max_length=12, choices=WhistleGround.choices)
    demand = models.CharField(_("what is needed"), max_length=500)
    respond_by = models.DateTimeField(_("report in before"))
    called_by = _person(_("called by"))
    called_at = models.DateTimeField(_("called at"))
    state = models.CharField(
        _("state"), max_length=12, choices=WhistleState.choices, default=WhistleState.CALLED
    )
    reported_in_by = _person(_("reported in by"), optional=True)
    reported_in_at = models.DateTimeField(_("reported in at"), null=True, blank=True)
    handled_at = models.DateTimeField(_("dealt with at"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=500, blank=True)
    rating = models.CharField(_("rating"), max_length=8, choices=Rating.choices, blank=True)
    rating_note = models.CharField(_("why"), max_length=200, blank=True)

    objects = WhistleCallQuerySet.as_manager()

    class Meta:
        verbose_name = _("whistle call")
        verbose_name_plural = _("whistle calls")
        ordering = ("case", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "organisation"],
                condition=~Q(state__in=["rated", "ended"]),
                name="casework_whistle_one_open",
            ),
        ]
        indexes = [
            models.Index(fields=["respond_by"], condition=Q(state="called"), name="casework_whistle_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.get_state_display()}"

    @property
    def is_unanswered(self) -> bool:
        """Whether the department has not reported in yet."""
        return self.state == WhistleState.CALLED

    @property
    def was_late(self) -> bool:
        """Whether it reported in after the time it was given."""
        return self.reported_in_at is not None and self.reported_in_at > self.respond_by
