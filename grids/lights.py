"""Colours of areas on the map. The apps above know what is late; they register here who can say it."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

# (user, codes of areas of one level) -> light per code, for those that have one.
LightSource = Callable[[Any, Collection[str]], Mapping[str, str]]
_sources: list[LightSource] = []


def register_lights(source: LightSource) -> None:
    """Called once from an app's `ready()`."""
    if source not in _sources:
        _sources.append(source)


def lights_of(user: Any, codes: Collection[str]) -> dict[str, str]:
    """The light of each area as this person may see it; a later source wins."""
    lights: dict[str, str] = {}
    for source in _sources:
        lights.update(source(user, codes))
    return lights
