"""Tickets and micro-wishes. The underscore of the package reaches neither tables nor URLs."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RequestsConfig(AppConfig):
    name = "requests_"
    label = "requests"
    verbose_name = _("Tickets")

    def ready(self) -> None:
        from casework.registry import register
        from core.consistency import register_check
        from requests_ import rules  # noqa: F401  registers its reminders
        from requests_.answers import wrong_answers
        from requests_.kinds import TICKET
        from requests_.topic_kind import TOPIC

        register(TICKET)
        register(TOPIC)
        register_check(wrong_answers)
