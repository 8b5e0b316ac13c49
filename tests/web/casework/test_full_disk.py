"""A disk without room: a sentence beside the field, the typed text still in the form, and nothing left behind."""

import io
import os
import resource
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from casework.models import Attachment, CaseEvent, StagedPhoto
from casework.photos import stage_photo
from requests_.models import Ticket
from tests.factories.requests import picture, report

pytestmark = pytest.mark.django_db
SENTENCE = "服务器存储空间不足，暂时无法接收photo.jpg，请稍后再传。"
TEXT = "三单元二楼踏步破损，老人易绊倒。"


@contextmanager
def mounted(directory, size):
    """A disk of this many bytes at the directory; False where nobody may mount one."""
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", directory], check=False, capture_output=True
    )
    try:
        yield done.returncode == 0
    finally:
        if done.returncode == 0:
            subprocess.run(["umount", "--lazy", directory], check=True)


@contextmanager
def longest_file(size):
    """This process cannot write more into any file: what a quota does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture(params=["full disk", "quota"])
def no_room(request, settings, tmp_path):
    """A function that lets the named setting's directory have room for so many bytes, in a block."""

    @contextmanager
    def block(setting, size):
        directory = tmp_path / setting
        directory.mkdir()
        setattr(settings, setting, str(directory))
        if request.param == "full disk":
            with mounted(directory, size) as is_mounted:
                if not is_mounted:
                    pytest.skip("only root may mount a small disk; the quota is tried anyway")
                yield directory
        else:
            with longest_file(size):
                yield directory

    return block


def files_in(directory):
    return [path for path in Path(directory).rglob("*") if path.is_file()]


def noise(side=900):
    """A picture that stays large when it is made small."""
    out = io.BytesIO()
    Image.frombytes("RGB", (side, side), os.urandom(3 * side * side)).save(out, "JPEG", quality=95)
    return SimpleUploadedFile("photo.jpg", out.getvalue(), content_type="image/jpeg")


def typed(tree, *photos):
    return {
        "key": "4a4b8a4c-6f5d-4bb2-9f63-0d5f6a8f9a01",
        "area": tree["00500101"].code,
        "category": "stairs-handrail",
        "description": TEXT,
        "urgency": "normal",
        "type": "help",
        "source": "patrol",
        "photos": list(photos),
    }


@pytest.mark.parametrize("size", [4096, 65536])
def test_a_report_whose_picture_finds_no_room_comes_back_with_its_text_and_leaves_nothing(
    size, no_room, client_for, grid_worker, tree
):
    client = client_for(grid_worker)
    with no_room("MEDIA_ROOT", size) as directory:
        response = client.post(reverse("requests:ticket_report"), typed(tree, noise()))
        assert files_in(directory) == []
    page = response.content.decode()
    assert response.status_code == 507
    assert SENTENCE in page
    assert TEXT in page
    assert not StagedPhoto.objects.exists()
    assert not Ticket.objects.exists()


def test_the_picture_goes_when_its_small_copy_finds_no_room(
    settings, tmp_path, client_for, grid_worker, tree
):
    settings.MEDIA_ROOT = tmp_path / "roomy"
    large = noise()
    size = stage_photo(owner=grid_worker, upload=large).file.size
    large.seek(0)
    StagedPhoto.objects.all().delete()
    settings.MEDIA_ROOT = directory = tmp_path / "small"
    directory.mkdir()
    pages = -(-size // resource.getpagesize()) + 1
    with mounted(directory, pages * resource.getpagesize()) as is_mounted:
        if not is_mounted:
            pytest.skip("only root may mount a small disk")
        response = client_for(grid_worker).post(reverse("requests:ticket_report"), typed(tree, large))
        assert files_in(directory) == []
    assert response.status_code == 507
    assert not StagedPhoto.objects.exists()


def test_a_note_whose_picture_finds_no_room_keeps_its_text_and_the_pictures_before_it(
    no_room, client_for, grid_worker, tree
):
    ticket = report(grid_worker, tree["00500101"])
    form = {
        "text": "已联系物业",
        "key": "4a4b8a4c-6f5d-4bb2-9f63-0d5f6a8f9a02",
        "photos": [picture(), noise()],
    }
    with no_room("MEDIA_ROOT", 65536) as directory:
        response = client_for(grid_worker).post(reverse("casework:case_note", args=[ticket.number]), form)
        small = StagedPhoto.objects.get()
        assert {path.name for path in files_in(directory)} == {
            Path(name).name for name in (small.file.name, small.thumbnail.name)
        }
    page = response.content.decode()
    assert response.status_code == 507
    assert SENTENCE in page
    assert "已联系物业" in page
    assert str(small.key) in page
    assert not CaseEvent.objects.filter(verb="note").exists()
    assert not Attachment.objects.exists()


def test_a_full_temporary_directory_costs_the_picture_and_not_the_form(
    no_room, client_for, grid_worker, tree
):
    large = noise(1600)
    assert large.size > 2_621_440  # what is smaller is received in memory
    with no_room("FILE_UPLOAD_TEMP_DIR", 65536) as directory:
        response = client_for(grid_worker).post(reverse("requests:ticket_report"), typed(tree, large))
        assert files_in(directory) == []
    page = response.content.decode()
    assert response.status_code == 507
    assert SENTENCE in page
    assert TEXT in page
    assert not Ticket.objects.exists()


def test_a_full_temporary_directory_is_not_called_an_empty_file_by_an_import(no_room, client_for, secretary):
    large = SimpleUploadedFile("areas.geojson", b" " * 3_000_000)
    with no_room("FILE_UPLOAD_TEMP_DIR", 65536):
        response = client_for(secretary).post(reverse("grids:import"), {"file": large, "crs": "wgs84"})
    assert response.status_code == 400
    assert "暂时无法接收areas.geojson" in response.content.decode()


def test_a_file_that_was_there_before_stays_when_another_of_its_name_finds_no_room(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    name = default_storage.save("cases/a.jpg", ContentFile(b"kept"))
    with longest_file(10), pytest.raises(OSError, match="large"):
        default_storage.save(name, ContentFile(b"x" * 100))
    assert [path.read_bytes() for path in files_in(tmp_path)] == [b"kept"]
