"""收件箱: reading marks an entry and opens its case; looking changes nothing."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from casework.models import Case, InboxItem, Reminder
from casework.reminders import deliver_all
from tests.factories.requests import report, take

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(tree, grid_leader, micro_grid_worker):
    """The grid leader has been told of so many new tickets."""

    def tell(count=1):
        for _n in range(count):
            report(micro_grid_worker, tree["00500101"])
        deliver_all(now=timezone.now())
        return list(InboxItem.objects.filter(recipient=grid_leader))

    return tell


def test_an_entry_is_a_sentence_and_the_bell_counts_it(client_for, grid_leader, told):
    told(2)
    page = client_for(grid_leader).get("/inbox/")
    assert page.context["frame"].unread == 2
    assert "马微" in page.content.decode()


def test_reading_marks_it_and_opens_the_case(client_for, grid_leader, told):
    item = told()[0]
    client = client_for(grid_leader)
    assert client.post(f"/inbox/{item.pk}/read/").url == f"/cases/{item.case.number}/"
    item.refresh_from_db()
    assert item.read_at is not None
    first_read = item.read_at
    client.post(f"/inbox/{item.pk}/read/")
    item.refresh_from_db()
    assert item.read_at == first_read


def test_somebody_else_s_entry_is_not_found(client_for, officer, told):
    item = told()[0]
    assert client_for(officer).post(f"/inbox/{item.pk}/read/").status_code == 404
    item.refresh_from_db()
    assert item.read_at is None


def test_reading_is_a_post(client_for, grid_leader, told):
    item = told()[0]
    client = client_for(grid_leader)
    assert client.get(f"/inbox/{item.pk}/read/").status_code == 405
    assert client.get("/inbox/read-all/").status_code == 405


def test_an_entry_of_a_case_that_left_the_area_is_gone_with_its_headline(client_for, grid_leader, told, tree):
    item = told()[0]
    Case.objects.update(path=tree["00600101"].code)
    assert client_for(grid_leader).post(f"/inbox/{item.pk}/read/").status_code == 404
    assert item.case.title not in client_for(grid_leader).get("/inbox/").content.decode()


def test_one_topic_is_marked_at_once(client_for, grid_leader, told):
    work, late = told(2)
    InboxItem.objects.filter(pk=late.pk).update(rule="late")
    client = client_for(grid_leader)
    assert 'name="topic"' not in client.get("/inbox/").content.decode()
    # An entry of an earlier version, without a fact of today's sentence, hides no other.
    page = client.get("/inbox/?topic=late").content.decode()
    assert '<input name="topic" type="hidden" value="late">' in page
    assert client.post("/inbox/read-all/", {"topic": "late"}).url == "/inbox/?topic=late"
    assert list(InboxItem.objects.unread()) == [work]
    assert 'name="topic"' not in client.get("/inbox/?topic=late").content.decode()


def test_an_unknown_topic_marks_nothing(client_for, grid_leader, told):
    told()
    assert client_for(grid_leader).post("/inbox/read-all/", {"topic": "x"}).status_code == 400
    assert InboxItem.objects.unread().exists()


def test_whoever_acts_on_a_case_has_read_what_they_were_told_of_it(client_for, grid_leader, officer, told):
    """A step or a note, by their own hand; what others were told stays unread, and so does the next case's."""
    first, second, third = told(3)
    take(first.case, "accept", officer, urgency="normal", handling_level="grid")
    assert InboxItem.objects.visible_to(grid_leader).unread().count() == 3
    take(first.case, "dispatch", grid_leader, handler=(grid_leader, None), opinion="去看看")
    data = {"text": "已到现场", "key": uuid.uuid4()}
    assert client_for(grid_leader).post(f"/cases/{second.case.number}/notes/", data).status_code == 302
    assert list(InboxItem.objects.visible_to(grid_leader).unread()) == [third]


def test_everything_is_marked_at_once_and_only_one_s_own(client_for, grid_leader, officer, told):
    told(3)
    foreign = InboxItem.objects.create(
        reminder=told()[0].reminder.__class__.objects.create(
            dedupe_key="x", rule="overdue", recipient=officer, planned_at=timezone.now()
        ),
        recipient=officer,
        rule="overdue",
        facts={"number": "T-1"},
        created_at=timezone.now(),
    )
    client_for(grid_leader).post("/inbox/read-all/")
    assert not InboxItem.objects.visible_to(grid_leader).unread().exists()
    foreign.refresh_from_db()
    assert foreign.read_at is None


def test_only_unread_ones_can_be_listed(client_for, grid_leader, told):
    items = told(2)
    client = client_for(grid_leader)
    client.post(f"/inbox/{items[0].pk}/read/")
    assert [line.item.pk for line in client.get("/inbox/?unread=1").context["lines"]] == [items[1].pk]
    client.post("/inbox/read-all/")
    assert "wg-empty" in client.get("/inbox/?unread=1").content.decode()


def test_entries_are_grouped_by_day(client_for, grid_leader, told):
    items = told(4)
    days = (timedelta(), timedelta(hours=1), timedelta(days=1), timedelta(days=9))
    noon = timezone.localtime().replace(hour=12, minute=0)
    for item, ago in zip(items, days, strict=True):
        InboxItem.objects.filter(pk=item.pk).update(created_at=noon - ago)
    page = client_for(grid_leader).get("/inbox/")
    groups = [(day.age, [line.item.pk for line in day.lines]) for day in page.context["days"]]
    pks = [item.pk for item in items]
    assert groups == [(0, pks[:2]), (1, pks[2:3]), (9, pks[3:])]
    assert page.content.decode().count("wg-day-name") == 3


def kinds_of(items):
    """The first is late, the second due soon and urgent, the others news."""
    late, soon, *_news = items
    for item, rule in ((late, "late"), (soon, "due_soon")):
        facts = item.facts | {"step": "handle", "days": 0}
        InboxItem.objects.filter(pk=item.pk).update(rule=rule, facts=facts)
    Reminder.objects.filter(inbox_item=soon).update(is_urgent=True)


def test_entries_of_one_topic_can_be_listed_also_only_the_unread(client_for, grid_leader, told):
    items = told(4)
    kinds_of(items)
    client = client_for(grid_leader)

    def listed(**query):
        return [line.item.pk for line in client.get("/inbox/", query).context["lines"]]

    assert listed(topic="late") == [items[0].pk]
    assert listed(topic="due_soon") == [items[1].pk]
    assert len(listed(topic="turn")) == 2
    assert listed(topic="system") == []
    assert len(listed(topic="unheard-of")) == 4
    client.post(f"/inbox/{items[0].pk}/read/")
    assert listed(topic="late", unread="1") == []
    assert listed(topic="due_soon", unread="1") == [items[1].pk]


def test_unread_figures_stand_beside_each_topic_and_the_bell_is_their_sum(client_for, grid_leader, told):
    kinds_of(told(4))
    client = client_for(grid_leader)
    frame = client.get("/inbox/").context["frame"]
    assert {topic: count for topic, _look, count in frame.unread_topics if count} == {
        "turn": 2,
        "late": 1,
        "due_soon": 1,
    }
    assert frame.unread == 4
    client.post("/inbox/read-all/")
    assert client.get("/inbox/").context["frame"].unread == 0


def test_each_entry_says_its_topic_and_whether_it_is_urgent(client_for, grid_leader, told):
    items = told(3)
    kinds_of(items)
    lines = {line.item.pk: line for line in client_for(grid_leader).get("/inbox/").context["lines"]}
    assert lines[items[1].pk].item.is_urgent
    assert not lines[items[0].pk].item.is_urgent
    assert lines[items[0].pk].look.icon != lines[items[1].pk].look.icon
    html = client_for(grid_leader).get("/inbox/", {"topic": "due_soon"}).content.decode()
    assert html.count("wg-pill-stop") == 1
    assert "wg-pill-stop" not in client_for(grid_leader).get("/inbox/", {"topic": "late"}).content.decode()


def test_the_filter_stays_on_the_next_page(client_for, grid_leader, told):
    told(31)
    client = client_for(grid_leader)
    first = client.get("/inbox/", {"topic": "turn", "unread": "1"})
    after = first.context["page"].after
    assert f"?topic=turn&amp;unread=1&amp;after={after}" in first.content.decode()
    assert len(client.get("/inbox/", {"topic": "turn", "unread": "1", "after": after}).context["lines"]) == 1


def test_pages_follow_each_other(client_for, grid_leader, told):
    told(31)
    client = client_for(grid_leader)
    first = client.get("/inbox/").context["page"]
    second = client.get("/inbox/", {"after": first.after}).context["lines"]
    assert (len(first), len(second)) == (30, 1)


def test_an_empty_inbox_says_what_will_come(client_for, grid_leader):
    assert "wg-empty" in client_for(grid_leader).get("/inbox/").content.decode()


def test_more_rows_cost_no_more_queries(client_for, grid_leader, told, django_assert_num_queries):
    client = client_for(grid_leader)
    told(3)
    client.get("/inbox/")
    for more in (0, 20):
        told(more)
        with django_assert_num_queries(5):
            client.get("/inbox/")
