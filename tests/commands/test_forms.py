"""Forms of processes that run: deployed in versions, found by binding, judged when a task is completed or started."""

from __future__ import annotations

from typing import Any

import pytest
from builders import bpmn
from commands.conftest import Bench
from commands.drawings import CAMUNDA, ZEEBE, put, work
from pydantic import BaseModel, Field
from unit.forms.filling_in import field, source

from runner.commands.definitions import deploy
from runner.commands.forms import deploy_form
from runner.errors import FormInvalid, FormRefused
from runner.handling import FormModel
from runner.model import Deployment

REQUIRED = field("textfield", "name", validate={"required": True})


class Approval(BaseModel):
    approved: bool
    level: int = Field(1, ge=1)


def user_task(link: str) -> bytes:
    """Give a process with user task `u` that has this zeebe:formDefinition, then service task `a`."""
    return work(ZEEBE, f"<extensionElements><zeebe:formDefinition {link}/></extensionElements>")


def start(attributes: str = "", inside: str = "") -> bytes:
    """Give a process whose start event has this form."""
    event = f'<startEvent id="s" {attributes} {CAMUNDA}>{inside}</startEvent>'
    flow = '<sequenceFlow id="x" sourceRef="s" targetRef="a"/>'
    return put(bpmn([("a", "serviceTask"), ("e", "endEvent")], [("a", "e")]), event + flow)


def deployed(bench: Bench, *components: Any, id: str = "f", together: str | None = None, **more: Any) -> Deployment:
    (found,) = deploy_form(bench.runtime, source(*components, id=id, **more), source=f"{id}.form", deployment=together)
    return found


def waiting(bench: Bench, variables: dict[str, Any] | None = None) -> str:
    """Start an instance and give the id of its user task."""
    bench.runner.start("p", variables or {})
    return bench.runner.user_tasks()[-1].id


def labels(bench: Bench, id: str) -> list[str]:
    filled = bench.runner.user_task_form(id).filled
    assert filled is not None
    return [each.label for each in filled.fields]


def test_new_content_is_a_new_version_and_the_same_is_none(bench: Bench) -> None:
    first, same, changed = (deployed(bench, field("textfield", key)) for key in "aab")
    assert [(each.created, each.definition.version) for each in (first, same, changed)] == [
        (True, 1),
        (False, 1),
        (True, 2),
    ]
    assert (first.definition.key, first.definition.dialect, first.definition.source) == ("f", "form", "f.form")


def test_a_form_that_is_wrong_is_not_stored(bench: Bench) -> None:
    with pytest.raises(FormRefused, match=r"f.form:2 \[a\] refused: .*component_unknown"):
        deployed(bench, field("oops", "a"))
    assert deployed(bench, field("textfield", "a")).definition.version == 1


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ('formId="f"', ["C"]),
        ('formId="f" bindingType="deployment"', ["B"]),
        ('formId="f" bindingType="versionTag" versionTag="old"', ["A"]),
    ],
)
def test_a_user_task_has_the_version_that_its_binding_means(bench: Bench, link: str, expected: list[str]) -> None:
    deployed(bench, field("textfield", "a"), versionTag="old")
    deployed(bench, field("textfield", "b"), together="d1")
    deploy(bench.runtime, user_task(link), source="p.bpmn", deployment="d1")
    bench.clock.move(1)
    deployed(bench, field("textfield", "c"))
    assert labels(bench, waiting(bench)) == expected


def test_a_form_is_found_by_the_name_of_its_file(bench: Bench) -> None:
    deployed(bench, field("textfield", "a"))
    bench.deploy(work('camunda:formKey="camunda-forms:deployment:f.form"'))
    assert labels(bench, waiting(bench)) == ["A"]


def test_the_name_of_a_form_may_be_an_expression(bench: Bench) -> None:
    deployed(bench, field("textfield", "a"))
    bench.deploy(user_task('formId="=which"'))
    id = waiting(bench, {"which": "f"})
    assert (labels(bench, id), bench.runner.user_task(id).form) == (["A"], "f")


def test_a_form_that_is_missing_is_a_warning_and_said_on_the_task(bench: Bench) -> None:
    (found,) = deploy(bench.runtime, user_task('formId="f"'), source="p.bpmn")
    (said,) = (each for each in found.warnings if "form_missing" in each)
    assert said == (
        "p.bpmn:9 [u] warning: Expected the form 'f', but it is not deployed: `runner deploy f.form` stores it. "
        "(form_missing; bpmn-runner)"
    )
    id = waiting(bench)
    assert "not deployed" in bench.runner.user_task_form(id).problem
    bench.runner.complete_user_task(id, {"anything": 1})


def test_a_form_elsewhere_is_only_named(bench: Bench) -> None:
    bench.deploy(user_task('formKey="https://forms.example/x"'))
    form = bench.runner.user_task_form(waiting(bench))
    assert (form.filled, form.address) == (None, "https://forms.example/x")


def test_results_must_satisfy_the_form_or_nothing_changes(bench: Bench) -> None:
    deployed(bench, REQUIRED, field("number", "n", validate={"max": "=limit"}))
    bench.deploy(user_task('formId="f"'))
    id = waiting(bench, {"limit": 3})
    with pytest.raises(FormInvalid) as refused:
        bench.runner.complete_user_task(id, {"n": 5})
    assert [(flaw.field, flaw.code) for flaw in refused.value.flaws] == [("/name", "required"), ("/n", "too_large")]
    assert bench.runner.user_task(id).state == "created"
    done = bench.runner.complete_user_task(id, {"name": "Mew", "n": 3, "more": True})
    assert bench.runner.instance(done.instance_id).variables == {"limit": 3, "name": "Mew", "n": 3, "more": True}


def test_defaults_and_variables_count_as_filled_in(bench: Bench) -> None:
    deployed(bench, REQUIRED, field("checkbox", "ok", defaultValue=True))
    bench.deploy(user_task('formId="f"'))
    done = bench.runner.complete_user_task(waiting(bench, {"name": "Mew"}))
    assert bench.runner.instance(done.instance_id).variables == {"name": "Mew", "ok": True}


def test_an_error_may_be_thrown_whatever_the_form_asks(bench: Bench) -> None:
    deployed(bench, REQUIRED)
    bench.deploy(user_task('formId="f"'))
    assert bench.runner.complete_user_task(waiting(bench), error="BAD").state == "error_thrown"


DRAWN = (
    '<extensionElements><camunda:formData businessKey="order">'
    '<camunda:formField id="order" type="string"><camunda:validation><camunda:constraint name="minlength" config="3"/>'
    '</camunda:validation></camunda:formField><camunda:formField id="n" type="long" defaultValue="${1 + 1}"/>'
    "</camunda:formData></extensionElements>"
)


def test_fields_drawn_into_the_diagram_are_judged_too(bench: Bench) -> None:
    bench.deploy(work(inside=DRAWN))
    id = waiting(bench)
    with pytest.raises(FormInvalid, match=r"/order \[too_short\]"):
        bench.runner.complete_user_task(id, {"order": "ab"})
    done = bench.runner.complete_user_task(id, {"order": "abc"})
    assert bench.runner.instance(done.instance_id).variables == {"order": "abc", "n": 2}


def test_a_start_form_gives_variables_and_business_key(bench: Bench) -> None:
    bench.deploy(start(inside=DRAWN))
    with pytest.raises(FormInvalid):
        bench.runner.submit_start_form("p", {"order": "ab", "n": 3})
    view = bench.runner.submit_start_form("p", {"order": "abc", "n": 3}).view()
    assert (view.instance.business_key, view.variables) == ("abc", {"order": "abc", "n": 3})


def test_programs_start_without_the_form(bench: Bench) -> None:
    bench.deploy(start(inside=DRAWN))
    assert bench.runner.start("p", {}).variables == {}


@pytest.mark.parametrize(("name", "drawn"), [("u", ""), ("p.u", ""), ("key", 'camunda:formKey="key"')])
def test_a_model_is_the_form_of_a_user_task(bench: Bench, name: str, drawn: str) -> None:
    bench.runtime.handlers.add(FormModel(name, Approval))
    bench.deploy(work(drawn))
    id = waiting(bench)
    assert labels(bench, id) == ["Approved", "Level"]
    with pytest.raises(FormInvalid, match=r"/level \[greater_than_equal\]"):
        bench.runner.complete_user_task(id, {"approved": True, "level": 0})
    done = bench.runner.complete_user_task(id, {"approved": "yes"})
    assert bench.runner.instance(done.instance_id).variables == {"approved": True, "level": 1}


def test_a_model_is_the_start_form_of_a_process(bench: Bench) -> None:
    bench.runtime.handlers.add(FormModel("p", Approval))
    bench.deploy(start())
    form = bench.runner.start_form("p")
    assert (form.own, [each.label for each in form.filled.fields]) == (True, ["Approved", "Level"])
    assert bench.runner.submit_start_form("p", {"approved": False, "level": 2}).variables == {
        "approved": False,
        "level": 2,
    }


def test_a_deployed_form_comes_before_a_model(bench: Bench) -> None:
    bench.runtime.handlers.add(FormModel("u", Approval))
    deployed(bench, field("textfield", "a"))
    bench.deploy(user_task('formId="f"'))
    assert labels(bench, waiting(bench)) == ["A"]
