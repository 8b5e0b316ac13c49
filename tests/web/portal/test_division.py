"""Summary and home say how an area is divided, and that nobody is missed only when the check finds nothing."""

from itertools import product
from typing import Any

import pytest
from django.contrib.gis.geos import Polygon
from django.template.loader import render_to_string
from django.utils import timezone

from grids.choices import Duty
from grids.coverage import Coverage, Gap, Overlap, Stray, StrayReason, Vacancy, check_coverage
from grids.models import Area
from portal.metrics import summary_of
from tests.factories.accounts import UserFactory
from tests.factories.grids import AssignmentFactory, CompoundFactory

pytestmark = pytest.mark.django_db
WHOLE = "全覆盖、无盲区"
GROUND = Polygon.from_bbox((0, 0, 1, 1))
WORDS = {
    "gaps": "空白1处",
    "overlaps": "重叠1处",
    "strays": "楼院归属异常1个",
    "vacancies": "空缺岗位1个",
    "without_outline": "缺少边界1个",
}


def found_of(tree: Any, compound: Any) -> dict[str, Any]:
    """One finding of each kind."""
    area = tree["00500101"]
    return {
        "gaps": Gap(GROUND, 10.0),
        "overlaps": Overlap(area, tree["00500102"], GROUND, 10.0),
        "strays": Stray(compound, StrayReason.OUTSIDE),
        "vacancies": Vacancy(area, Duty.MICRO_GRID_WORKER),
        "without_outline": area,
    }


def test_every_combination_of_findings_is_named_and_none_is_called_whole(tree):
    found = found_of(tree, CompoundFactory(micro_grid=tree["00500101"]))
    summary = summary_of(tree["005"], now=timezone.now())
    for chosen in product((False, True), repeat=len(found)):
        parts = {
            name: (value,) if is_there else ()
            for (name, value), is_there in zip(found.items(), chosen, strict=True)
        }
        coverage = Coverage(community=tree["005"], day=timezone.localdate(), **parts)
        line = render_to_string("portal/_division.html", {"summary": summary, "coverage": coverage})
        assert coverage.missing == [WORDS[name] for name, part in parts.items() if part]
        assert (WHOLE in line) is coverage.is_whole is (not any(chosen))
        assert all((words in line) is bool(parts[name]) for name, words in WORDS.items())


@pytest.fixture
def served(tree):
    """Community 005 with every needed post held."""
    for area in Area.objects.below(tree["005"].code).exclude(pk=tree["005"].pk):
        duties = (Duty.GRID_LEADER, Duty.GRID_WORKER) if len(area.code) == 15 else (Duty.MICRO_GRID_WORKER,)
        for duty in duties:
            AssignmentFactory(user=UserFactory(), area=area, duty=duty)
    return tree


def pages(client, area):
    return [client.get(url).content.decode() for url in ("/", f"/summary/?area={area.code}")]


def test_home_and_summary_say_that_a_served_community_is_whole(served, client_for, officer):
    CompoundFactory(micro_grid=served["00500101"])
    assert check_coverage(served["005"]).is_whole
    for html in pages(client_for(officer), served["005"]):
        assert WHOLE in html
    home = client_for(officer).get("/").content.decode()
    assert "1 楼院 / 2 网格 / 3 微网格" in home
    assert f'href="/areas/coverage/?community={served["005"].code}"' in home


def test_one_compound_outside_is_no_gap(served, client_for, officer):
    CompoundFactory(micro_grid=served["00500101"], boundary=served["00500201"].boundary)
    for html in pages(client_for(officer), served["005"]):
        assert WHOLE not in html
        assert "楼院归属异常1个" in html
        assert "空白" not in html


def test_above_a_community_nothing_is_said_of_blind_spots(served, client_for, subdistrict_admin):
    for html in pages(client_for(subdistrict_admin), served[""]):
        assert WHOLE not in html
    assert "2 社区 / 3 网格 / 4 微网格" in client_for(subdistrict_admin).get("/").content.decode()


def test_who_answers_for_no_community_has_no_such_line(client_for, grid_worker):
    html = client_for(grid_worker).get("/").content.decode()
    assert WHOLE not in html
    assert "wg-division" not in html
