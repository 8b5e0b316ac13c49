"""The work queue: scope, filters, order, pages, saved filters."""

import re
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext

from casework.models import SavedFilter, ServiceLevel
from requests_.choices import PendingRequest
from requests_.models import Ticket
from tests.factories.measures import extend, propose_suspension, supervise
from tests.factories.requests import accept, dispatch, take

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
QUEUE = "/cases/"
NOW = datetime(2023, 2, 22, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
HOUR = timedelta(hours=1)


@pytest.fixture
def no_time_to_accept(db):
    """What is only reported has no light."""
    ServiceLevel.objects.filter(step="accept").delete()


def numbers(response):
    return [row.case.number for row in response.context["rows"]]


def test_queue_shows_the_open_cases_of_ones_area_newest_first(
    client_for, officer, neighbour, foreign_officer, make
):
    old, new = make(hours=5), make(hours=2)
    closed = take(make(), "cancel", officer, reason="误报")
    assert numbers(client_for(officer).get(QUEUE)) == [new.number, old.number]
    assert closed.number in numbers(client_for(officer).get(QUEUE, {"status": "any"}))
    assert numbers(client_for(neighbour).get(QUEUE)) == []
    assert numbers(client_for(foreign_officer).get(QUEUE)) == []


def test_row_shows_number_status_light_place_handler_due_and_next_step(
    client_for, officer, grid_leader, make
):
    ticket = dispatch(accept(make(place_text="二楼"), officer, now=NOW), officer, grid_leader, now=NOW)
    html = client_for(grid_leader).get(QUEUE).content.decode()
    assert ticket.number in html
    for text in (ticket.title, "wg-pill-wait", "wg-light-green", "二楼", "李长"):
        assert text in html
    assert reverse("casework:case_do", args=[ticket.number, "sign"]) in html


def test_empty_queue_says_how_to_begin(client_for, officer):
    assert reverse("requests:ticket_report") in client_for(officer).get(QUEUE).content.decode()


def test_empty_queue_of_an_organisation_does_not_send_it_to_report(client_for, department_handler):
    html = client_for(department_handler).get(QUEUE).content.decode()
    assert "wg-empty" in html
    assert reverse("requests:ticket_report") not in html


def test_queue_is_read_only(client_for, officer):
    assert client_for(officer).post(QUEUE).status_code == 405


def test_organisation_sees_what_was_dispatched_to_it(
    client_for, officer, department, department_handler, make
):
    make(category="noise")
    mine = dispatch(accept(make(category="noise"), officer, "community"), officer, organisation=department)
    client = client_for(department_handler)
    assert numbers(client.get(QUEUE)) == [mine.number]
    assert numbers(client.get(QUEUE, {"handler": "organisation"})) == [mine.number]


@pytest.mark.usefixtures("no_time_to_accept")
def test_each_filter_narrows_the_rows(client_for, officer, grid_leader, make):
    plain = make(hours=30)
    late = accept(make(hours=50, area="00500102", category="exposed-rubbish"), officer, now=NOW - 49 * HOUR)
    soon = accept(make(hours=22, category="exposed-rubbish"), officer, now=NOW - 22 * HOUR)
    given = dispatch(accept(make(hours=3), officer, now=NOW - 2 * HOUR), officer, grid_leader, now=NOW - HOUR)
    other = make(hours=4, actor=officer, area="00500201", description="井盖松动100%响")
    client = client_for(officer)
    expected = {
        "status=reported": {plain, other},
        "status=to_sign": {given},
        "status=done": set(),
        "light=red": {late},
        "light=yellow": {soon},
        "light=green": {given},
        "area=620102017005": {plain, late, soon, given, other},
        "area=620102017005001": {plain, late, soon, given},
        "area=62010201700500102": {late},
        "area=620102017006": set(),
        "category=exposed-rubbish": {late, soon},
        "level=grid": {plain, late, soon, given, other},
        "level=subdistrict": set(),
        "level=within": {plain, late, soon, given, other},
        "closed_since=2023-02-22&status=done": set(),
        "handled=yes": set(),
        "kind=ticket": {plain, late, soon, given, other},
        "handler=none": {plain, late, soon, other},
        "handler_name=李": {given},
        "reporter=me": {other},
        "since=2023-02-22": {given, other},
        "until=2023-02-21": {plain, late, soon},
        "since=2023-02-21&until=2023-02-21": {plain, soon},
        f"text={late.number[-4:]}": {late},
        f"text={given.number.lower()}": {given},
        "text=100%25": {other},
        "text=踏步&status=to_sign": {given},
    }
    for query, wanted in expected.items():
        assert set(numbers(client.get(f"{QUEUE}?{query}"))) == {t.number for t in wanted}, query
    assert numbers(client_for(grid_leader).get(QUEUE, {"handler": "me"})) == [given.number]


@pytest.fixture
def held_up(make, officer, grid_leader, secretary):
    """A plain ticket, one that waits for an extension, one for a suspension, one suspended, one supervised."""

    def handled(**more):
        ticket = dispatch(accept(make(hours=3), officer, now=NOW), officer, grid_leader, now=NOW)
        return take(ticket, "sign", grid_leader, now=NOW)

    names = ("plain", "extension", "suspension", "suspended", "supervised")
    made = {name: handled() for name in names}
    extend(made["extension"], grid_leader, now=NOW)
    for name in ("suspension", "suspended"):
        propose_suspension(made[name], officer, now=NOW)
    take(made["suspended"], "suspend", secretary, now=NOW)
    supervise(made["supervised"], secretary, officer, now=NOW)
    return made


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("status=suspended", {"suspended"}),
        ("light=grey", {"suspended"}),
        ("supervised=yes", {"supervised"}),
        ("supervised=no", {"plain", "extension", "suspension", "suspended"}),
        ("decision=any", {"extension", "suspension"}),
        ("decision=extension", {"extension"}),
        ("decision=suspension", {"suspension"}),
        ("decision=suspension&supervised=yes", set()),
    ],
)
def test_what_is_held_up_is_found(client_for, officer, held_up, query, wanted):
    found = numbers(client_for(officer).get(f"{QUEUE}?{query}"))
    assert set(found) == {held_up[name].number for name in wanted}


def test_a_row_says_in_words_what_holds_it_up(client_for, officer, held_up):
    held = held_up["suspended"].suspensions.get()
    pages = {
        name: client_for(officer).get(QUEUE, {"text": ticket.number}).content.decode()
        for name, ticket in held_up.items()
    }
    assert "wg-light-grey" in pages["suspended"]
    assert date_format(held.review_on, "MONTH_DAY_FORMAT") in pages["suspended"]
    for word in ("wg-supervised", "wg-pill-supervised"):
        assert word in pages["supervised"]
        assert word not in pages["plain"]
    assert str(PendingRequest.EXTENSION.label) in pages["extension"]
    assert str(PendingRequest.SUSPENSION.label) in pages["suspension"]


def test_the_most_urgent_stand_first_and_the_suspended_last(client_for, officer, held_up, make):
    late = accept(make(hours=60, category="exposed-rubbish"), officer, now=NOW - 49 * HOUR)
    found = numbers(client_for(officer).get(QUEUE, {"sort": "due"}))
    assert found[0] == late.number
    assert found[-1] == held_up["suspended"].number


def test_an_estimated_due_time_says_so(client_for, officer, make):
    ticket = accept(make(), officer, now=NOW)
    words = gettext("%(words)s, estimated") % {"words": ""}
    for is_provisional in (True, False):
        Ticket.objects.filter(pk=ticket.pk).update(due_is_provisional=is_provisional)
        assert (words in client_for(officer).get(QUEUE).content.decode()) is is_provisional


def test_closed_in_time_is_found_by_its_light_alone(client_for, officer, grid_leader, make):
    ticket = accept(make(), officer, now=NOW)
    Ticket.objects.filter(pk=ticket.pk).update(status="closed", closed_at=NOW)
    assert numbers(client_for(officer).get(QUEUE, {"light": "blue"})) == [ticket.number]


@pytest.mark.parametrize(
    "query",
    [
        "status=nonsense", "light=purple", "light=none", "area=abc", "area=62010201700", "kind=wish", "category=x",
        "handler=17", "supervised=maybe", "decision=x", "since=2023-02-30", "since=2023-03-01&until=2023-02-01",
        "sort=password", "reporter=7",
        "text=" + "x" * 61, "handler_name=%00",
    ],
)  # fmt: skip
def test_value_that_is_not_on_the_list_is_refused_with_a_message(client_for, officer, make, query):
    make()
    response = client_for(officer).get(f"{QUEUE}?{query}")
    assert response.status_code == 400
    if "%00" not in query:
        assert response.context["filter"].errors
        assert numbers(response) == []


@pytest.mark.usefixtures("no_time_to_accept")
def test_orders(client_for, officer, make):
    no_limit = make(hours=1)
    later = accept(make(hours=9), officer, now=NOW - 8 * HOUR)
    sooner = accept(make(hours=7, category="exposed-rubbish"), officer, now=NOW - 6 * HOUR)
    client = client_for(officer)
    assert numbers(client.get(QUEUE, {"sort": "due"})) == [sooner.number, later.number, no_limit.number]
    assert numbers(client.get(QUEUE, {"sort": "waiting"})) == [later.number, sooner.number, no_limit.number]
    assert numbers(client.get(QUEUE, {"sort": "new"})) == [no_limit.number, sooner.number, later.number]


@pytest.fixture
def lights(no_time_to_accept, make):
    """A case of each light, opened in an order of its own; by the light."""
    due = {
        "green": {"due_at": NOW + HOUR, "yellow_at": NOW + HOUR / 2},
        "grey": {"paused_at": NOW - HOUR},
        "red": {"due_at": NOW - HOUR, "yellow_at": NOW - 2 * HOUR},
        "blue": {"due_at": NOW, "closed_at": NOW - HOUR},
        "none": {},
        "yellow": {"due_at": NOW + 9 * HOUR, "yellow_at": NOW - HOUR},
    }
    made = {}
    for light, fields in due.items():
        made[light] = make()
        Ticket.objects.filter(pk=made[light].pk).update(**fields)
    return made


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ({}, ["red", "yellow", "green", "grey", "none"]),
        ({"status": "any"}, ["red", "yellow", "green", "grey", "none", "blue"]),
        ({"status": "done"}, ["blue"]),
        ({"status": "reported"}, ["red", "yellow", "green", "grey", "none"]),
        ({"status": "closed"}, []),
        ({"light": "yellow"}, ["yellow"]),
        ({"light": "blue"}, ["blue"]),
    ],
)
def test_sorted_by_light_what_is_overdue_comes_first(client_for, officer, lights, query, order):
    Ticket.objects.filter(pk=lights["blue"].pk).update(status="archived")
    response = client_for(officer).get(QUEUE, {"sort": "light", **query})
    assert numbers(response) == [lights[light].number for light in order]
    lines = (
        client_for(officer).post("/cases/export/", query_params={"sort": "light", **query}).content.decode()
    )
    assert re.findall(r"T-\d{4}-\d{6}", lines) == numbers(response)


@pytest.mark.parametrize("sort", ["new", "due", "waiting", "light"])
def test_pages_follow_one_another_without_a_gap_or_a_repeat(client_for, officer, make, monkeypatch, sort):
    monkeypatch.setattr("casework.views.queue.PER_PAGE", 4)
    made = [make(hours=10 + n % 3) for n in range(10)]
    for ticket in made[:5]:
        accept(ticket, officer, now=NOW - HOUR)
    client, seen, url = client_for(officer), [], f"{QUEUE}?sort={sort}&area=620102017005"
    while url:
        response = client.get(url)
        seen += numbers(response)
        after = response.context["page"].after
        url = f"{QUEUE}?{response.context['query']}after={after}" if after else ""
    assert len(seen) == 10
    assert set(seen) == {ticket.number for ticket in made}
    assert "sort=" + sort in response.context["query"]
    assert "area=620102017005" in response.context["query"]


def test_queue_costs_the_same_queries_for_three_rows_and_for_thirty(
    client_for, officer, grid_leader, make, django_assert_max_num_queries
):
    client = client_for(officer)
    counts = {}
    for wanted in (3, 30):
        while Ticket.objects.count() < wanted:
            ticket = accept(make(), officer)
            if Ticket.objects.count() % 2:
                dispatch(ticket, officer, grid_leader)
        client.get(QUEUE)
        for sort in ("new", "due", "light"):
            with django_assert_max_num_queries(10) as captured:
                response = client.get(QUEUE, {"sort": sort})
            assert len(numbers(response)) == wanted
            assert counts.setdefault(sort, len(captured)) == len(captured), sort


@pytest.mark.parametrize("name", ["since", "until", "closed_since"])
@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "1999-12-31", "2101-01-01"])
def test_a_day_far_from_ours_is_refused_beside_its_field(client_for, officer, make, name, day):
    client, query = client_for(officer), {name: day}
    response = client.get(QUEUE, query)
    assert response.status_code == 400
    assert "请选择 2000 年至 2100 年之间的日期" in response.content.decode()
    assert client.post(f"/cases/export/?{name}={day}", follow=True).status_code == 400
    client.post(reverse("casework:filter_save"), {"name": "x", "query": f"{name}={day}"})
    assert not SavedFilter.objects.exists()


# --- saved filters -----------------------------------------------------------------------------------------


def test_filter_is_kept_under_a_name_and_replaced_and_deleted(client_for, officer, grid_leader, make):
    client, save = client_for(officer), reverse("casework:filter_save")
    response = client.post(save, {"name": "超期的", "query": "light=red&after=zzz&evil=1"})
    assert parse_qs(urlsplit(response.url).query) == {"light": ["red"]}
    client.post(save, {"name": "超期的", "query": "light=red&area=620102017005001"})
    kept = SavedFilter.objects.get(user=officer)
    assert kept.query == "light=red&area=620102017005001" or kept.query == "area=620102017005001&light=red"
    assert "超期的" in client.get(QUEUE).content.decode()
    assert "超期的" not in client_for(grid_leader).get(QUEUE).content.decode()
    client.post(reverse("casework:filter_delete"), {"name": "超期的"})
    assert not SavedFilter.objects.exists()


def test_filter_with_unknown_values_is_not_kept(client_for, officer):
    response = client_for(officer).post(
        reverse("casework:filter_save"), {"name": "x", "query": "light=purple"}, follow=True
    )
    assert response.status_code == 200
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize("query", ["area=%00", "text=%00", "area=%27", "text=" + "a" * 61])
def test_filter_of_nonsense_is_not_kept(client_for, officer, query):
    client_for(officer).post(reverse("casework:filter_save"), {"name": "x", "query": query})
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize("sign", ["字", "😀"])
def test_filter_of_as_many_words_as_the_queue_takes_is_kept(client_for, officer, sign):
    query = f"text={sign * 60}&handler_name={'名' * 40}"
    response = client_for(officer).post(reverse("casework:filter_save"), {"name": "长", "query": query})
    assert parse_qs(urlsplit(response.url).query)["text"] == [sign * 60]
    assert SavedFilter.objects.exists()


def test_filter_that_is_too_long_once_encoded_is_not_kept(client_for, officer):
    query = "text=" + "+" * 2000  # spaces around the words are cut only when it is applied
    save = reverse("casework:filter_save")
    page = client_for(officer).post(save, {"name": "长", "query": query}, follow=True)
    assert "条件太长" in page.content.decode()
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize("name", ["", "字" * 31, "NUL\x00"])
def test_filter_needs_a_name_that_fits(client_for, officer, name):
    client_for(officer).post(reverse("casework:filter_save"), {"name": name, "query": "light=red"})
    assert not SavedFilter.objects.exists()


def test_filter_of_others_cannot_be_deleted(client_for, officer, grid_leader):
    SavedFilter.objects.create(user=officer, name="mine", query="light=red")
    response = client_for(grid_leader).post(reverse("casework:filter_delete"), {"name": "mine"})
    assert response.status_code == 404
    assert SavedFilter.objects.exists()


def test_filter_without_a_possible_name_is_not_found(client_for, officer):
    url = reverse("casework:filter_delete")
    for name in ("", "NUL\x00", "字" * 31):
        assert client_for(officer).post(url, {"name": name}).status_code == 404


def test_filters_are_saved_and_deleted_by_post_only(client_for, officer):
    for name in ("filter_save", "filter_delete"):
        assert client_for(officer).get(reverse(f"casework:{name}")).status_code == 405


@pytest.mark.parametrize("text", ["3号楼", "３号楼", " ３号楼 ", "３号楼　踏步", "踏步 3号", "\u200b３号楼"])
def test_the_text_filter_reads_full_width_digits_and_several_words_as_search_does(
    client_for, officer, make, text
):
    case = make(title="3号楼踏步破损")
    make(title="2号楼踏步破损")
    page = client_for(officer).get("/cases/", {"text": text})
    assert [row.case.number for row in page.context["rows"]] == [case.number]


def test_the_text_filter_finds_a_number_without_its_dashes(client_for, officer, make):
    case = make()
    page = client_for(officer).get("/cases/", {"text": case.number.replace("-", "").lower()})
    assert [row.case.number for row in page.context["rows"]] == [case.number]
