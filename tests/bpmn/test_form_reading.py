"""The forms that diagrams name or have in themselves, in three dialects."""

from __future__ import annotations

import json
from html import escape

import pytest
from bpmn.drawn import CAMUNDA7, CAMUNDA8, around, drawn, findings, it, refused, task, warned
from unit.forms.filling_in import field, source

from runner.expressions.language import Expression, Language
from runner.forms.form import Field, FormLink

DATA = "<camunda:formData{more}>{fields}</camunda:formData>"


def text(value: str) -> Expression:
    return Expression(value, Language.TEXT, 1)


def zeebe(attributes: str) -> str:
    return task(f"<zeebe:formDefinition {attributes}/>", tag="userTask")


@pytest.mark.parametrize(
    ("file", "xml", "link"),
    [
        (CAMUNDA8, zeebe('formId="f"'), FormLink(text("f"), "id")),
        (CAMUNDA8, zeebe('formId="f" bindingType="deployment"'), FormLink(text("f"), "id", "deployment")),
        (
            CAMUNDA8,
            zeebe('formId="=f" bindingType="versionTag" versionTag="v1"'),
            FormLink(Expression("f", Language.FEEL, 1), "id", "versionTag", text("v1")),
        ),
        (CAMUNDA8, zeebe('formKey="https://x.example"'), FormLink(text("https://x.example"), "elsewhere")),
        (CAMUNDA8, zeebe('externalReference="own"'), FormLink(text("own"), "elsewhere")),
        (CAMUNDA7, '<userTask id="it" camunda:formRef="f"/>', FormLink(text("f"), "id")),
        (
            CAMUNDA7,
            '<userTask id="it" camunda:formRef="f" camunda:formRefBinding="version" camunda:formRefVersion="3"/>',
            FormLink(text("f"), "id", "version", text("3")),
        ),
        (
            CAMUNDA7,
            '<userTask id="it" camunda:formKey="camunda-forms:deployment:forms/x.form"/>',
            FormLink(text("x.form"), "file"),
        ),
        (
            CAMUNDA7,
            '<userTask id="it" camunda:formKey="embedded:app:x.html"/>',
            FormLink(text("embedded:app:x.html"), "elsewhere"),
        ),
        (
            "",
            '<userTask id="it" runner:form="f" runner:binding="version" runner:version="2"/>',
            FormLink(text("f"), "id", "version", text("2")),
        ),
    ],
)
def test_a_form_is_named_with_the_version_that_is_meant(file: str, xml: str, link: FormLink) -> None:
    diagram = around(xml, file=file)
    assert (it(diagram).form_link, refused(diagram), warned(diagram)) == (link, [], [])


@pytest.mark.parametrize("file", [CAMUNDA8, CAMUNDA7, ""])
def test_a_start_event_has_a_form(file: str) -> None:
    inside = {
        CAMUNDA8: task('<zeebe:formDefinition formId="f"/>', tag="startEvent"),
        CAMUNDA7: '<startEvent id="it" camunda:formRef="f"/>',
        "": '<startEvent id="it" runner:form="f"/>',
    }
    diagram = drawn(inside[file], file=file)
    assert it(diagram).form_link == FormLink(text("f"), "id")
    assert findings(diagram, "note") + findings(diagram, "warning") == []


def embedded(content: str) -> str:
    form = f'<zeebe:userTaskForm id="F">{escape(content)}</zeebe:userTaskForm>'
    return f"<extensionElements>{form}</extensionElements>" + task(
        '<zeebe:formDefinition formKey="camunda-forms:bpmn:F"/>', tag="userTask"
    )


def test_a_form_in_the_file_is_read_and_checked() -> None:
    good = drawn(embedded(source(field("textfield")).decode()), file=CAMUNDA8)
    assert it(good).form_link is not None and it(good).form_link.found == "embedded"
    assert [each for each in refused(good) if each[0].startswith("form")] == []
    bad = drawn(embedded(json.dumps({"id": "F", "components": [{"type": "oops"}]})), file=CAMUNDA8)
    assert ("form_in_file", "it") in refused(bad)


def test_a_form_that_is_not_in_the_file_is_a_warning() -> None:
    diagram = around(zeebe('formKey="camunda-forms:bpmn:G"'), file=CAMUNDA8)
    assert warned(diagram) == [("form_missing", "it")]


def test_a_form_where_no_person_begins_is_a_warning() -> None:
    timer = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
    begun = f'<startEvent id="it" camunda:formKey="x">{timer}</startEvent>'
    assert ("form_without_effect", "it") in warned(drawn(begun, file=CAMUNDA7))


def form_field(attributes: str, constraints: str = "", values: str = "") -> str:
    rules = f"<camunda:validation>{constraints}</camunda:validation>" if constraints else ""
    return f"<camunda:formField {attributes}>{rules}{values}</camunda:formField>"


def read(fields: str, more: str = "") -> tuple[Field, ...]:
    form = it(around(task(DATA.format(fields=fields, more=more), tag="userTask"), file=CAMUNDA7)).form
    assert form is not None
    return form.fields


@pytest.mark.parametrize(
    ("type", "kind", "whole"),
    [
        ("string", "text", 0),
        ("long", "number", 1),
        ("boolean", "checkbox", 0),
        ("date", "date", 0),
        ("double", "number", 0),
    ],
)
def test_types_of_drawn_fields(type: str, kind: str, whole: int) -> None:
    (found,) = read(form_field(f'id="x" label="X" type="{type}"'))
    assert (found.kind, found.path, found.label, found.rules.whole) == (kind, ("x",), "X", bool(whole))


def test_constraints_of_drawn_fields() -> None:
    named = {"required": "", "minlength": "2", "maxlength": "5", "min": "1", "max": "9", "readonly": "true"}
    constraints = "".join(f'<camunda:constraint name="{name}" config="{config}"/>' for name, config in named.items())
    (found,) = read(form_field('id="x" type="string"', constraints))
    rules = found.rules
    assert (rules.required, rules.min_length, rules.max_length, rules.minimum, rules.maximum) == (True, 2, 5, 1, 9)
    assert found.readonly is True


def test_values_of_an_enum_and_defaults_by_type() -> None:
    values = '<camunda:value id="a" name="A"/><camunda:value id="b"/>'
    fields = form_field('id="e" type="enum" defaultValue="b"', values=values) + "".join(
        form_field(f'id="{type}" type="{type}" defaultValue="{default}"')
        for type, default in {"long": "5", "double": "1.5", "boolean": "true", "string": "5"}.items()
    )
    found = read(fields)
    assert found[0].options == [{"value": "a", "label": "A"}, {"value": "b", "label": "b"}]
    assert [each.default for each in found] == ["b", 5, 1.5, True, "5"]


@pytest.mark.parametrize(
    ("fields", "more", "code"),
    [
        (form_field('id="x" type="colour"'), "", "form_field_type"),
        (form_field('id="x"', '<camunda:constraint name="validator" config="com.X"/>'), "", "form_constraint_unknown"),
        (form_field('id="x"', '<camunda:constraint name="min" config="low"/>'), "", "form_constraint_unknown"),
        (form_field('id="x"'), ' businessKey="y"', "form_business_key"),
    ],
)
def test_what_is_not_checked_is_a_warning(fields: str, more: str, code: str) -> None:
    inside = task(DATA.format(fields=fields, more=more), tag="userTask")
    assert [found for found, _ in warned(around(inside, file=CAMUNDA7))] == [code]


@pytest.mark.parametrize("attributes", ['id=""', 'id="x" defaultValue="${"', 'id="x" label="${"'])
def test_a_field_without_an_id_or_with_a_broken_expression_is_refused(attributes: str) -> None:
    inside = task(DATA.format(fields=form_field(attributes), more=""), tag="userTask")
    assert len(refused(around(inside, file=CAMUNDA7))) == 1


def test_the_field_of_the_business_key_is_known() -> None:
    inside = task(DATA.format(fields=form_field('id="x"'), more=' businessKey="x"'), tag="userTask")
    form = it(around(inside, file=CAMUNDA7)).form
    assert form is not None and form.business_key == "x"
