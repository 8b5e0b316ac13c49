"""The demonstration's areas: the published counts, whole and inside the rules; the rest marked synthetic."""

from django.db.models import Count, Sum
from django.utils import timezone

from grids.coverage import check_coverage
from grids.demo import ESTATE, load_demo_areas
from grids.models import Area, Building, Compound, Grid, MicroGrid
from grids.rules import boundary_conflicts


def test_the_community_has_the_published_counts(db: None) -> None:
    community = load_demo_areas(now=timezone.now())
    assert community.name == "一只船社区"
    assert Compound.objects.below(community.code).count() == 17
    assert Grid.objects.below(community.code).count() == 9
    assert MicroGrid.objects.below(community.code).count() == 13


def test_the_estate_has_the_published_counts(db: None) -> None:
    load_demo_areas(now=timezone.now())
    estate = Compound.objects.get(code=ESTATE)
    buildings = Building.objects.filter(compound=estate)
    assert (estate.name, estate.is_synthetic) == ("甘南路省政府家属院", False)
    assert buildings.count() == 5
    assert buildings.aggregate(n=Sum("dwellings_hint"))["n"] == estate.households == 308
    assert buildings.aggregate(n=Count("entrances"))["n"] == 12
    plates = buildings.values_list("door_plates__number", flat=True)
    assert sorted(map(int, plates)) == list(range(154, 185, 2))


def test_everything_invented_is_marked_so(db: None) -> None:
    load_demo_areas(now=timezone.now())
    named = set(Compound.objects.filter(is_synthetic=False).values_list("name", flat=True))
    assert named == {"甘南路省政府家属院", "酒钢大厦小区"}


def test_both_communities_are_covered_without_a_gap(db: None) -> None:
    load_demo_areas(now=timezone.now())
    for community in Area.objects.filter(level="community"):
        found = check_coverage(community)
        assert (found.gaps, found.overlaps, found.strays, found.without_outline) == ((), (), (), ())
    assert not any(boundary_conflicts(Area.objects.exclude(boundary=None)))
