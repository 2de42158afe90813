"""What each vendor's attribute or element does where it is honoured, in words: the reasons that `runner check` gives.

Where they are honoured is each dialect's `HONOURED`; what they come to elsewhere, its `CONSEQUENCES`."""

from __future__ import annotations

from collections.abc import Mapping

from runner.bpmn.dialects.vendor import Consequence


def _done(how: str) -> Consequence:
    return Consequence("executed", how)


def _otherwise(how: str) -> Consequence:
    return Consequence("emulated", how)


_INPUT_OUTPUT = _done("fills variables of the element's own, and says what leaves it")
_ASSIGNEE = _done("is the person who has the user task")
_USERS = _done("are people who may claim the user task")
_GROUPS = _done("are groups whose people may claim the user task")
_DUE = _done("is when the user task is due; it is shown, and nothing fires then")
_FOLLOW_UP = _done("is when to look at the user task again; it is shown, and nothing fires then")
_FORM = _done("names the form that is filled in: one that is deployed, one in the file, or a model")
_FORM_BINDING = _done("says which version of the form is filled in: latest, deployment, version or tag")
_DECISION = _done("is the decision that is evaluated")
_BINDING = _done("says which version is called: latest, deployment, version or tag")
_RETRIES = _done("says how often the handler is tried, and when again")
_TOPIC = _done("names the handler")
_PRIORITY = _done("higher ones are claimed first")
_RESULT = _done("is the variable that takes the value")
_COLLECTION = _done("has the items, one for each instance")
_ITEM = _done("is the variable that has the item")
_VERSION_TAG = _done("is a name of the version, by which it can be called")
_TEMPLATE = _done("is compared with the element template that its handler has now")
_CODE_VARIABLE = _done("takes the code that was caught")
_LISTENER = _done("is called before or after the work, as a job of a handler or as an expression")
_JAVA = _otherwise("Java code is not run: a handler of its simple name in snake case, or the bean's, does the work")

CAMUNDA7: Mapping[str, Consequence] = {
    "type": _done("external: the handler of its topic does the work"),
    "topic": _TOPIC,
    "class": _JAVA,
    "delegateExpression": _JAVA,
    "taskPriority": _PRIORITY,
    "jobPriority": _PRIORITY,
    "failedJobRetryTimeCycle": _RETRIES,
    "properties": _done("are headers that the handler can read"),
    "inputOutput": _INPUT_OUTPUT,
    "in": _done("hands variables over to what is called or thrown"),
    "out": _done("takes variables over from what was called"),
    "calledElementBinding": _BINDING,
    "calledElementVersion": _BINDING,
    "calledElementVersionTag": _BINDING,
    "decisionRef": _DECISION,
    "decisionRefBinding": _BINDING,
    "decisionRefVersion": _BINDING,
    "decisionRefVersionTag": _BINDING,
    "mapDecisionResult": _done("puts the decision's result into shape"),
    "resultVariable": _RESULT,
    "assignee": _ASSIGNEE,
    "candidateUsers": _USERS,
    "candidateGroups": _GROUPS,
    "dueDate": _DUE,
    "followUpDate": _FOLLOW_UP,
    "priority": _done("sorts the list of user tasks"),
    "formKey": _FORM,
    "formRef": _FORM,
    "formRefBinding": _FORM_BINDING,
    "formRefVersion": _FORM_BINDING,
    "formData": _done("are the fields of the form"),
    "collection": _COLLECTION,
    "elementVariable": _ITEM,
    "errorCodeVariable": _CODE_VARIABLE,
    "errorMessageVariable": _done("takes the message of the error that was caught"),
    "escalationCodeVariable": _CODE_VARIABLE,
    "resource": _otherwise("a script from another file is not read: a handler of the task's id does the work"),
    "versionTag": _VERSION_TAG,
    "modelerTemplate": _TEMPLATE,
    "modelerTemplateVersion": _TEMPLATE,
    "executionListener": _LISTENER,
    "taskListener": _LISTENER,
    "field": _done("is a variable of the handler"),
    "expression": _done("is evaluated; if it calls a bean, the handler of that name does the work"),
    "resultVariableName": _RESULT,
    "errorEventDefinition": _done("turns an answer or a failure for which its condition holds into a BPMN error"),
    "connector": _otherwise("a handler of the connector's id does its work, with its parameters as variables"),
    "initiator": _otherwise("the variable is null unless the instance is started with it: who starts it is not known"),
}
CAMUNDA8: Mapping[str, Consequence] = {
    "taskDefinition": _done("names the handler, and how often it is tried"),
    "taskHeaders": _done("are headers that the handler can read"),
    "jobPriorityDefinition": _PRIORITY,
    "linkedResources": _otherwise("the handler reads them in the header linkedResources, as a JSON list"),
    "ioMapping": _INPUT_OUTPUT,
    "calledElement": _done("is the process that is called, which version, and what is handed over"),
    "calledDecision": _DECISION,
    "script": _done("is the expression that is evaluated, and the variable that takes its value"),
    "loopCharacteristics": _done("has the items, and collects what each gives, in their order"),
    "adHoc": _done("has the elements to begin with, and collects what each gives"),
    "subscription": _done("is the key that says which instance a message is for"),
    "versionTag": _VERSION_TAG,
    "modelerTemplate": _TEMPLATE,
    "modelerTemplateVersion": _TEMPLATE,
    "userTask": _done("is a user task, as one without it"),
    "assignmentDefinition": _done("is who has the user task, or may claim it"),
    "taskSchedule": _DUE,
    "priorityDefinition": _done("sorts the list of user tasks"),
    "formDefinition": _FORM,
    "userTaskForm": _done("is a form that user tasks and start events may name"),
    "executionListeners": _LISTENER,
    "taskListeners": _LISTENER,
}
RUNNER: Mapping[str, Consequence] = {
    "handler": _TOPIC,
    "retry": _RETRIES,
    "timeout": _done("an attempt that takes longer counts as failed"),
    "lock": _done("jobs with the same value of it never run at the same time"),
    "priority": _done("higher ones are claimed first; of user tasks it sorts the list"),
    "input": _INPUT_OUTPUT,
    "output": _INPUT_OUTPUT,
    "binding": _done("says which version is called, or of a form filled in: latest, deployment, version or tag"),
    "version": _BINDING,
    "allInputs": _done("says whether all variables are handed to the called process"),
    "allOutputs": _done("says whether all variables come back from the called process"),
    "businessKey": _done("is the business key of the called instance"),
    "decision": _DECISION,
    "resultVariable": _RESULT,
    "assignee": _ASSIGNEE,
    "candidateUsers": _USERS,
    "candidateGroups": _GROUPS,
    "dueDate": _DUE,
    "followUpDate": _FOLLOW_UP,
    "form": _FORM,
    "collection": _COLLECTION,
    "item": _ITEM,
    "outputCollection": _done("collects what each instance gives, in the items' order"),
    "outputItem": _done("is what each instance gives"),
    "activeElements": _done("has the elements to begin with"),
    "correlationKey": _done("is the key that says which instance a message is for"),
    "versionTag": _VERSION_TAG,
}
