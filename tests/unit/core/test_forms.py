"""Fields in the site's look: label, help and errors belong to the input for readers too."""

from django import forms

from core.forms import StyledForm


class Sample(StyledForm):
    name = forms.CharField(label="Name", help_text="As on the <card>")
    agree = forms.BooleanField(label="Agree")
    kind = forms.ChoiceField(label="Kind", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    level = forms.ChoiceField(label="Level", choices=[("1", "One")])


def drawn(form, name):
    return form[name].as_field_group()


def test_an_input_names_its_help_and_its_error():
    html = drawn(Sample({}), "name")
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_helptext"' in html
    assert 'id="id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'for="id_name"' in html


def test_help_is_text_and_no_markup():
    assert "&lt;card&gt;" in drawn(Sample(), "name")


def test_a_form_not_sent_yet_shows_no_error():
    assert "wg-errors" not in drawn(Sample(), "name")


def test_each_widget_has_its_class():
    form = Sample()
    assert 'class="form-control"' in drawn(form, "name")
    assert 'class="form-check-input"' in drawn(form, "agree")
    assert 'class="form-select"' in drawn(form, "level")


def test_choices_stand_in_a_named_group():
    html = drawn(Sample({}), "kind")
    assert "<fieldset" in html
    assert "<legend" in html
    assert html.count('type="radio"') == 2
    assert 'id="id_kind_error"' in html
