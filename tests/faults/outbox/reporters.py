"""Two people who report tickets through the web without a pause, whatever happens to the servers."""

import re
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from requests_.models import Ticket
from tests.factories.accounts import PASSWORD
from tests.factories.requests import SMALL

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass
class Reporter:
    """Reports one ticket after the other; a form that was not answered with "saved" is posted again, as it was."""

    address: str
    username: str
    area: str
    stop: threading.Event
    saved: list[uuid.UUID] = field(default_factory=list)
    troubles: int = 0

    def run(self) -> None:
        with httpx.Client(base_url=self.address, trust_env=False, timeout=30) as client:
            page = client.get("/accounts/sign-in/")
            form = {"username": self.username, "password": PASSWORD, "csrfmiddlewaretoken": self._token(page)}
            assert client.post("/accounts/sign-in/", data=form).status_code == 302
            token = self._token(client.get(f"/tickets/report/?form={uuid.uuid4()}"))
            while not self.stop.is_set():
                self._report(client, token, uuid.uuid4())

    def _report(self, client: httpx.Client, token: str, key: uuid.UUID) -> None:
        form = {
            "key": str(key),
            "area": self.area,
            "category": SMALL,
            "description": "三单元二楼踏步破损。",
            "urgency": "normal",
            "type": "help",
            "source": "patrol",
            "csrfmiddlewaretoken": token,
        }
        while not self._is_saved(client, form):
            self.troubles += 1
            if self.stop.wait(0.1):
                return
        self.saved.append(key)

    def _is_saved(self, client: httpx.Client, form: dict[str, str]) -> bool:
        try:
            answer = client.post("/tickets/report/", data=form)
        except httpx.HTTPError:
            return False
        assert answer.status_code != 400, answer.text
        return answer.status_code == 302 and "/cases/" in answer.headers["Location"]

    def _token(self, page: httpx.Response) -> str:
        found = TOKEN.search(page.text)
        assert found, page.text[:500]
        return found[1]


@contextmanager
def reporting(address: str, people: Sequence[Any], area: Any) -> Iterator[list[Reporter]]:
    """These people report into this area for the time of the block."""
    stop = threading.Event()
    reporters = [Reporter(address, person.username, area.code, stop) for person in people]
    with ThreadPoolExecutor(len(reporters)) as threads:
        running = [threads.submit(reporter.run) for reporter in reporters]
        try:
            yield reporters
        finally:
            stop.set()
        for each in running:
            each.result()


def all_saved(reporters: Sequence[Reporter], more: int) -> Callable[[], bool]:
    """A question: has each of them saved so many more reports than now?"""
    wanted = [len(reporter.saved) + more for reporter in reporters]
    return lambda: all(len(r.saved) >= count for r, count in zip(reporters, wanted, strict=True))


def assert_kept(reporters: Sequence[Reporter]) -> None:
    """Every report that was answered with "saved" is there, once: its key is unique in the database."""
    saved = {key for reporter in reporters for key in reporter.saved}
    assert saved
    assert saved <= set(Ticket.objects.values_list("idempotency_key", flat=True))
