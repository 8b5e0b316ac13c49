"""How long is left and how late it is, on every page in the unit of the limit."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from casework.models import ServiceLevel
from tests.factories.requests import accept, report

pytestmark = pytest.mark.django_db


def test_queue_and_case_say_what_is_left_in_the_unit_of_the_limit(client_for, officer, tree):
    """Accepted on 20 February, due on 27 March; 6 April is the seventh workday after it, 5 April a holiday."""
    ServiceLevel.objects.create(
        kind="ticket",
        step="handle",
        subject="noise",
        amount=25,
        unit="workday",
        basis="测试",
        valid_from="2020-01-01",
    )
    now = datetime(2023, 2, 20, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
    ticket = report(officer, tree["00500101"], category="noise", now=now)
    with time_machine.travel(now, tick=False):
        assert "剩余4个工作时" in client_for(officer).get("/cases/").content.decode()
    accept(ticket, officer, "community", now=now)
    for day, words in ((now, "剩余25个工作日"), (now + timedelta(days=45), "超期7个工作日")):
        with time_machine.travel(day, tick=False):
            for page in ("/cases/", f"/cases/{ticket.number}/"):
                assert words in client_for(officer).get(page).content.decode()
