"""What the page about forms shows is deployed, filled in and judged as it says."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import bpmn
from commands.drawings import CAMUNDA, put
from documents import ROOT, blocks, rows, section, write_files
from pydantic import ValidationError

from runner import Runner, handler
from runner.errors import FormInvalid

PAGE = ROOT / "docs" / "forms.md"
FORM, _ANSWER = blocks(PAGE, "json")
(DRAWN,) = blocks(PAGE, "xml")


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Runner]:
    """Give a runner with a process that has a user task for each of the three ways."""
    tasks = ['<userTask id="approve" camunda:formRef="approve-order"/>', DRAWN, '<userTask id="pack"/>']
    names = ["s", "approve", "count", "pack", "e"]
    flows = "".join(
        f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}"/>'
        for source, target in itertools.pairwise(names)
    )
    xml = put(bpmn([("s", "startEvent"), ("e", "endEvent")], []), "".join(tasks) + flows)
    (tmp_path / "order.bpmn").write_bytes(xml.replace(b"<definitions ", f"<definitions {CAMUNDA} ".encode()))
    (tmp_path / "order.form").write_text(FORM, "utf-8")
    (module,) = write_files(PAGE, tmp_path)
    with Runner("sqlite://", handlers=[module, handler("a")(lambda: None)], work=False) as made:
        made.deploy(tmp_path / "order.bpmn", tmp_path / "order.form")
        made.start("p", {"customer": "Ash", "amount": 120})
        yield made


def refused(runner: Runner, **variables: object) -> dict[str, str]:
    with pytest.raises(FormInvalid) as error:
        runner.complete_user_task(runner.user_tasks()[0].id, variables)
    return {flaw.field: flaw.code for flaw in error.value.flaws}


def test_the_three_ways_are_filled_in_one_after_the_other(runner: Runner) -> None:
    instance = runner.instance(runner.user_tasks()[0].instance_id)
    assert refused(runner, approved=False) == {"/reason": "required", "/limit": "too_small"}
    runner.complete_user_task(runner.user_tasks()[0].id, {"approved": True, "limit": 200})
    assert refused(runner, order="x", size="m") == {"/order": "too_short", "/size": "not_an_option"}
    runner.complete_user_task(runner.user_tasks()[0].id, {"order": "xyz", "size": "l"})
    assert refused(runner, carrier="owl", parcels=[{"weight": 0}]) == {"/parcels/0/weight": "greater_than"}
    runner.complete_user_task(runner.user_tasks()[0].id, {"carrier": "owl", "parcels": [{"weight": 2}]})
    assert instance.variables == {
        **{"customer": "Ash", "amount": 120, "approved": True, "limit": 200, "order": "xyz", "boxes": 12, "size": "l"},
        **{"carrier": "owl", "parcels": [{"weight": 2.0, "insured": False}], "note": None},
    }


def test_every_code_that_a_form_gives_is_explained() -> None:
    said = {code for row in rows(section(PAGE, "What is sent")) for code in re.findall(r"\w+", row[0])}
    source = (ROOT / "runner" / "forms" / "rules.py").read_text("utf-8")
    assert set(re.findall(r'(?:return|for .* in \(\(.*?) ?"(\w+)", f?"', source)) - said == set()


def test_a_model_is_just_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(PAGE, tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    import shop  # type: ignore[import-not-found]

    with pytest.raises(ValidationError):
        shop.Packing(carrier="snail", parcels=[])
