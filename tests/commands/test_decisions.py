"""Deployed decisions: versions, bindings, incidents that a new version repairs; what is refused stores nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import bpmn
from commands.conftest import Bench
from unit.decisions.drafting import decision, file, literal, table

from runner.app import Runner, RunnerInstance
from runner.commands import decisions, definitions
from runner.commands.decisions import deploy_decisions
from runner.commands.instances import list_instances
from runner.deciding import Deciding
from runner.errors import DecisionNotFound, DecisionsRefused

RUNNER = "urn:bpmn-runner:1.0"


def rule_task(attributes: str = "") -> bytes:
    task = f'businessRuleTask xmlns:r="{RUNNER}" r:decision="dish" r:resultVariable="dish" {attributes}'
    nodes = [("s", "startEvent"), ("decide", task), ("e", "endEvent")]
    return bpmn(nodes, [("s", "decide"), ("decide", "e")])


def dmn(value: str, *more: str, attributes: str = "") -> bytes:
    return file(decision("dish", literal(value)), *more, attributes=attributes)


def deploy(bench: Bench, xml: bytes, deployment: str | None = None) -> list[tuple[str, int, bool]]:
    stored = deploy_decisions(bench.runtime, xml, source="menu.dmn", deployment=deployment)
    return [(each.definition.key, each.definition.version, each.created) for each in stored]


def outcome(bench: Bench, attributes: str = "") -> object:
    definitions.deploy(bench.runtime, rule_task(attributes), source="p.bpmn")
    return bench.runner.start("p").variables.get("dish")


def test_each_content_is_a_version_once(bench: Bench) -> None:
    assert deploy(bench, dmn("1")) == [("dish", 1, True)]
    assert deploy(bench, dmn("1")) == [("dish", 1, False)]
    assert deploy(bench, dmn("2", decision("side", literal("3")))) == [("dish", 2, True), ("side", 1, True)]
    assert deploy(bench, dmn("1")) == [("dish", 3, True)]
    found = [(each.key, each.version, each.source) for each in decisions.list_decisions(bench.runtime)]
    assert found == [("dish", 3, "menu.dmn"), ("side", 1, "menu.dmn")]


def test_a_refused_file_stores_nothing(bench: Bench) -> None:
    with pytest.raises(DecisionsRefused, match=r"menu\.dmn:1 .*dish.* refused"):
        deploy(bench, dmn("1 +", decision("side", literal("3"))))
    assert decisions.list_decisions(bench.runtime) == ()


def test_the_newest_version_is_called_unless_another_is_named(bench: Bench) -> None:
    for value in ("1", "2"):
        deploy(bench, dmn(value))
    assert outcome(bench) == 2
    assert outcome(bench, 'r:binding="version" r:version="1"') == 1


def test_a_version_tag_is_found(bench: Bench) -> None:
    namespace = 'xmlns:camunda="http://camunda.org/schema/1.0/dmn"'
    tagged = f'<decision id="dish" name="dish" camunda:versionTag="blue">{literal("1")}</decision>'
    deploy(bench, file(tagged, attributes=namespace))
    deploy(bench, dmn("2"))
    assert outcome(bench, 'r:binding="versionTag" r:version="blue"') == 1


def test_the_binding_to_a_deployment_stays_with_what_was_deployed_together(bench: Bench) -> None:
    deploy(bench, dmn("1"), deployment="D")
    definitions.deploy(bench.runtime, rule_task('r:binding="deployment"'), source="p.bpmn", deployment="D")
    bench.clock.move(1)
    deploy(bench, dmn("2"))
    assert bench.runner.start("p").variables["dish"] == 1


def test_the_binding_to_a_deployment_without_the_decision_means_what_was_there_then(bench: Bench) -> None:
    deploy(bench, dmn("1"))
    definitions.deploy(bench.runtime, rule_task('r:binding="deployment"'), source="p.bpmn")
    bench.clock.move(1)
    deploy(bench, dmn("2"))
    assert bench.runner.start("p").variables["dish"] == 1


def test_a_missing_decision_is_an_incident_that_deploying_it_repairs(bench: Bench) -> None:
    assert outcome(bench) is None
    instance = waiting(bench)
    (incident,) = instance.incidents
    assert (incident.kind, incident.element_id) == ("expression_failed", "decide")
    deploy(bench, dmn("7"))
    instance.retry()
    assert (instance.state, instance.variables["dish"]) == ("completed", 7)


def waiting(bench: Bench) -> RunnerInstance:
    return bench.runner.instance(list_instances(bench.runtime).instances[0].id)


def test_which_rules_fired_is_kept_in_the_history(bench: Bench) -> None:
    logic = table(["guests"], ["dish"], [(["> 5"], ['"stew"']), (["<= 5"], ['"salad"'])])
    deploy(bench, file(decision("dish", logic)))
    definitions.deploy(bench.runtime, rule_task(), source="p.bpmn")
    history = bench.runner.start("p", {"guests": 8}).history
    (told,) = [entry.detail for entry in history if entry.event == "decided"]
    assert told["fired"][0]["rules"] == [{"rule": 1, "id": "r1", "outputs": {"dish": "stew"}}]


def test_a_decision_is_evaluated_by_hand(bench: Bench) -> None:
    deploy(bench, dmn("x * 2"))
    assert decisions.evaluate_decision(bench.runtime, "dish", {"x": 4}).value == 8
    with pytest.raises(DecisionNotFound, match="Did you mean 'dish'"):
        decisions.evaluate_decision(bench.runtime, "fish", {})


def test_a_decision_is_evaluated_by_its_name_and_version(bench: Bench) -> None:
    for value in ("1", "2"):
        deploy(bench, file(decision("dish", literal(value), name="Pick a dish")))
    assert bench.runner.decide("Pick a dish").value == 2
    assert bench.runner.decide("Pick a dish", version=1).value == bench.runner.decide("dish", version=1).value == 1
    with pytest.raises(DecisionNotFound, match="in version 3"):
        bench.runner.decide("dish", version=3)


def test_a_failing_decision_is_an_incident_that_a_repaired_file_resolves(bench: Bench) -> None:
    rows = [(["> 1"], ['"stew"']), (["> 2"], ['"salad"'])]
    deploy(bench, file(decision("dish", table(["guests"], ["dish"], rows))))
    definitions.deploy(bench.runtime, rule_task(), source="p.bpmn")
    instance = bench.runner.start("p", {"guests": 5})
    assert "rules 1 and 2" in instance.incidents[0].message
    deploy(bench, file(decision("dish", table(["guests"], ["dish"], rows, 'hitPolicy="FIRST"'))))
    instance.retry()
    assert (instance.state, instance.variables["dish"], instance.incidents) == ("completed", "stew", ())


def importer(namespace: str = "top") -> bytes:
    needs = '<informationRequirement><requiredDecision href="n#dish"/></informationRequirement>'
    logic = f'<decision id="menu" name="menu">{needs}{literal("menus.dish + 1")}</decision>'
    return file('<import name="menus" namespace="n" importType="x"/>', logic).replace(
        b'namespace="n" >', f'namespace="{namespace}">'.encode()
    )


def test_a_version_keeps_the_imports_that_it_was_deployed_with(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "rules.dmn").write_bytes(importer())
    for value in ("1", "2", "2"):
        (tmp_path / "menu.dmn").write_bytes(dmn(value))
        bench.runner.deploy(tmp_path / "rules.dmn")
    fresh = Deciding(bench.runtime.database, bench.clock)
    stored = [decisions.find_decision(bench.runtime, "menu", version).content_hash for version in (1, 2)]
    assert [fresh.file(each).evaluate("menu", {}).value for each in stored] == [2, 3]
    with pytest.raises(DecisionNotFound):
        bench.runner.decide("menu", version=3)


def test_a_file_imports_what_is_deployed_with_it(bench: Bench, tmp_path: Path) -> None:
    for folder, content in (("one", importer()), ("two", dmn("5"))):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.dmn").write_bytes(content)
    with pytest.raises(DecisionsRefused, match="beside this one"):
        bench.runner.deploy(tmp_path / "one" / "x.dmn")
    bench.runner.deploy(tmp_path / "one" / "x.dmn", tmp_path / "two" / "x.dmn")
    assert bench.runner.decide("menu").value == 6


def test_now_is_the_clock_of_the_runner(bench: Bench) -> None:
    deploy(bench, dmn("string(today())"))
    assert outcome(bench) == str(bench.clock.now().date())


def test_files_are_deployed_by_what_they_hold(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "menu.dmn").write_bytes(dmn("1"))
    (tmp_path / "p.bpmn").write_bytes(rule_task())
    runner: Runner = bench.runner
    stored = runner.deploy(tmp_path / "p.bpmn", tmp_path / "menu.dmn")
    assert [each.definition.key for each in stored] == ["p", "dish"]
    assert runner.start("p").variables["dish"] == 1


@pytest.mark.parametrize(("binding", "versions"), [("deployment", [1, 1, 2]), ("latest", [1, 1, 1])])
def test_what_is_bound_to_its_deployment_is_renewed_with_it(tmp_path: Path, binding: str, versions: list[int]) -> None:
    (tmp_path / "p.bpmn").write_bytes(rule_task(f'r:binding="{binding}"'))
    found = []
    with Runner("sqlite://", handlers=()) as runner:
        for value in ("1", "1", "2"):
            (tmp_path / "menu.dmn").write_bytes(dmn(value))
            process, _ = runner.deploy(tmp_path / "p.bpmn", tmp_path / "menu.dmn")
            found.append((process.definition.version, runner.start("p").variables["dish"]))
    assert found == list(zip(versions, (1, 1, 2), strict=True))
