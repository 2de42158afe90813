"""The same drawing in the three dialects gives the same history."""

from __future__ import annotations

from typing import Any

from bpmn.drawn import CAMUNDA7, CAMUNDA8, NAMESPACES, flow
from engine.executing import Drive

FILES = {"camunda8": CAMUNDA8, "camunda7": CAMUNDA7, "plain": ""}


def ext(inside: str) -> str:
    return f"<extensionElements>{inside}</extensionElements>"


def runs(body: dict[str, str], variables: dict[str, Any]) -> list[Drive]:
    """Run the element "it" between a start and an end in each dialect; a job answers with its variables, doubled."""
    drives = []
    for dialect, file in FILES.items():
        inside = f'<startEvent id="s"/>{body[dialect]}<endEvent id="e"/>{flow("s", "it")}{flow("it", "e")}'
        process = f'<process id="p" isExecutable="true">{inside}</process>'
        xml = f"<definitions {NAMESPACES} {file}>{process}</definitions>"
        drives.append(Drive(xml.encode(), lambda _, seen: {"result": seen.get("item", 0) * 2}).run(variables))
    return drives


def only(values: list[Any]) -> Any:
    """Give the value that all dialects have."""
    first, *others = values
    assert all(other == first for other in others), values
    return first


def test_multi_instance_over_a_collection() -> None:
    def many(inside: str, attributes: str = "") -> str:
        marker = f"<multiInstanceLoopCharacteristics {attributes}>{inside}</multiInstanceLoopCharacteristics>"
        return f'<serviceTask id="it">{marker}</serviceTask>'

    out = "<loopDataOutputRef>results</loopDataOutputRef><outputDataItem name='result'/>"
    zeebe = 'inputCollection="=items" inputElement="item" outputCollection="results" outputElement="=result"'
    ours = 'runner:collection="items" runner:item="item" runner:outputCollection="results" runner:outputItem="result"'
    body = {
        "camunda8": many(ext(f"<zeebe:loopCharacteristics {zeebe}/>")),
        "camunda7": many(out, 'camunda:collection="items" camunda:elementVariable="item"'),
        "plain": many("", ours),
    }
    drives = runs(body, {"items": [3, 1, 2]})
    assert only([drive.variables for drive in drives]) == {"items": [3, 1, 2], "results": [6, 2, 4]}
    assert only([drive.happenings for drive in drives])[-1] == ("p", "completed")


def test_timer_from_a_variable() -> None:
    texts = {"camunda8": "=pause", "camunda7": "${pause}", "plain": "pause"}
    timer = "<timerEventDefinition><timeDuration>{}</timeDuration></timerEventDefinition>"
    body = {
        name: f'<intermediateCatchEvent id="it">{timer.format(text)}</intermediateCatchEvent>'
        for name, text in texts.items()
    }
    drives = runs(body, {"pause": "PT5S"})
    assert only([[each.schedule for each in drive.waits.values()] for drive in drives])[0].kind == "duration"
    for drive in drives:
        drive.happen("it")
    assert only([(drive.happenings, drive.completed) for drive in drives])[1]


def test_script_writes_its_result_variable() -> None:
    zeebe = '<zeebe:script expression="=n + 1" resultVariable="m"/>'
    script = "<script>${n + 1}</script>"
    body = {
        "camunda8": f'<scriptTask id="it">{ext(zeebe)}</scriptTask>',
        "camunda7": f'<scriptTask id="it" scriptFormat="juel" camunda:resultVariable="m">{script}</scriptTask>',
        "plain": '<scriptTask id="it" runner:resultVariable="m"><script>n + 1</script></scriptTask>',
    }
    assert only([drive.variables for drive in runs(body, {"n": 1})]) == {"n": 1, "m": 2}


def test_user_task_is_for_the_same_people() -> None:
    named = ' {0}:assignee="{1}" {0}:candidateGroups="gym, shop" {0}:dueDate="2026-01-01T00:00:00Z"'
    zeebe = (
        '<zeebe:assignmentDefinition assignee="=who" candidateGroups="gym, shop"/>'
        '<zeebe:taskSchedule dueDate="2026-01-01T00:00:00Z"/>'
    )
    body = {
        "camunda8": f'<userTask id="it">{ext(zeebe)}</userTask>',
        "camunda7": f'<userTask id="it" {named.format("camunda", "${who}")}/>',
        "plain": f'<userTask id="it" {named.format("runner", "=who")}/>',
    }
    task = only([drive.user_tasks["it"] for drive in runs(body, {"who": "ash"})])
    assert (task.assignee, task.candidate_groups, task.due_at.year) == ("ash", ("gym", "shop"), 2026)


def test_call_hands_the_same_variables_over() -> None:
    parts = {
        "camunda8": '<zeebe:calledElement processId="child" propagateAllParentVariables="false"/>'
        '<zeebe:ioMapping><zeebe:input source="=n" target="m"/></zeebe:ioMapping>',
        "camunda7": '<camunda:in source="n" target="m"/>',
        "plain": '<runner:input source="n" target="m"/>',
    }
    # Camunda 8 has its own element for what is called; the standard's attribute counts where that is missing.
    body = {
        name: f'<callActivity id="it" calledElement="child">{ext(part)}</callActivity>' for name, part in parts.items()
    }
    (call,) = only([drive.calls for drive in runs(body, {"n": 1, "other": 2})])
    assert (call.key, call.variables) == ("child", {"m": 1})


def test_mapped_sub_process_keeps_its_variables_to_itself() -> None:
    zeebe = (
        '<zeebe:ioMapping><zeebe:input source="=n" target="item"/>'
        '<zeebe:output source="=result" target="r"/></zeebe:ioMapping>'
    )
    camunda = (
        '<camunda:inputOutput><camunda:inputParameter name="item">${n}</camunda:inputParameter>'
        '<camunda:outputParameter name="r">${result}</camunda:outputParameter></camunda:inputOutput>'
    )
    ours = '<runner:input source="n" target="item"/><runner:output source="result" target="r"/>'
    inside = '<startEvent id="si"/><serviceTask id="work"/>' + flow("si", "work")
    body = {
        name: f'<subProcess id="it">{ext(parts)}{inside}</subProcess>'
        for name, parts in (("camunda8", zeebe), ("camunda7", camunda), ("plain", ours))
    }
    assert only([drive.variables["r"] for drive in runs(body, {"n": 4})]) == 8


def test_condition_is_looked_at_when_a_variable_changes() -> None:
    texts = {"camunda8": "=n &gt; 1", "camunda7": "${n &gt; 1}", "plain": "n &gt; 1"}
    definition = "<conditionalEventDefinition><condition>{}</condition></conditionalEventDefinition>"
    body = {
        name: f'<intermediateCatchEvent id="it">{definition.format(text)}</intermediateCatchEvent>'
        for name, text in texts.items()
    }
    assert only([drive.completed for drive in runs(body, {"n": 1})]) is False
    assert only([drive.happenings for drive in runs(body, {"n": 2})])[-1] == ("p", "completed")
