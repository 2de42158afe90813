"""What the engine's speed rests on in Python itself; how fast it is, is measured in `benchmarks/`."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest
from builders import chain
from engine.executing import executable

from runner.engine.engine import Execution
from runner.engine.workflow import Workflow

FEATURES = Path(__file__).parent.parent / "features"
# So many attributes of an object does Python 3.11 keep without a dict of its own; beyond that all access takes longer.
QUICK = 30


@pytest.mark.parametrize("path", sorted(FEATURES.glob("*.bpmn")), ids=lambda path: path.stem)
def test_specs_and_workflows_keep_their_attributes_in_pythons_quick_form(path: Path) -> None:
    built = executable(path.read_bytes())

    for spec in built.spec.task_specs.values():
        assert len(vars(spec)) <= QUICK, type(spec)
    execution = Execution(built)
    assert len(vars(execution._workflow)) <= QUICK


def test_an_instance_that_has_ended_needs_no_garbage_collector() -> None:
    gc.disable()
    try:
        execution = Execution(executable(chain(["a"])))
        workflow: weakref.ref[Workflow] = weakref.ref(execution._workflow)
        started = execution.start({"n": 1})
        assert execution.complete(started.jobs[0].token_id, {"n": 2}).completed

        del execution
        assert workflow() is None
    finally:
        gc.enable()
