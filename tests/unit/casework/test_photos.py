"""Staged pictures: taken over once by a form, or deleted with their files; never one without the other."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from casework.models import Attachment, StagedPhoto
from casework.photos import STAGED_FOR, attach_photos, drop_stale_photos, stage_photo
from core.errors import DomainError
from tests.factories.requests import picture, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(micro_grid_worker, tree):
    return report(micro_grid_worker, tree["00500101"])


@pytest.fixture
def old(grid_worker):
    photo = stage_photo(owner=grid_worker, upload=picture())
    StagedPhoto.objects.update(staged_at=timezone.now() - STAGED_FOR - timedelta(minutes=1))
    return photo


def attach(ticket, photo):
    event = ticket.events.get()
    attach_photos(case=ticket, event=event, photos=[photo], actor=photo.owner, now=timezone.now())


def test_a_picture_nobody_took_over_goes_with_its_files(old, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert drop_stale_photos() == 1
    assert not old.file.storage.exists(old.file.name)
    assert not old.file.storage.exists(old.thumbnail.name)


def test_the_files_of_a_picture_stay_until_the_deletion_of_its_row_is_committed(old):
    assert drop_stale_photos() == 1  # the test's own transaction is not
    assert old.file.storage.exists(old.file.name)
    assert old.file.storage.exists(old.thumbnail.name)


def test_a_deletion_that_is_rolled_back_keeps_the_picture_and_its_files(
    old, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        drop_stale_photos()
        transaction.set_rollback(True)
    kept = StagedPhoto.objects.get(pk=old.pk)
    assert kept.file.size
    assert kept.thumbnail.size


def test_a_picture_a_form_takes_over_at_that_moment_keeps_its_files(
    old, ticket, django_capture_on_commit_callbacks
):
    waiting = [lambda: attach(ticket, old)]

    def form_is_faster(execute, sql, params, many, context):
        if sql.startswith('DELETE FROM "casework_stagedphoto"') and waiting:
            waiting.pop()()
        return execute(sql, params, many, context)

    with django_capture_on_commit_callbacks(execute=True), connection.execute_wrapper(form_is_faster):
        assert drop_stale_photos() == 0
    attachment = Attachment.objects.get(case=ticket)
    assert attachment.file.size
    assert attachment.thumbnail.size


def test_a_picture_that_was_just_deleted_or_taken_is_attached_to_nothing_else(old, ticket):
    attach(ticket, old)
    with pytest.raises(DomainError):
        attach(ticket, old)
    assert Attachment.objects.count() == 1


def test_of_two_pictures_of_which_one_is_gone_none_is_attached(old, ticket, grid_worker):
    kept = stage_photo(owner=grid_worker, upload=picture())
    attach(ticket, old)
    event = ticket.events.get()
    with pytest.raises(DomainError), transaction.atomic():
        attach_photos(case=ticket, event=event, photos=[old, kept], actor=grid_worker, now=timezone.now())
    assert Attachment.objects.count() == 1
    assert StagedPhoto.objects.get() == kept
