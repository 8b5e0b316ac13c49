"""Filters of the queue a person keeps under a name."""

from typing import Any

from django.utils.translation import gettext as _

from casework.models import SavedFilter
from core.errors import DomainError


def save_filter(*, user: Any, name: str, query: str) -> SavedFilter:
    """Keeps the encoded query under the name; the same name again replaces it. DomainError when it is too long."""
    if len(query) > SavedFilter.MAX_QUERY:
        raise DomainError(_("This filter is too long to be kept; shorten its words."))
    saved, _made = SavedFilter.objects.update_or_create(user=user, name=name, defaults={"query": query})
    return saved


def forget_filter(*, user: Any, name: str) -> bool:
    """Forgets the person's filter of that name; False when there was none."""
    return SavedFilter.objects.filter(user=user, name=name).delete()[0] > 0
