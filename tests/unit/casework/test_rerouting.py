"""Where a case lives when its area is no longer in force, and how a case left behind is found."""

from datetime import date

import pytest
from django.core.management import call_command
from django.utils import timezone

from casework.models import Case
from casework.rerouting import area_now, stranded_cases
from grids.models import Area
from grids.reshape import Part, split_area
from tests.factories.grids import BuildingFactory, CompoundFactory, box
from tests.factories.requests import report

pytestmark = pytest.mark.django_db
SPLIT = "62010201700500201"


@pytest.fixture
def closed_then_split(tree, officer, secretary):
    """A ticket of a building in the east, closed before its micro-grid was split into west and east."""
    building = BuildingFactory(
        compound=CompoundFactory(micro_grid=tree["00500201"], boundary=box(3.2, 1, 3.4, 1.2))
    )
    ticket = report(officer, tree["00500201"], building=building)
    Case.objects.filter(pk=ticket.pk).update(closed_at=timezone.now())
    parts = [Part("西", box(2, 0, 3, 2)), Part("东", box(3, 0, 4, 2))]
    split_area(actor=secretary, code=SPLIT, parts=parts, now=timezone.now())
    return Case.objects.get(pk=ticket.pk)


def test_a_closed_case_of_a_split_area_lives_where_its_building_lies_now(closed_then_split):
    assert closed_then_split.area.code == SPLIT
    assert area_now(closed_then_split).name == "东"


def test_an_open_case_goes_where_its_building_lies(tree, officer, secretary, closed_then_split):
    west, east = Area.objects.get(name="西"), Area.objects.get(name="东")
    ticket = report(officer, east, building=closed_then_split.building)
    parts = [Part("北", box(3, 0, 3.1, 2)), Part("南", box(3.1, 0, 4, 2))]
    split_area(actor=secretary, code=east.code, parts=parts, now=timezone.now())
    ticket.refresh_from_db()
    assert (ticket.area.name, west.is_in_force) == ("南", True)


def test_the_consistency_check_names_an_open_case_in_a_retired_area(
    tree, officer, capsys, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path  # other tests leave files whose rows were rolled back
    ticket = report(officer, tree["00500201"])
    call_command("check_consistency")
    assert capsys.readouterr().out == ""
    Area.objects.filter(code=SPLIT).update(active_to=date(2023, 1, 1))
    with pytest.raises(SystemExit) as stopped:
        call_command("check_consistency")
    assert stopped.value.code == 1
    assert ticket.number in capsys.readouterr().out
    Case.objects.update(closed_at=timezone.now())
    assert list(stranded_cases()) == []
