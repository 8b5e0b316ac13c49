"""Taking steps over HTTP: each refusal has its status and its sentence, and nothing typed is lost."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from django.urls import reverse
from PIL import Image

from casework.models import StagedPhoto
from requests_.models import Ticket
from tests.factories.requests import accept, dispatch, picture, report, take

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(grid_worker, tree):
    return report(grid_worker, tree["00500101"])


def do(ticket, verb):
    return reverse("casework:case_do", args=[ticket.number, verb])


def fresh(ticket):
    return Ticket.objects.get(pk=ticket.pk)


def accepting(ticket, **more):
    return {"version": ticket.version, "urgency": "normal", "handling_level": "grid", **more}


def test_step_form_is_a_page_of_its_own_and_a_fragment_for_htmx(client_for, officer, ticket):
    client = client_for(officer)
    whole = client.get(do(ticket, "accept")).content.decode()
    part = client.get(do(ticket, "accept"), headers={"HX-Request": "true"}).content.decode()
    assert "<html" in whole
    assert "<html" not in part
    for html in (whole, part):
        assert 'name="handling_level"' in html
        assert f'name="version" value="{ticket.version}"' in html
        assert "csrfmiddlewaretoken" in html


def test_step_is_taken_and_stands_in_the_timeline(client_for, officer, ticket):
    response = client_for(officer).post(do(ticket, "accept"), accepting(ticket, opinion="尽快"), follow=True)
    assert response.redirect_chain == [(reverse("casework:case_detail", args=[ticket.number]), 302)]
    assert fresh(ticket).status == "to_dispatch"
    assert "尽快" in response.content.decode()


def test_looking_at_a_step_changes_nothing(client_for, officer, ticket):
    client_for(officer).get(do(ticket, "accept"))
    assert fresh(ticket).version == ticket.version


def test_a_step_form_of_an_older_page_says_what_happened_meanwhile(client_for, officer, ticket):
    accept(ticket, officer)
    answer = client_for(officer).get(do(ticket, "dispatch"), {"version": ticket.version}, follow=True)
    assert answer.redirect_chain == [(reverse("casework:case_detail", args=[ticket.number]), 302)]
    assert "请核对最新情况后再操作" in answer.content.decode()
    now = fresh(ticket).version
    assert client_for(officer).get(do(ticket, "dispatch"), {"version": now}).status_code == 200
    assert f"/do/dispatch/?version={now}" in client_for(officer).get("/cases/").content.decode()


def test_unknown_step_is_not_found(client_for, officer, ticket):
    assert client_for(officer).get(do(ticket, "explode")).status_code == 404
    assert client_for(officer).post(do(ticket, "explode"), {"version": 1}).status_code == 404


def test_step_on_a_foreign_case_is_not_found(client_for, neighbour, foreign_officer, ticket):
    for user in (neighbour, foreign_officer):
        assert client_for(user).get(do(ticket, "accept")).status_code == 404
        assert client_for(user).post(do(ticket, "accept"), accepting(ticket)).status_code == 404
    assert fresh(ticket).status == "reported"


def test_step_of_others_is_forbidden(client_for, grid_worker, ticket):
    client = client_for(grid_worker)
    assert client.get(do(ticket, "decline")).status_code == 403
    data = {"version": ticket.version, "decline_reason": "not_ours", "told_how": "电话"}
    assert client.post(do(ticket, "decline"), data).status_code == 403
    assert fresh(ticket).status == "reported"


def test_step_of_the_system_is_for_nobody(client_for, officer, ticket):
    Ticket.objects.filter(pk=ticket.pk).update(status="closed")
    assert client_for(officer).post(do(ticket, "archive"), {"version": ticket.version}).status_code == 403


def test_step_takes_get_and_post_only(client_for, officer, ticket):
    assert client_for(officer).put(do(ticket, "accept")).status_code == 405


def test_missing_input_is_told_beside_its_field_and_the_rest_is_kept(client_for, officer, ticket):
    data = {"version": ticket.version, "decline_reason": "", "told_how": "电话告知"}
    response = client_for(officer).post(do(ticket, "decline"), data)
    assert response.status_code == 400
    form = response.context["step_form"]
    assert set(form.errors) == {"decline_reason"}
    assert form["told_how"].value() == "电话告知"
    assert "电话告知" in response.content.decode()
    assert fresh(ticket).status == "reported"


@pytest.mark.parametrize("text", ["字" * 20_000, "NUL\x00"], ids=["20000 characters", "NUL"])
def test_text_the_database_cannot_take_is_refused_with_a_message(client_for, officer, ticket, text):
    response = client_for(officer).post(do(ticket, "accept"), accepting(ticket, opinion=text))
    assert response.status_code == 400
    assert response.context["step_form"].errors["opinion"]


def test_hostile_and_four_byte_text_is_stored_as_text(client_for, officer, ticket):
    text = "'; DROP TABLE casework_case; -- <script>alert(1)</script> 𠮷🙂"
    response = client_for(officer).post(do(ticket, "accept"), accepting(ticket, opinion=text), follow=True)
    assert ticket.events.get(verb="accept").facts["opinion"] == text
    assert "<script>alert(1)" not in response.content.decode()


@pytest.mark.parametrize("version", ["", "x", "²", "9" * 30])
def test_version_that_is_no_number_is_refused(client_for, officer, ticket, version):
    response = client_for(officer).post(do(ticket, "accept"), accepting(ticket, version=version))
    assert response.status_code in (400, 409)
    assert fresh(ticket).status == "reported"


def test_stale_page_tells_who_was_faster_and_keeps_the_text_in_the_form(
    client_for, officer, secretary, ticket
):
    accept(ticket, officer)
    old = fresh(ticket)
    take(ticket, "escalate", officer, reason="需社区协调")
    data = {"version": old.version, "reason": "误报，现场无此事"}
    response = client_for(secretary).post(do(ticket, "cancel"), data)
    assert response.status_code == 409
    html = response.content.decode()
    assert "赵专干" in html
    assert response.context["step_form"]["reason"].value() == "误报，现场无此事"
    assert f'name="version" value="{fresh(ticket).version}"' in html
    assert fresh(ticket).status == "to_dispatch"


def test_second_click_of_the_same_step_gets_the_fresh_page_and_writes_no_second_event(
    client_for, officer, ticket
):
    client, data = client_for(officer), accepting(ticket, opinion="请网格长处理")
    assert client.post(do(ticket, "accept"), data).status_code == 302
    again = client.post(do(ticket, "accept"), data)
    assert again.status_code == 409
    assert ticket.events.filter(verb="accept").count() == 1
    assert "请网格长处理" in again.context["note_form"]["text"].value()


def test_step_that_is_not_offered_any_more_says_so(client_for, officer, ticket):
    accept(ticket, officer)
    client = client_for(officer)
    assert client.get(do(ticket, "accept")).status_code == 409
    assert client.post(do(ticket, "accept"), accepting(fresh(ticket))).status_code == 409


def test_handler_who_sent_it_back_and_sees_it_no_longer_lands_in_the_queue(
    client_for, officer, department, department_handler, grid_worker, tree
):
    ticket = accept(report(grid_worker, tree["00500101"], category="noise"), officer, level="community")
    ticket = dispatch(ticket, officer, organisation=department)
    client = client_for(department_handler)
    data = {"version": ticket.version, "reason": "不属于本单位职责"}
    response = client.post(do(ticket, "send_back"), data, follow=True)
    assert response.redirect_chain == [(reverse("casework:case_list"), 302)]
    assert response.status_code == 200
    assert client.post(do(ticket, "send_back"), data).status_code == 404


def test_rule_of_the_step_is_told_in_the_form(client_for, officer, grid_worker, tree):
    ticket = report(grid_worker, tree["00500101"], caller_phone="09310000001")
    handler = officer
    ticket = accept(ticket, officer)
    Ticket.objects.filter(pk=ticket.pk).update(status="to_call_back", finished_by=handler)
    response = client_for(officer).post(do(ticket, "close_unreached"), {"version": fresh(ticket).version})
    assert response.status_code == 400
    assert response.context["step_form"].non_field_errors()
    assert fresh(ticket).status == "to_call_back"


# --- photos ------------------------------------------------------------------------------------------------


@pytest.fixture
def handling(ticket, officer, grid_leader):
    return take(dispatch(accept(ticket, officer), officer, grid_leader), "sign", grid_leader)


def finishing(ticket, *photos, **more):
    return {
        "version": ticket.version,
        "result": "已修好踏步",
        "contacted": "not_needed",
        "photos": list(photos),
        **more,
    }


def test_finished_with_a_photo(client_for, grid_leader, handling):
    response = client_for(grid_leader).post(do(handling, "finish"), finishing(handling, picture()))
    assert response.status_code == 302
    assert handling.attachments.get().kind == "after"
    assert not StagedPhoto.objects.exists()


def test_photos_of_a_step_that_is_gone_are_kept_for_the_note(client_for, grid_leader, handling):
    client = client_for(grid_leader)
    client.post(do(handling, "finish"), finishing(handling, picture()))
    again = client.post(do(handling, "finish"), finishing(handling, picture("second.jpg")))
    assert again.status_code == 409
    kept = StagedPhoto.objects.get()
    note = again.context["note_form"]
    assert note["text"].value() == "已修好踏步"
    assert f'name="photos_staged" value="{kept.key}"' in again.content.decode()


def test_category_that_needs_a_photo_refuses_without_one(client_for, grid_leader, handling):
    response = client_for(grid_leader).post(do(handling, "finish"), finishing(handling))
    assert response.status_code == 400
    assert response.context["step_form"].errors["photos"]
    assert fresh(handling).status == "handling"


def _huge():
    """200 megapixels in a few kilobytes."""
    out = io.BytesIO()
    Image.new("1", (20_000, 10_000)).save(out, "PNG")
    return SimpleUploadedFile("huge.png", out.getvalue(), content_type="image/png")


REFUSED = {
    "text named jpg": (lambda: SimpleUploadedFile("a.jpg", b"not a picture", content_type="image/jpeg"), 400),
    "empty file": (lambda: SimpleUploadedFile("a.jpg", b"", content_type="image/jpeg"), 400),
    "page named png": (lambda: SimpleUploadedFile("a.png", b"<script>alert(1)</script>"), 400),
    "200 megapixels": (_huge, 413),
}


@pytest.mark.parametrize("name", REFUSED)
def test_picture_that_cannot_be_taken_is_refused_and_the_good_one_is_kept(
    client_for, grid_leader, handling, name
):
    build, status = REFUSED[name]
    client = client_for(grid_leader)
    response = client.post(do(handling, "finish"), finishing(handling, picture(), build()))
    assert response.status_code == status
    form = response.context["step_form"]
    assert form.errors["photos"]
    assert form["result"].value() == "已修好踏步"
    kept = StagedPhoto.objects.get(owner=grid_leader)
    assert str(kept.key) in response.content.decode()
    again = finishing(handling, photos_staged=[str(kept.key)])
    assert client.post(do(handling, "finish"), again).status_code == 302
    assert handling.attachments.count() == 1


@override_settings(UPLOAD_MAX_BYTES=100)
def test_picture_over_the_limit_of_bytes_is_refused_as_too_large(client_for, grid_leader, handling):
    response = client_for(grid_leader).post(do(handling, "finish"), finishing(handling, picture()))
    assert response.status_code == 413


def test_staged_photo_is_shown_to_its_owner_alone(client_for, grid_leader, officer, handling):
    client_for(grid_leader).post(do(handling, "finish"), finishing(handling, picture(), result=""))
    url = reverse("casework:staged_photo", args=[StagedPhoto.objects.get().key])
    own = client_for(grid_leader).get(url)
    assert (own.status_code, own["Content-Type"]) == (200, "image/jpeg")
    assert own.getvalue()[:2] == b"\xff\xd8"
    assert client_for(officer).get(url).status_code == 404


def test_stolen_staged_photo_is_not_attached(client_for, grid_leader, officer, handling):
    client_for(officer).post(
        reverse("casework:case_note", args=[handling.number]), {"text": "", "photos": [picture()]}
    )
    foreign = StagedPhoto.objects.get(owner=officer)
    response = client_for(grid_leader).post(
        do(handling, "finish"), finishing(handling, photos_staged=[str(foreign.key)])
    )
    assert response.status_code == 400
    assert StagedPhoto.objects.filter(pk=foreign.pk).exists()


def test_attachment_is_served_as_a_picture_through_its_case(
    client_for, grid_leader, neighbour, officer, handling
):
    client_for(grid_leader).post(do(handling, "finish"), finishing(handling, picture(size=(900, 600))))
    key = handling.attachments.get().key
    for name in ("attachment", "thumbnail"):
        url = reverse(f"casework:{name}", args=[handling.number, key])
        response = client_for(officer).get(url)
        assert response["Content-Type"] == "image/jpeg"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Disposition"].startswith("inline")
        assert response["Cache-Control"] == "no-store, private"
        assert response.getvalue()[:2] == b"\xff\xd8"
        assert client_for(neighbour).get(url).status_code == 404
        assert client_for(officer).post(url).status_code == 405


def test_attachment_of_another_case_is_not_found_under_this_one(
    client_for, officer, grid_leader, grid_worker, tree, handling
):
    client_for(grid_leader).post(do(handling, "finish"), finishing(handling, picture()))
    other = report(grid_worker, tree["00500101"])
    url = reverse("casework:attachment", args=[other.number, handling.attachments.get().key])
    assert client_for(officer).get(url).status_code == 404
