"""A PostgreSQL or Redis that stands still or is gone, and a lock held for long: a page that says so within seconds."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx
import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from casework.models import CaseEvent, Reminder
from casework.services import set_watch
from tests.factories.requests import accept, dispatch, report
from tests.processes import eventually, postgres_server, redis_server, web

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
# Shorter than a site's, so that the tests are; the bound of ours is three seconds above that of a statement.
SHORT = {"WEB_CONNECT_SECONDS": "2", "WEB_STATEMENT_SECONDS": "1", "WEB_LOCK_SECONDS": "1"}
TOKEN = "t" * 32


@dataclass
class Browser:
    """Somebody who is signed in, and writes notes on one ticket."""

    client: httpx.Client
    number: str

    def note(self, text, key=None):
        """The answer, and how many seconds it took."""
        form = {"text": text, "key": str(key or uuid.uuid4()), "csrfmiddlewaretoken": TOKEN}
        began = time.monotonic()
        answer = self.client.post(f"/cases/{self.number}/notes/", data=form)
        return answer, time.monotonic() - began

    def get(self, path, **headers):
        began = time.monotonic()
        answer = self.client.get(path, headers=headers)
        return answer, time.monotonic() - began


@pytest.fixture
def ticket(tree, micro_grid_worker, grid_leader, grid_worker):
    ticket = accept(report(micro_grid_worker, tree["00500101"]), grid_leader)
    set_watch(case=ticket, user=grid_worker, watching=True)
    return dispatch(ticket, grid_leader, grid_worker)


@pytest.fixture
def cookies(grid_leader):
    client = Client()
    client.force_login(grid_leader, backend="accounts.backends.RoleBackend")
    return {"sessionid": client.cookies["sessionid"].value, "csrftoken": TOKEN}


@pytest.fixture
def postgres(ticket, cookies):
    with postgres_server() as server:
        yield server


@pytest.fixture
def browse(ticket, cookies):
    """A browser that looks at the site at this address; the site is asked once, so that its connections are there."""

    def open_browser(address):
        client = httpx.Client(base_url=address, cookies=cookies, trust_env=False, timeout=30)
        browsers.append(client)
        assert client.get(f"/cases/{ticket.number}/").status_code == 200
        return Browser(client, ticket.number)

    browsers = []
    yield open_browser
    for client in browsers:
        client.close()


def notes():
    return sorted(event.facts["text"] for event in CaseEvent.objects.filter(verb="note"))


def assert_busy(answer, text="数据库暂时没有响应"):
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert text in answer.text


def test_a_frozen_postgresql_is_answered_by_a_page_within_seconds_and_what_is_sent_again_is_saved_once(
    postgres, browse
):
    key = uuid.uuid4()
    with web(workers=1, **SHORT) as site:
        browser = browse(site.address)
        postgres.process.freeze()
        answer, seconds = browser.note("已联系物业", key)
        assert_busy(answer, "返回上一页，您填写的内容仍在")
        assert seconds < 7
        assert "<html" in answer.text

        # More people than the site has threads: none of them waits for the others' tries.
        with ThreadPoolExecutor(12) as threads:
            asked = [threads.submit(browser.get, "/cases/") for _ in range(12)]
            alive, seconds = browser.get("/health/live/")
            assert (alive.status_code, seconds < 4) == (200, True)
            assert {each.result()[0].status_code for each in asked} == {503}
            assert max(each.result()[1] for each in asked) < 10
            began = time.monotonic()
            fragment = threads.submit(browser.get, "/cases/", **{"HX-Request": "true"})
            ready = httpx.get(f"{site.address}/health/ready/", trust_env=False, timeout=30)
        assert (ready.status_code, ready.json()["database"]) == (503, "down")
        assert time.monotonic() - began < 7
        assert_busy(fragment.result()[0])
        assert fragment.result()[0].text.startswith("<div")

        postgres.process.thaw()
        eventually(lambda: browser.get("/cases/")[0].status_code == 200, seconds=20)
        answer, _seconds = browser.note("已联系物业", key)
        assert answer.status_code == 302
    assert notes() == ["已联系物业"]


def test_a_row_that_somebody_else_holds_is_not_waited_for_without_end(ticket, browse):
    key = uuid.uuid4()
    options = connection.settings_dict["OPTIONS"]
    with (
        web(workers=1, WEB_LOCK_SECONDS="1") as site,
        psycopg.connect(
            host=connection.settings_dict["HOST"] or options["host"],
            user=connection.settings_dict["USER"],
            dbname=connection.settings_dict["NAME"],
        ) as holder,
    ):
        browser = browse(site.address)
        holder.execute("SELECT 1 FROM casework_case WHERE id = %s FOR UPDATE", [ticket.pk])
        answer, seconds = browser.note("请尽快", key)
        assert_busy(answer)
        assert 1 <= seconds < 4
        holder.rollback()
        assert browser.note("请尽快", key)[0].status_code == 302
    assert notes() == ["请尽快"]


def test_a_lost_postgresql_is_a_page_at_once_and_when_it_is_back_the_site_goes_on(postgres, browse):
    with web(workers=1) as site:
        browser = browse(site.address)
        postgres.kill()
        connection.close()
        for answer, seconds in (browser.get("/cases/"), browser.note("查看现场"), browser.get("/")):
            assert_busy(answer)
            assert seconds < 3
        assert browser.get("/health/live/")[0].status_code == 200
        assert browser.get("/health/ready/")[0].status_code == 503
        postgres.start()
        eventually(lambda: browser.get("/cases/")[0].status_code == 200, seconds=20)
        assert browser.note("查看现场")[0].status_code == 302
    assert notes() == ["查看现场"]


def test_a_frozen_redis_holds_up_one_save_for_a_moment_and_the_next_ones_not_at_all(ticket, browse):
    with redis_server() as redis, web(workers=1, REDIS_URL=redis.url) as site:
        browser = browse(site.address)
        assert browser.note("一")[0].status_code == 302
        Reminder.objects.all().delete()
        redis.process.freeze()
        first, seconds = browser.note("二")
        assert (first.status_code, seconds < 3) == (302, True)
        second, seconds = browser.note("三")
        assert (second.status_code, seconds < 1.5) == (302, True)
        ready, seconds = browser.get("/health/ready/")
        assert (ready.json()["redis"], ready.json()["database"], seconds < 4) == ("down", "ok", True)
        assert Reminder.objects.filter(state="planned").exists()  # the next sweep tells it
        redis.process.thaw()
    assert notes() == ["一", "三", "二"]


@pytest.mark.faults_long
def test_with_the_times_of_a_site_a_query_under_way_is_given_up_too(postgres, browse):
    with web(workers=1) as site:
        browser = browse(site.address)
        with ThreadPoolExecutor(4) as threads:
            asked = [threads.submit(browser.note, f"第{n}条") for n in range(4)]
            postgres.process.freeze()
            answers = [each.result() for each in asked]
        assert {answer.status_code for answer, _seconds in answers} <= {302, 503}
        assert max(seconds for _answer, seconds in answers) < settings.WEB_PATIENCE.answer + 6
        postgres.process.thaw()
        eventually(lambda: browser.get("/cases/")[0].status_code == 200, seconds=30)
    saved = sum(answer.status_code == 302 for answer, _seconds in answers)
    assert len(notes()) >= saved
