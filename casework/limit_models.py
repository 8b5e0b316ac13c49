"""Limits as data, the limits that run on a case, and what happens when one is passed."""

from datetime import date

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value, When
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from casework.choices import Audience, DeadlineResult, HandlingLevel, Standing, Step, Unit, Urgency
from casework.words import amount_words


class Parameter(models.Model):
    """A number of the rules that an administrator edits, with its basis beside it."""

    key = models.SlugField(_("key"), max_length=40, unique=True)
    name = models.CharField(_("what it governs"), max_length=120)
    value = models.PositiveIntegerField(_("value"))
    basis = models.CharField(_("basis"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("parameter")
        verbose_name_plural = _("parameters")
        ordering = ("key",)

    def __str__(self) -> str:
        return f"{self.key} = {self.value}"


def parameter(key: str) -> int:
    """The edited value of a parameter; KeyError for a key no migration made."""
    try:
        return Parameter.objects.values_list("value", flat=True).get(key=key)
    except Parameter.DoesNotExist as error:
        raise KeyError(key) from error


def parameters(*keys: str) -> tuple[int, ...]:
    """The edited values of several parameters, in the order of the keys; one query. KeyError as above."""
    values = dict(Parameter.objects.filter(key__in=keys).values_list("key", "value"))
    return tuple(values[key] for key in keys)


class ServiceLevelQuerySet(models.QuerySet["ServiceLevel"]):
    def with_standing(self, on: date) -> "ServiceLevelQuerySet":
        """Annotates `standing`: whether a row is in force on that day, to come, or replaced by a later one."""
        same = ServiceLevel.objects.filter(
            valid_from__lte=on,
            valid_from__gt=OuterRef("valid_from"),
            **{name: OuterRef(name) for name in ("kind", "step", "subject", "urgency", "level")},
        )
        return self.annotate(
            standing=models.Case(
                When(valid_from__gt=on, then=Value(Standing.TO_COME)),
                When(Exists(same), then=Value(Standing.REPLACED)),
                default=Value(Standing.IN_FORCE),
            )
        )


class ServiceLevel(models.Model):
    """How long one step may take. Empty columns mean any; the row that says most wins (casework/limits.py)."""

    kind = models.CharField(_("kind"), max_length=20)
    step = models.CharField(_("step"), max_length=16, choices=Step.choices)
    subject = models.CharField(
        _("category or type"), max_length=40, blank=True, help_text=_("Empty: any category and type.")
    )
    urgency = models.CharField(_("urgency"), max_length=10, choices=Urgency.choices, blank=True)
    level = models.CharField(_("handling level"), max_length=12, choices=HandlingLevel.choices, blank=True)
    amount = models.PositiveSmallIntegerField(_("amount"))
    unit = models.CharField(_("unit"), max_length=14, choices=Unit.choices)
    cut_off = models.TimeField(
        _("cut-off"),
        null=True,
        blank=True,
        help_text=_("What arrives later counts as the next workday's. Empty: the cut-off of the office."),
    )
    valid_from = models.DateField(_("valid from"))
    basis = models.CharField(_("basis"), max_length=200)

    objects = ServiceLevelQuerySet.as_manager()

    class Meta:
        verbose_name = _("limit")
        verbose_name_plural = _("limits")
        ordering = ("kind", "step", "urgency", "subject", "level", "-valid_from")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "step", "subject", "urgency", "level", "valid_from"],
                name="casework_limit_no_overlap",
                violation_error_message=_(
                    "There is a limit for the same step, category, urgency and level from the same day already."
                ),
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=1, amount__lte=400),
                name="casework_limit_amount",
                violation_error_message=_("The amount lies between 1 and 400."),
            ),
            models.CheckConstraint(
                condition=Q(unit__in=Unit.values),
                name="casework_limit_unit_known",
                violation_error_message=_("This unit is unknown."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} · {amount_words(self.amount, self.unit)}"


class DeadlineQuerySet(models.QuerySet["Deadline"]):
    def running(self) -> "DeadlineQuerySet":
        """Limits that count now or are suspended."""
        return self.filter(ended_at__isnull=True)

    def counting(self) -> "DeadlineQuerySet":
        return self.running().filter(paused_at__isnull=True)


class Deadline(models.Model):
    """One limit of one step of one case, with a frozen copy of the rule it was counted by.

    A later change of the rule moves nothing that runs already; a change of the calendar does (casework/recount.py).
    """

    # `told` is the step of escalation told last (EscalationStep.after_workdays); this before any.
    NOTHING_TOLD = -2

    case = models.ForeignKey(
        "casework.Case", verbose_name=_("case"), on_delete=models.CASCADE, related_name="deadlines"
    )
    step = models.CharField(_("step"), max_length=16, choices=Step.choices)
    is_main = models.BooleanField(_("governs the light"), default=False)
    # The step whose limit it is: handling that is done again has that of rework.
    limit_step = models.CharField(_("limit of"), max_length=16, choices=Step.choices)
    amount = models.PositiveSmallIntegerField(_("amount"))
    unit = models.CharField(_("unit"), max_length=14, choices=Unit.choices)
    cut_off = models.TimeField(_("cut-off"), null=True, blank=True)
    counted_from = models.DateTimeField(_("counted from"))
    left = models.DurationField(
        _("left when resumed"), null=True, blank=True, help_text=_("Counted instead of the amount.")
    )
    extra_workdays = models.PositiveSmallIntegerField(_("workdays added"), default=0)
    due_at = models.DateTimeField(_("due at"))
    yellow_at = models.DateTimeField(_("due soon from"))
    # Counted with `due_at`: half of the amount in its own unit after it (casework/deadlines.py).
    half_over_at = models.DateTimeField(_("half as long again is over"))
    is_provisional = models.BooleanField(_("estimated"), default=False)
    paused_at = models.DateTimeField(_("suspended at"), null=True, blank=True)
    missed_at = models.DateTimeField(
        _("missed at"),
        null=True,
        blank=True,
        help_text=_("It had run out before its clock was stopped: nothing moves it any more."),
    )
    told = models.SmallIntegerField(_("told so far"), default=NOTHING_TOLD)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    result = models.CharField(_("result"), max_length=8, choices=DeadlineResult.choices, blank=True)

    objects = DeadlineQuerySet.as_manager()

    class Meta:
        verbose_name = _("deadline")
        verbose_name_plural = _("deadlines")
        ordering = ("case", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "step"], condition=Q(ended_at__isnull=True), name="casework_deadline_one_runs"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, result="") | (Q(ended_at__isnull=False) & ~Q(result="")),
                name="casework_deadline_result_when_ended",
            ),
        ]
        indexes = [
            models.Index(
                fields=["told", "step", "due_at"],
                condition=Q(ended_at__isnull=True, paused_at__isnull=True),
                name="casework_deadline_due",
            ),
            models.Index(
                fields=["told", "step", "yellow_at"],
                condition=Q(ended_at__isnull=True, paused_at__isnull=True),
                name="casework_deadline_yellow",
            ),
            models.Index(
                fields=["half_over_at"],
                condition=Q(ended_at__isnull=True, paused_at__isnull=True, step=Step.SIGN),
                name="casework_deadline_unsigned",
            ),
            models.Index(
                fields=["counted_from", "half_over_at"],
                condition=Q(ended_at__isnull=True, paused_at__isnull=True),
                name="casework_deadline_span",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} {localtime(self.due_at):%Y-%m-%d %H:%M}"


class LimitPeriod(models.Model):
    """A period in which a limit ran until its clock was stopped; what is left of another limit is counted by them."""

    deadline = models.ForeignKey(
        Deadline, verbose_name=_("deadline"), on_delete=models.CASCADE, related_name="periods"
    )
    began_at = models.DateTimeField(_("began at"))
    stopped_at = models.DateTimeField(_("suspended at"))
    extra_workdays = models.PositiveSmallIntegerField(_("workdays added"), default=0)

    class Meta:
        verbose_name = _("period of a deadline")
        verbose_name_plural = _("periods of deadlines")
        ordering = ("deadline", "began_at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(stopped_at__gte=F("began_at")), name="casework_limitperiod_valid"
            )
        ]

    def __str__(self) -> str:
        return f"{localtime(self.began_at):%Y-%m-%d %H:%M} – {localtime(self.stopped_at):%Y-%m-%d %H:%M}"


class EscalationStep(models.Model):
    """Whom a passed limit reaches after how many workdays; each step once per case and deadline."""

    DUE_SOON = -1

    kind = models.CharField(_("kind"), max_length=20)
    step = models.CharField(_("step"), max_length=16, choices=Step.choices)
    after_workdays = models.SmallIntegerField(
        _("workdays late"), help_text=_("0: as soon as the limit is passed. −1: when it is due soon.")
    )
    tell = models.CharField(_("tells"), max_length=20, choices=Audience.choices)
    basis = models.CharField(_("basis"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("escalation step")
        verbose_name_plural = _("escalation steps")
        ordering = ("kind", "step", "after_workdays", "tell")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "step", "after_workdays", "tell"], name="casework_escalation_once"
            ),
            models.CheckConstraint(
                condition=Q(after_workdays__gte=-1, after_workdays__lte=60),
                name="casework_escalation_days",
                violation_error_message=_("From −1 to 60 workdays."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} +{self.after_workdays}: {self.get_tell_display()}"


class RecountOrder(models.Model):
    """Days of the calendar that changed: open deadlines that touch them wait to be counted again."""

    first_on = models.DateField(_("from"))
    last_on = models.DateField(_("until"))
    made_at = models.DateTimeField(_("made at"))
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    moved = models.PositiveIntegerField(_("deadlines moved"), default=0)

    class Meta:
        verbose_name = _("recount of deadlines")
        verbose_name_plural = _("recounts of deadlines")
        ordering = ("-made_at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on__gte=F("first_on")), name="casework_recount_valid_period"
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_on} – {self.last_on}"
