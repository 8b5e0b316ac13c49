"""A task that tells whether the machinery runs."""

from celery import shared_task


@shared_task(ignore_result=False)
def ping(word: str) -> str:
    """Returns `word`; used by `ping_worker` to prove the whole way through broker, worker and result."""
    return word
