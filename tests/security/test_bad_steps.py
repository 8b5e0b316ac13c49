"""Nonsense in every field of every step: the form again with its reason, nothing saved, never a 500."""

from typing import Any

import pytest
from django import forms
from django.urls import reverse

from casework.registry import kind_of
from requests_.topic_workflow import TOPIC_WORKFLOW
from requests_.workflow import SYSTEM, TICKET_WORKFLOW
from tests.security.nonsense import NASTY, WORST, as_sent, nonsense, shows
from tests.security.posting import posted
from tests.security.scenes import SCENES, Stage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("topics")]
# A picture is kept for the form that comes back, whatever became of the rest.
KEPT = {"casework_stagedphoto"}
REFUSED = (400, 409, 413)


@pytest.fixture
def stage(tree, department, officer, secretary, grid_worker, department_handler):
    return Stage(tree["00500101"], department, officer, secretary, grid_worker, department_handler)


def test_every_step_a_person_can_take_has_a_scene():
    steps = {t.verb for t in TICKET_WORKFLOW.transitions if t.who != (SYSTEM,)}
    assert set(SCENES) == steps | {f"topic {t.verb}" for t in TOPIC_WORKFLOW.transitions}


@pytest.mark.parametrize("scene", SCENES)
def test_a_step_filled_with_nonsense(scene, stage, client_for):
    case, actor = stage.case_for(scene)
    kind, verb, client = kind_of(case.kind), scene.split(" ")[-1], client_for(actor)
    url = reverse("casework:case_do", args=[case.number, verb])
    step = kind.workflow.get(verb)
    fields = ("version", *step.inputs)
    good = {"version": case.version}
    for field in step.inputs:
        good |= stage.good(field, case, actor)
    # What is refused below is refused for its nonsense: without it the step is taken.
    assert posted(client, url, good)[0].status_code == 302

    def tried(data):
        response, changed = posted(client, url, data)
        assert response.status_code == 302 or changed <= KEPT, data
        assert not shows(response), data
        return response.status_code

    for name in WORST:
        sent: dict[str, Any] = {}
        for field in fields:
            sent |= nonsense(field, NASTY[name])
        assert tried(sent) in REFUSED, name
    for name, value in NASTY.items():
        everywhere: dict[str, Any] = {}
        for field in fields:
            everywhere |= nonsense(field, value)
        form = kind.form(*as_sent(everywhere), step=step, case=case, user=actor)
        if name in WORST:
            assert set(form.errors) | {"version"} == set(fields), name
            continue
        for field in set(form.fields) - set(form.errors):
            if type(form.fields[field]) is not forms.CharField:
                # The form reads it; then the rule of the step judges: a day far ahead, for example.
                assert tried(good | nonsense(field, value)) in (302, *REFUSED), (field, name)
    # Text that is none of our business is text: where it is taken, the page shows it as that.
    texts = [f for f, built in form.fields.items() if type(built) is forms.CharField]
    assert client.post(url, good | dict.fromkeys(texts, NASTY["html"])).status_code == 302
    page = client.get(reverse("casework:case_detail", args=[case.number]))
    assert page.status_code == 200
    assert not shows(page)
