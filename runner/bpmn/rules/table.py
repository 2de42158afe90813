"""The table of rules: each code that a finding about a diagram can have, its verdict, its source and what it means.

`docs/checks.md` is this table for people, and a new rule begins with its row here. The rules themselves are in the
files beside this one, by subject; what a vendor's attribute comes to is `dialects/`'s."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from runner.errors import Finding

_STANDARD, _SCHEMA, _OWN = "BPMN 2.0.2", "BPMN 2.0 XML schema", "bpmn-runner"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `verdict` is "refused", "warning", "note", or several; `meaning` completes "It is found that …".

    `executed_only`: it says something about executing, so a process that is only drawn need not fulfil it.
    """

    verdict: str
    source: str
    meaning: str
    executed_only: bool = False


def _forbidden(sections: str, meaning: str) -> Rule:
    return Rule("refused", f"{_STANDARD} {sections}", meaning)


def _needed(meaning: str, sections: str = "", verdict: str = "refused") -> Rule:
    return Rule(verdict, f"{_STANDARD} {sections}" if sections else _OWN, meaning, executed_only=True)


def _surprise(sections: str, meaning: str) -> Rule:
    return Rule("warning", f"{_STANDARD} {sections}" if sections else _OWN, meaning)


def _consequence(sections: str, meaning: str, verdict: str = "warning") -> Rule:
    return Rule(verdict, f"{_STANDARD} {sections}" if sections else _OWN, meaning, executed_only=True)


_CODES = {
    "duplicate_id": Rule(
        "refused or warning", f"{_SCHEMA}, ID", "an id is given twice (a warning in the drawing's own part)"
    ),
    "id_missing": Rule("refused", f"{_STANDARD} §8.3.1", "an element that has to be named by others has no id"),
    "element_unknown": Rule("refused", _SCHEMA, "an element is none of BPMN's"),
    "element_misplaced": Rule("refused", _SCHEMA, "an element stands where BPMN does not have it, so it would be lost"),
    "attribute_unknown": Rule("refused or warning", _SCHEMA, "an attribute is not one of BPMN's, nor a vendor's"),
    "attribute_missing": Rule("refused or warning", _SCHEMA, "an element lacks an attribute that it must have"),
    "value_invalid": Rule("refused or warning", _SCHEMA, "a value is none of those that its attribute may have"),
    "name_invalid": Rule("warning", _SCHEMA, "an id or reference is written as none can be"),
    "schema_order": Rule("warning", _SCHEMA, "elements stand in another order than the schema's"),
    "schema_missing": Rule("refused or warning", _SCHEMA, "an element lacks an element that must be in it"),
    "schema_repeated": Rule("refused", _SCHEMA, "an element is there more than once, where only one may be"),
    "schema_foreign": Rule(
        "warning", _SCHEMA, "a vendor's element or attribute stands where the schema has no room for it"
    ),
    "schema_text": Rule("warning", _SCHEMA, "there is text where only elements may be"),
    "schema_type": Rule("warning", _SCHEMA, "xsi:type names no type that may stand there"),
    "schema_invalid": Rule("warning", _SCHEMA, "the file is not valid in another way"),
    "extension_unknown": _forbidden("§8.2.3", "an extension must be understood to run the file, and is not"),
    "reference_dangling": Rule(
        "refused or warning",
        f"{_STANDARD} §8.3.1, §15.3.2",
        "something is referred to that the file does not have (a warning where execution does not depend on it)",
    ),
    "reference_wrong_kind": Rule(
        "refused or warning",
        f"{_STANDARD}, the attribute's type",
        "an element of another kind is referred to than has to be",
    ),
    "drawing_dangling": Rule("warning", f"{_STANDARD} §12.2", "a shape or edge is of nothing, or of the wrong kind"),
    "drawing_missing": Rule("warning", f"{_STANDARD} §12.2", "an element is executed that the drawing does not show"),
}

_FLOWS = {
    "flow_crosses_border": _forbidden("§7.6.1", "a sequence flow leaves its process or sub-process"),
    "flow_misplaced": _forbidden(
        "§7.6.1, §10.5, §10.7.1",
        "a sequence flow begins or ends where none may: into a start or boundary event, out of an end event, at a "
        "link's wrong side, at an event sub-process or a compensation handler",
    ),
    "flow_list_wrong": _forbidden("§8.4.13, table 8.48", "an element lists a flow that does not enter or leave it"),
    "flow_unlisted": _surprise("§8.4.13, table 8.48", "an element does not list a flow that enters or leaves it"),
    "default_misplaced": _forbidden("§8.4.13", "a default flow does not leave the element whose default it is"),
    "default_with_condition": _forbidden("§8.4.13", "a default flow has a condition"),
    "condition_ignored": _forbidden(
        "§8.4.13, §10.5.2, §10.6.4", "a condition stands on a flow out of an event, or a gateway that looks at none"
    ),
    "condition_alone": _forbidden("§8.4.13", "the only flow out of an activity has a condition"),
    "flow_missing": _forbidden("§10.5.2, §10.5.4", "no flow leaves a start or boundary event"),
    "gateway_direction": _forbidden("§8.4.9, table 8.46", "a gateway's flows are not those that its direction says"),
    "gateway_without_events": _forbidden("§10.6.6", "fewer than two events follow an event-based gateway"),
    "gateway_mixed": _forbidden("§10.6.6", "receive tasks and message events follow the same event-based gateway"),
    "gateway_parallel_events": _forbidden(
        "§10.6.6, table 10.118", "an event-based gateway that creates no instance is to wait for all of its events"
    ),
    "gateway_target": _forbidden(
        "§10.6.6",
        "what follows an event-based gateway is neither a catch event nor a receive task, has another flow into it, or "
        "a boundary event",
    ),
    "instantiating_misplaced": _forbidden(
        "§10.3.3, §10.6.6", "what creates an instance has something before it, or lies in a sub-process"
    ),
    "activation_missing": _needed("a complex gateway that joins has no activation condition", "§10.6.5"),
    "condition_missing": _needed(
        "there is no condition where one decides: on a flow out of an exclusive gateway, in a conditional event",
        "§10.6.2",
    ),
    "start_missing": _needed("nothing can begin in a process or sub-process", "§10.5.2, §13.2"),
    "condition_absent": _consequence("§10.6.3", "a flow out of an inclusive gateway is always taken"),
    "unreachable": _forbidden("§10.5.2, §13.2", "no way leads from the start to an element"),
    "tokens_multiply": _surprise("§10.6.2, §13.4", "parallel branches meet where each token passes by itself"),
    "join_waits_forever": _surprise("§10.6.4, §13.4", "a parallel gateway joins ways of which only one is taken"),
    "split_implicit": _surprise("§8.4.13, §13.3", "several flows without a condition leave an activity or event"),
    "merge_implicit": Rule("note", f"{_STANDARD} §13.3", "several flows lead to an activity"),
    "gateway_joins_and_splits": _surprise("§8.4.9", "a gateway joins and splits at once"),
    "gateway_superfluous": _surprise("§8.4.9", "a gateway neither joins nor splits"),
    "flow_duplicate": _surprise("§8.4.13", "a flow is drawn twice"),
    "label_missing": _surprise("§8.4.9", "a gateway or flow that decides has no name"),
    "default_missing": _consequence("§10.6.2, §13.4", "no default flow leaves a gateway that decides"),
    "start_ambiguous": _consequence("§10.5.2, §13.2", "a process has several start events without a trigger"),
    "start_implicit": _surprise("§10.5.3", "there is an end event and no start event"),
    "end_missing": _surprise("§10.5.2", "there is a start event and no end event"),
    "end_implicit": _surprise("§10.5.3", "a path ends without an end event, where others have one"),
    "default_assumed": _consequence("§10.6.2", "the one flow without a condition is taken as the default flow"),
}

_EVENTS = {
    "event_misplaced": _forbidden("§10.5, tables 10.83 to 10.93", "an event of this kind may not stand here"),
    "start_repeated": _forbidden("§10.3.5, §10.5.2", "a sub-process has several start events"),
    "event_sub_process_start": _forbidden("§10.3.5, §10.5.2", "an event sub-process has not exactly one start event"),
    "boundary_misplaced": _forbidden(
        "§10.5.4", "a boundary event is not at an activity beside it, or at an event sub-process"
    ),
    "error_not_interrupting": _forbidden("§10.5.2, §10.5.4", "an error event is drawn as not interrupting"),
    "cancel_not_interrupting": _forbidden("§10.5.4", "a cancel event is drawn as not interrupting"),
    "compensate_not_interrupting": _forbidden("§10.5.2", "a compensation start event is drawn as not interrupting"),
    "cancel_misplaced": _forbidden("§10.3.5, §10.5.4", "a cancel event belongs to no transaction"),
    "error_caught_twice": _forbidden("§10.5.6", "two events catch the same error in one place"),
    "escalation_caught_twice": _forbidden("§10.5.6", "two events catch the same escalation in one place"),
    "compensate_caught_twice": _forbidden("§10.7.1", "two events catch compensation in one place"),
    "cancel_caught_twice": _forbidden("§10.5.4", "two events catch the cancelling of one transaction"),
    "link_caught_twice": _forbidden("§10.5.5", "two events catch one link"),
    "link_unpaired": _forbidden("§10.5.5", "a link is only thrown or only caught on one level"),
    "link_missing": _forbidden("§10.5.5", "a link has no name"),
    "timer_ambiguous": _forbidden("§10.5.5", "a timer has more than one of date, duration and cycle"),
    "timer_missing": _needed("a timer has no date, duration or cycle", "§10.5.5"),
    "timer_invalid": _needed("a timer's date, duration or cycle is none, or never fires", "§10.5.5"),
    "message_missing": _needed("a message event or receive task names no message with a name", "§8.4.11, §10.5.5"),
    "signal_missing": _needed("a signal event names no signal with a name", "§10.5.5"),
    "error_code_missing": _needed("an error is thrown without a code", "§8.4.3"),
    "escalation_code_missing": _needed("an escalation is thrown without a code", "§8.4.4"),
    "code_dynamic": _needed("an error or escalation is caught by a code that is an expression"),
    "never_fires": _consequence("§10.5.4", "an event is attached to an activity that a token passes at once"),
    "error_uncaught": _consequence("§10.5.7", "nothing in the process catches an error that is thrown"),
    "timer_past": _consequence("§10.5.5", "a timer has a fixed date that is more than a day past"),
    "name_shared": _consequence("§8.4.3, §8.4.11", "two messages, signals, errors or escalations are one in fact"),
    "correlation_missing": _consequence("§8.4.2", "nothing says which instance a message is meant for"),
    "message_assumed": _consequence("", "a receive task without a message waits for one named by its id (Camunda 7)"),
    "compensation_missing": _forbidden("§10.7.1", "a compensation event is associated with no activity beside it"),
    "compensation_unmarked": _forbidden("§10.7.1", "an activity that undoes is not marked for compensation"),
    "compensation_out_of_scope": _forbidden(
        "§10.7.2", "compensation is thrown for an activity that is not on the same level"
    ),
    "compensation_without_handler": _surprise("§10.7.2", "compensation is thrown for an activity that nothing undoes"),
    "compensation_unused": _surprise("§10.7.1", "an activity is marked for compensation, and undoes nothing"),
    "compensation_ambiguous": _forbidden("§10.7.1", "a compensation event is associated with two activities"),
}

_ACTIVITIES = {
    "ad_hoc_empty": _forbidden("§10.3.5", "an ad-hoc sub-process has no activity in it"),
    "sub_process_empty": _consequence("§10.3.5", "nothing is drawn in a sub-process"),
    "quantity_invalid": _forbidden("§10.3", "a start or completion quantity is no whole number from 1"),
    "loop_invalid": _forbidden("§10.3.8", "the maximum of a loop is no whole number"),
    "loop_endless": _needed("a loop has neither a condition nor a maximum", "§10.3.8"),
    "behavior_without_event": _surprise("§10.3.8", "a multi-instance is to throw events, and names none"),
    "behavior_invalid": _forbidden("§10.3.8", "the behavior of a multi-instance is not one of the four"),
    "repetition_incomplete": _needed("a multi-instance has neither a collection nor a number of instances", "§10.3.8"),
    "called_not_deployed": _consequence(
        "§10.3.6", "a process or decision is called that is not deployed (only said when deploying)"
    ),
    "called_not_executable": _consequence("§10.3.6", "a process is called that the file has and does not execute"),
    "called_missing": _needed("a call activity names nothing to call", "§10.3.6"),
    "correlation_ambiguous": _needed("a message has several correlation properties", "§8.4.2"),
}

_POOLS = {
    "data_out_of_scope": _forbidden("§10.4.1", "a data object is referred to from outside of what it is drawn in"),
    "data_outside_sets": _forbidden("§10.4.1", "a data input or output is in no set of inputs or outputs"),
    "data_of_sub_process": _forbidden("§10.4.1", "a sub-process has inputs and outputs of its own"),
    "lane_member_twice": _forbidden("§10.8", "an element lies in two lanes of one set"),
    "lane_member_foreign": _forbidden("§10.8", "a lane holds an element of another process"),
    "message_flow_inside_pool": _forbidden("§7.6.2, §9.4", "a message flow stays within one pool"),
    "message_flow_end": _forbidden(
        "§7.6.2, §10.5.2 to §10.5.4", "a message flow begins or ends at an event that is not for messages"
    ),
    "message_flow_unfit": _consequence("§9.4", "the ends of a message flow do not mean the same message"),
    "multiplicity_invalid": _forbidden("§9.3.1, table 9.5", "a pool has an impossible number of participants"),
}

_EXECUTION = {
    "no_process": _needed("the file has no process"),
    "no_executable_process": _needed("no process of the file is marked executable", "§10.2"),
    "element_refused": _needed("an element is not executed by this version"),
    "built_differs": _needed("what was built to run is not what was drawn"),
    "handler_missing": _needed("no handler does a task's work"),
    "listener_missing": _needed("no handler is there for a listener"),
    "listener_invalid": _needed("a listener is called at an event that there is not, or by an expression"),
    "script_foreign": _needed("a script is in a language that is not run here"),
    "expression_invalid": _needed("an expression cannot be read"),
    "condition_invalid": _needed("a condition cannot be read"),
    "mapping_incomplete": _needed("an input or output mapping lacks its source or target"),
    "mapping_nested": _needed("a nested value of a mapping is of no use"),
    "topic_missing": _needed("a task definition or external task has no topic"),
    "type_not_external": _consequence("", "a built-in task of Camunda 7 is done by a handler"),
    "retry_invalid": _needed("attempts or pauses cannot be read"),
    "timeout_invalid": _needed("a timeout cannot be read"),
    "priority_invalid": _needed("a priority is no whole number"),
    "binding_invalid": _needed("a call says wrongly which version it means"),
    "form_missing": _consequence("", "a form is named that is not there, so that variables are typed as JSON"),
    "form_in_file": Rule(
        "refused or warning or note", "Camunda Forms", "something is wrong with a form in the file", executed_only=True
    ),
    "form_without_effect": _consequence("", "a start event has a form, but no person begins there"),
    "form_field_type": _consequence("", "a field of a drawn form has a type of its own: it is filled in as a text"),
    "form_constraint_unknown": _consequence("", "a constraint of a drawn form is not checked"),
    "form_business_key": _consequence("", "a drawn form's business key names no field"),
    "form_field_custom": _consequence("", "properties of a form field have no effect", "note"),
    "not_honoured": _consequence("", "a vendor's attribute has no effect that it has elsewhere", "refused or warning"),
    "dialects_mixed": _consequence("", "a file has attributes of several vendors"),
    "template_old": _consequence("", "an element was drawn with another version of its template"),
    "not_executable": Rule("note", f"{_STANDARD} §10.2", "a process is not marked executable"),
    "passes_through": _consequence("§13.3", "a token passes a task at once", "note"),
    "documentation_only": _consequence("", "something is read past, where an effect may be expected", "note"),
    "no_undo": _consequence("§10.7", "nothing undoes a step (only said with --undo)", "note"),
}

SECTIONS: Mapping[str, Mapping[str, Rule]] = {
    "Ids, references, schema": _CODES,
    "Sequence flows and gateways": _FLOWS,
    "Events and compensation": _EVENTS,
    "Activities and sub-processes": _ACTIVITIES,
    "Data, lanes, pools and message flows": _POOLS,
    "Executing": _EXECUTION,
}
RULES: Mapping[str, Rule] = {code: rule for rows in SECTIONS.values() for code, rule in rows.items()}


def with_sources(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Give each finding the source of its rule."""
    for finding in findings:
        rule = RULES.get(finding.code)
        yield finding if rule is None or finding.source else replace(finding, source=rule.source)


def of_a_drawing(findings: Iterable[Finding], *, alone: bool) -> Iterator[Finding]:
    """Give what is to be said about a process that is only drawn: nothing about executing it.

    Unless it is `alone` it refuses nothing: the processes beside it run whatever stands next to them. Of a file with
    such processes alone it has been said that it is not executable.
    """
    for finding in findings:
        rule = RULES.get(finding.code)
        if not (rule and rule.executed_only) and not (alone and finding.code == "not_executable"):
            yield finding if alone or finding.verdict != "refused" else replace(finding, verdict="warning")
