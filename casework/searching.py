"""What people type to find a case, read in one way by the search and by the filter of the queue."""

import re
import unicodedata

from django.db.models import Q

# A number of ours without its dashes: T2026000404.
WITHOUT_DASHES = re.compile(r"([A-Za-z]{1,2})(\d{4})(\d{6})")
MOST_WORDS = 5


def read_query(text: str) -> str:
    """As it is written in the records, whatever keyboard it came from: ９号 is 9号, t2026000404 a number."""
    plain = unicodedata.normalize("NFKC", text).strip()
    found = WITHOUT_DASHES.fullmatch(plain)
    return "-".join(found.groups()).upper() if found else plain


def words_of(text: str) -> list[str]:
    """The words of what `read_query` gave; what comes after the fifth narrows nothing."""
    return text.split()[:MOST_WORDS]


def in_number_or_headline(text: str) -> Q:
    """Cases whose number or headline holds every word."""
    found = Q()
    for word in words_of(read_query(text)):
        found &= Q(number__icontains=word) | Q(title__contains=word)
    return found
