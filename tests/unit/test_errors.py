"""Every refusal has a stable code, and a sentence that says what was expected and what came."""

from __future__ import annotations

import inspect

import pytest

from runner import errors
from runner.errors import Conflict, EngineError, Finding, Invalid, NotFound, RunnerError, near_hint

KINDS = (NotFound, Conflict, Invalid, EngineError)
ERRORS = [value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, RunnerError)]


def test_codes_are_the_class_names_in_snake_case_and_unique() -> None:
    codes = [error.code for error in ERRORS]
    assert len(set(codes)) == len(codes)
    assert codes == ["".join(f"_{c.lower()}" if c.isupper() else c for c in e.__name__)[1:] for e in ERRORS]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
def test_every_error_is_of_exactly_one_kind(error: type[RunnerError]) -> None:
    kinds = [kind for kind in KINDS if issubclass(error, kind)]
    assert len(kinds) == (0 if error is RunnerError else 1)


@pytest.mark.parametrize(
    "error",
    [
        errors.DefinitionNotFound("captur", ["capture", "helloworld"]),
        errors.InstanceNotFound("01"),
        errors.InstanceEnded("01", "completed"),
        errors.InstanceChanged("01"),
        errors.JobNotHeld("01-2"),
        errors.DiagramRefused("a.bpmn", ()),
    ],
    ids=lambda error: error.code,
)
def test_sentences_say_what_was_expected_and_what_came(error: RunnerError) -> None:
    assert str(error).startswith("Expected ")
    assert ", but " in str(error)


def test_an_unknown_process_names_the_known_ones_and_the_nearest() -> None:
    sentence = str(errors.DefinitionNotFound("captur", ["helloworld", "capture"]))
    assert "there is no process 'captur'. Known: capture, helloworld. Did you mean 'capture'?" in sentence


def test_an_unknown_version_is_named() -> None:
    assert "process 'capture' in version 7" in str(errors.DefinitionNotFound("capture", ["capture"], 7))


def test_where_nothing_is_deployed_the_way_to_deploy_is_told() -> None:
    assert "runner deploy FILE" in str(errors.DefinitionNotFound("capture"))


def test_a_refused_diagram_lists_each_finding_with_its_place() -> None:
    finding = Finding("refused", "handler_missing", "Expected a handler.", "attack", 12, "bpmn-runner")
    assert str(errors.DiagramRefused("a.bpmn", (finding,))).splitlines()[1] == (
        "  a.bpmn:12 [attack] refused: Expected a handler. (handler_missing; bpmn-runner)"
    )


def test_a_finding_about_the_whole_file_has_no_line() -> None:
    assert Finding("warning", "no_di", "No drawing.").describe("a.bpmn") == "a.bpmn warning: No drawing. (no_di)"


@pytest.mark.parametrize(
    ("word", "hint"), [("paralize", " Did you mean 'paralyze'?"), ("zzz", ""), ("attac", " Did you mean 'attack'?")]
)
def test_near_hint_names_what_is_near(word: str, hint: str) -> None:
    assert near_hint(word, ["paralyze", "attack", "throw_pokeball"]) == hint
