"""Conditional start events: offered variables start each process whose condition they make true."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from builders import bpmn
from click.testing import CliRunner
from commands.conftest import Bench

from runner.app import Runner
from runner.cli import cli
from runner.errors import DefinitionNotFound, ProcessNotStartable, VariablesInvalid


def starts(key: str, *texts: str, more: str = "", attributes: str = "") -> bytes:
    """Give a process with a conditional start event for each condition, and service task `a`."""
    nodes = [(f"s{n}", f"startEvent {attributes}", _condition(text) + more) for n, text in enumerate(texts)]
    return bpmn([*nodes, ("a", "serviceTask")], [(node[0], "a") for node in nodes], key=key)


def _condition(text: str) -> str:
    return f"<conditionalEventDefinition><condition>{text}</condition></conditionalEventDefinition>"


def offered(bench: Bench, **variables: object) -> list[str]:
    return [each.view().instance.key for each in bench.runner.evaluate_conditions(variables)]


def test_each_process_whose_condition_is_true_is_started_with_the_variables(bench: Bench) -> None:
    for key, text in (("hot", "t &gt; 40"), ("cold", "t &lt; 0"), ("any", "t != 7"), ("other", "unknown == 1")):
        bench.deploy(starts(key, text))
    assert offered(bench, t=41) == ["any", "hot"]
    started = bench.runner.evaluate_conditions({"t": -1}, business_key="b", key="cold")
    assert [(each.view().instance.business_key, each.variables) for each in started] == [("b", {"t": -1})]
    assert [job.variables for job in bench.claim()] == [{"t": 41}, {"t": 41}, {"t": -1}]


def test_each_true_condition_of_a_process_starts_an_instance(bench: Bench) -> None:
    bench.deploy(starts("p", "n &gt; 1", "n &gt; 2", "n &gt; 3"))
    assert offered(bench, n=3) == ["p", "p"]


def test_only_the_newest_version_is_looked_at(bench: Bench) -> None:
    bench.deploy(starts("p", "n == 1"))
    bench.deploy(starts("p", "n == 2"))
    assert (offered(bench, n=1), offered(bench, n=2)) == ([], ["p"])


def test_a_condition_among_triggers_that_are_all_needed_waits_for_the_others(bench: Bench) -> None:
    both = 'parallelMultiple="true"'
    bench.deploy(starts("p", "n == 1", more="<timerEventDefinition><timeDate>2026-01-03</timeDate>"
        "</timerEventDefinition>", attributes=both))  # fmt: skip
    (instance,) = bench.runner.evaluate_conditions({"n": 1})
    assert [token.waiting_for for token in instance.tokens] == ["timer"]


def test_what_cannot_be_offered_is_refused_and_starts_nothing(bench: Bench) -> None:
    bench.deploy(starts("p", "true"))
    with pytest.raises(DefinitionNotFound):
        bench.runner.evaluate_conditions({}, key="q")
    with pytest.raises(VariablesInvalid):
        bench.runner.evaluate_conditions({"n": object()})
    with pytest.raises(ProcessNotStartable, match="the condition `true`"):
        bench.runner.start("p")
    assert bench.claim() == []


def test_the_command_says_what_it_has_started(tmp_path: Path) -> None:
    (tmp_path / "p.bpmn").write_bytes(starts("p", "n == 1").replace(b"serviceTask", b"userTask"))
    url = f"sqlite:///{tmp_path}/runner.db"
    with Runner(url, (), work=False) as runner:
        runner.deploy(tmp_path / "p.bpmn")
    command = ["conditions", "--database", url, "--var"]
    assert "nothing is started" in CliRunner().invoke(cli, [*command, "n=2"]).output
    (started,) = json.loads(CliRunner().invoke(cli, [*command, "n=1", "--json"]).output)["started"]
    assert (started["key"], started["version"]) == ("p", 1)
