"""Static files with a hash in their name are kept by browsers for years; their plain names are asked for again."""

from importlib import import_module

import pytest
from django.core.management import call_command
from django.http import HttpResponse
from django.templatetags.static import static
from django.test import RequestFactory
from whitenoise.middleware import WhiteNoiseMiddleware

TEN_YEARS = 10 * 365 * 24 * 3600


@pytest.fixture
def answer(settings, tmp_path):
    """What the production settings' storage and WhiteNoise answer to the address of a file."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "app.css").write_text("body { color: black }")
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = str(tmp_path / "root")
    settings.STORAGES = import_module("config.settings.production").STORAGES
    call_command("collectstatic", interactive=False, verbosity=0)
    served = WhiteNoiseMiddleware(lambda request: HttpResponse("the site", status=404))

    return lambda url: served(RequestFactory().head(url))


def test_a_hashed_file_is_kept_for_years_and_its_plain_name_for_a_minute(answer):
    assert static("app.css") != "/static/app.css"
    hashed, plain = answer(static("app.css")), answer("/static/app.css")
    assert (hashed.status_code, plain.status_code) == (200, 200)
    assert hashed["Cache-Control"] == f"max-age={TEN_YEARS}, public, immutable"
    assert plain["Cache-Control"] == "max-age=60, public"
