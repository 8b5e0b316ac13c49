"""The queue as a file for Excel."""

import csv
import io

import pytest
import time_machine

from casework.models import ExportRecord, Parameter
from requests_.models import Ticket
from tests.factories.measures import at, signed, supervise
from tests.factories.requests import finish, report, take

pytestmark = pytest.mark.django_db
EXPORT = "/cases/export/"


def lines(response):
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith("attachment; filename=")
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


# In 2027 the calendar is estimated until its list is published.
@pytest.mark.parametrize(("day", "remarks"), [("2026-03-03", "督办"), ("2027-01-01", "督办；时限暂估")])
def test_the_file_holds_the_rows_of_the_list_with_light_and_supervision(
    day, remarks, client_for, officer, secretary, grid_worker, tree
):
    with time_machine.travel(f"{day}T10:00:00+08:00"):
        late = supervise(signed(tree["00500101"], officer, grid_worker), secretary, officer)
        report(officer, tree["00500101"])
        client = client_for(secretary)
        (line,) = lines(client.post(EXPORT, query_params={"supervised": "yes"}))
        assert len(lines(client.post(EXPORT))) == 2
    assert (line["编号"], line["标题"], line["承办人"]) == (late.number, late.title, grid_worker.name)
    assert (line["时限"], line["备注"], line["办结时间"]) == ("时限内", remarks, "")
    assert line["到期时间"]


def test_an_estimated_due_time_says_so(client_for, officer, grid_worker, tree):
    ticket = signed(tree["00500101"], officer, grid_worker, now=at(1))
    Ticket.objects.filter(pk=ticket.pk).update(due_is_provisional=True)
    signed(tree["00500101"], officer, grid_worker, now=at(1))
    remarks = {line["编号"]: line["备注"] for line in lines(client_for(officer).post(EXPORT))}
    assert sorted(remarks.values()) == ["", "时限暂估"]
    assert remarks[ticket.number] == "时限暂估"


def test_only_what_one_sees_is_in_the_file(client_for, foreign_officer, officer, tree):
    report(officer, tree["00500101"])
    assert lines(client_for(foreign_officer).post(EXPORT)) == []


def test_a_headline_that_looks_like_a_formula_stays_a_text(client_for, officer, tree):
    report(officer, tree["00500101"], description='=HYPERLINK("x")')
    (line,) = lines(client_for(officer).post(EXPORT))
    assert line["标题"].startswith("'=")


def test_the_file_says_of_each_limit_whether_it_was_kept(client_for, officer, grid_worker, tree):
    """Due on 10 March, first finished on the 15th; the rework, due five workdays later, in time."""
    ticket = signed(tree["00500101"], officer, grid_worker, now=at(1))
    finish(ticket, grid_worker, now=at(15))
    take(ticket, "rework", officer, reason="未恢复原状", now=at(15))
    finish(ticket, grid_worker, now=at(16))
    (line,) = lines(client_for(officer).post(EXPORT))
    assert line["办结时限情况"] == "首次时限 2023-03-10 18:00 逾期；返工时限 2023-03-22 18:00 按时"
    kept = ("按时受理", "按时签收", "按时首次联系", "按时办结（首次时限）", "按时返工")
    assert [line[name] for name in kept] == ["是", "是", "", "否", "是"]


def test_too_many_rows_lead_back_to_the_filter_with_words(client_for, officer, tree):
    Parameter.objects.filter(key="queue_export_rows").update(value=1)
    for _ in range(2):
        report(officer, tree["00500101"])
    response = client_for(officer).post(f"{EXPORT}?status=any", follow=True)
    assert response.redirect_chain == [("/cases/?status=any", 302)]
    assert "最多" in response.content.decode()


def test_a_wrong_filter_leads_back_to_its_field(client_for, officer):
    response = client_for(officer).post(f"{EXPORT}?light=pink", follow=True)
    assert response.status_code == 400


def test_each_file_is_written_down_with_who_by_which_filter_how_many_and_when(client_for, officer, tree):
    for _ in range(2):
        report(officer, tree["00500101"])
    client = client_for(officer)
    client.post(EXPORT, query_params={"text": "踏步", "area": tree["005"].code})
    client.post(EXPORT, query_params={"light": "red"})
    client.post(EXPORT, query_params={"light": "pink"})  # gives no file
    none, two = ExportRecord.objects.all()
    assert (two.user, two.count, none.count) == (officer, 2, 0)
    assert "踏步" in two.chosen
    assert tree["005"].name in two.chosen
    assert "红灯" in none.chosen or "超期" in none.chosen
    assert two.at <= none.at


def test_a_link_alone_takes_no_file(client_for, officer):
    """A GET writes nothing, so it could not be written down."""
    assert client_for(officer).get(EXPORT).status_code == 405
    assert not ExportRecord.objects.exists()


def test_more_rows_cost_no_more_queries(client_for, officer, tree, django_assert_max_num_queries):
    client = client_for(officer)
    for count in (3, 27):
        for _ in range(count):
            report(officer, tree["00500101"])
        with django_assert_max_num_queries(13):
            client.post(EXPORT)
