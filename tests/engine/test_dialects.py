"""The same drawing in the three dialects gives the same history."""

from __future__ import annotations

from typing import Any

from bpmn.drawn import CAMUNDA7, CAMUNDA8, NAMESPACES, flow
from engine.executing import Drive

from runner.decisions import DecisionResult
from runner.engine.engine import Execution

FILES = {"camunda8": CAMUNDA8, "camunda7": CAMUNDA7, "plain": ""}
ROOTS = (
    '<error id="Err" errorCode="BAD"/><escalation id="Esc" escalationCode="UP"/><signal id="Sig" name="stop"/>'
    '<message id="Msg" name="paid"><extensionElements><zeebe:subscription correlationKey="=order"/></extensionElements>'
    "</message>"
)

RATED = DecisionResult("rate", 7, ({"rate": 7},), [])


def ext(inside: str) -> str:
    return f"<extensionElements>{inside}</extensionElements>"


def runs(body: dict[str, str], variables: dict[str, Any]) -> list[Drive]:
    """Run the element "it" between a start and an end in each dialect; a job answers with its variables, doubled."""
    drives = []
    for dialect, file in FILES.items():
        inside = f'<startEvent id="s"/>{body[dialect]}<endEvent id="e"/>{flow("s", "it")}{flow("it", "e")}'
        process = f'<process id="p" isExecutable="true">{inside}</process>'
        xml = f"<definitions {NAMESPACES} {file}>{ROOTS}{process}</definitions>"
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


def alike(body: str) -> dict[str, str]:
    """Give the same body to each dialect: what the standard says is the same for all."""
    return dict.fromkeys(FILES, body)


def done(drives: list[Drive]) -> list[tuple[str, str]]:
    """Give the history that all dialects have; each has come to its end."""
    assert only([drive.completed for drive in drives]) is True
    happenings: list[tuple[str, str]] = only([drive.happenings for drive in drives])
    return happenings


def test_a_task_is_bound_with_its_retries_priority_and_timeout_where_there_are_words_for_them() -> None:
    headers = '<zeebe:taskHeaders><zeebe:header key="retryBackoff" value="PT10S"/></zeebe:taskHeaders>'
    task = '<zeebe:taskDefinition type="pay" retries="3"/>' + headers + '<zeebe:jobPriorityDefinition priority="7"/>'
    cycle = "<camunda:failedJobRetryTimeCycle>R3/PT10S</camunda:failedJobRetryTimeCycle>"
    external = 'camunda:type="external" camunda:topic="pay" camunda:taskPriority="7"'
    body = {
        "camunda8": f'<serviceTask id="it">{ext(task)}</serviceTask>',
        "camunda7": f'<serviceTask id="it" {external}>{ext(cycle)}</serviceTask>',
        "plain": '<serviceTask id="it" runner:handler="pay" runner:retry="R3/PT10S" runner:priority="7"/>',
    }
    drives = runs(body, {})
    services = [drive.executable.process.elements["it"].service for drive in drives]
    assert only([(each.candidates, each.retry, each.priority) for each in services if each])[0] == ("pay", "it")
    assert ("it", "completed") in done(drives)


def test_priority_and_attempts_from_variables() -> None:
    task = '<zeebe:taskDefinition type="pay" retries="=n"/><zeebe:jobPriorityDefinition priority="=n"/>'
    cycle = "<camunda:failedJobRetryTimeCycle>R${n}/PT1S</camunda:failedJobRetryTimeCycle>"
    external = 'camunda:type="external" camunda:topic="pay" camunda:taskPriority="${n}"'
    for file, element in (
        (CAMUNDA8, f'<serviceTask id="it">{ext(task)}</serviceTask>'),
        (CAMUNDA7, f'<serviceTask id="it" {external}>{ext(cycle)}</serviceTask>'),
    ):
        process = f'<process id="p" isExecutable="true"><startEvent id="s"/>{element}{flow("s", "it")}</process>'
        drive = Drive(f"<definitions {NAMESPACES} {file}>{process}</definitions>".encode(), lambda *_: {})
        (job,) = drive.execution.start({"n": 4}).jobs
        rule = drive.execution.rule_at(job.token_id)
        assert job.priority == 4 and rule is not None and rule.max_attempts == 4


def test_a_topic_is_computed_when_the_job_opens() -> None:
    tasks = {
        "camunda8": f"""<serviceTask id="it">{ext("<zeebe:taskDefinition type='=kind'/>")}</serviceTask>""",
        "camunda7": '<serviceTask id="it" camunda:type="external" camunda:topic="${kind}"/>',
        "plain": '<serviceTask id="it" runner:handler="=kind"/>',
    }
    drives = runs(tasks, {"kind": "pay"})
    assert only([drive.happenings for drive in drives])[-1] == ("p", "completed")
    started = [Execution(drive.executable).start({"kind": "pay"}) for drive in drives]
    assert only([[job.topic for job in advance.jobs] for advance in started]) == ["pay"]


def test_a_computed_topic_that_is_no_text_is_an_incident() -> None:
    body = f"""<serviceTask id="it">{ext("<zeebe:taskDefinition type='=kind'/>")}</serviceTask>"""
    process = f'<process id="p" isExecutable="true"><startEvent id="s"/>{body}{flow("s", "it")}</process>'
    drive = Drive(f"<definitions {NAMESPACES} {CAMUNDA8}>{process}</definitions>".encode(), lambda *_: {})
    (incident,) = drive.execution.start({"kind": 5}).incidents
    assert "Expected the topic of 'it' (line 1) to be a text, but `kind` is 5" in incident.message


def test_conditions_choose_the_same_way() -> None:
    texts = {"camunda8": "=n > 1", "camunda7": "${n > 1}", "plain": "n > 1"}
    body = {
        name: '<exclusiveGateway id="it" default="it-e"/><serviceTask id="more"/><endEvent id="end"/>'
        + flow("it", "more", text)
        + flow("more", "end")
        for name, text in texts.items()
    }
    assert ("more", "completed") in done(runs(body, {"n": 2}))
    assert ("more", "entered") not in done(runs(body, {"n": 1}))


def test_a_task_with_mappings_sees_and_gives_the_same() -> None:
    parts = {
        "camunda8": '<zeebe:ioMapping><zeebe:input source="=n" target="item"/>'
        '<zeebe:output source="=result" target="r"/></zeebe:ioMapping>',
        "camunda7": '<camunda:inputOutput><camunda:inputParameter name="item">${n}</camunda:inputParameter>'
        '<camunda:outputParameter name="r">${result}</camunda:outputParameter></camunda:inputOutput>',
        "plain": '<runner:input source="n" target="item"/><runner:output source="result" target="r"/>',
    }
    body = {name: f'<serviceTask id="it">{ext(part)}</serviceTask>' for name, part in parts.items()}
    assert only([drive.variables for drive in runs(body, {"n": 4})]) == {"n": 4, "r": 8}


def test_a_message_is_waited_for_by_name_and_by_key_where_there_is_one() -> None:
    plain = '<message id="Own" name="paid" runner:correlationKey="order"/>'
    catch = '<intermediateCatchEvent id="it"><messageEventDefinition messageRef="Msg"/></intermediateCatchEvent>'
    drives = runs(alike(catch), {"order": 7})
    assert only([[each.name for each in drive.waits.values()] for drive in drives]) == ["paid"]
    inside = f'<startEvent id="s"/>{catch.replace("Msg", "Own")}{flow("s", "it")}'
    process = f'<process id="p" isExecutable="true">{inside}</process>'
    own = Drive(f"<definitions {NAMESPACES}>{plain}{process}</definitions>".encode(), lambda *_: {}).start({"order": 7})
    assert [each.key for each in (*drives[0].waits.values(), *own.waits.values())] == ["7", "7"]
    for drive in drives:
        drive.happen("it", {"amount": 3})
    assert only([drive.variables for drive in drives]) == {"order": 7, "amount": 3}


def test_an_error_leaves_by_the_event_for_its_code() -> None:
    border = '<boundaryEvent id="b" attachedToRef="it"><errorEventDefinition errorRef="Err"/></boundaryEvent>'
    body = alike(f'<userTask id="it"/>{border}<serviceTask id="more"/>{flow("b", "more")}')
    drives = runs(body, {})
    for drive in drives:
        drive.take(drive.execution.throw_error(drive.user_tasks["it"].token_id, "BAD", {"why": 1}))
        drive.run_on()
    assert ("b", "completed") in done(drives) and only([drive.variables["why"] for drive in drives]) == 1


def test_an_escalation_is_caught_beside_the_work() -> None:
    thrower = '<startEvent id="i"/><endEvent id="up"><escalationEventDefinition escalationRef="Esc"/></endEvent>'
    caught = '<escalationEventDefinition escalationRef="Esc"/>'
    border = f'<boundaryEvent id="b" attachedToRef="it" cancelActivity="false">{caught}</boundaryEvent>'
    body = alike(f'<subProcess id="it">{thrower}{flow("i", "up")}</subProcess>{border}<task id="t"/>{flow("b", "t")}')
    assert ("t", "completed") in done(runs(body, {}))


def test_a_signal_is_sent_and_waited_for() -> None:
    sent = '<intermediateThrowEvent id="it"><signalEventDefinition signalRef="Sig"/></intermediateThrowEvent>'
    awaited = '<intermediateCatchEvent id="it"><signalEventDefinition signalRef="Sig"/></intermediateCatchEvent>'
    assert only([[each.name for each in drive.signals] for drive in runs(alike(sent), {})]) == ["stop"]
    drives = runs(alike(awaited), {})
    for drive in drives:
        drive.happen("it")
    assert done(drives)


def test_a_decision_is_called_for_the_same_result() -> None:
    zeebe = '<zeebe:calledDecision decisionId="rate" resultVariable="r"/>'
    named = '{0}:{1}="rate" {0}:resultVariable="r"'
    single = ' camunda:mapDecisionResult="singleEntry"'
    body = {
        "camunda8": f'<businessRuleTask id="it">{ext(zeebe)}</businessRuleTask>',
        "camunda7": f'<businessRuleTask id="it" {named.format("camunda", "decisionRef")}{single}/>',
        "plain": f'<businessRuleTask id="it" {named.format("runner", "decision")}/>',
    }
    for dialect, file in FILES.items():
        inside = f'<startEvent id="s"/>{body[dialect]}{flow("s", "it")}'
        xml = f'<definitions {NAMESPACES} {file}><process id="p" isExecutable="true">{inside}</process></definitions>'
        drive = Drive(xml.encode(), lambda *_: {})
        drive.executable.decide = lambda *_: RATED
        assert drive.run({"n": 1}).variables == {"n": 1, "r": 7}


def test_listeners_of_both_camundas_are_called_at_the_same_places() -> None:
    each_of = "".join(f'<zeebe:executionListener eventType="{each}" type="note"/>' for each in ("start", "end"))
    zeebe = f"<zeebe:executionListeners>{each_of}</zeebe:executionListeners>"
    camunda = "".join(f'<camunda:executionListener event="{each}" class="x.Note"/>' for each in ("start", "end"))
    body = {
        "camunda8": f'<serviceTask id="it">{ext(zeebe)}</serviceTask>',
        "camunda7": f'<serviceTask id="it">{ext(camunda)}</serviceTask>',
    }
    drives = runs({**body, "plain": body["camunda7"]}, {"item": 1})
    assert ("it", "listener_called") in done(drives)
    assert only([drive.called for drive in drives]) == ["it[start 0]", "it", "it[end 1]"]
