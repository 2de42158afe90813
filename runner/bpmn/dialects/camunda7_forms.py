"""The forms of Camunda 7: fields that are drawn into the file (`camunda:formData`), and forms that are named.

Source: Camunda 7 docs, User Guide > Task forms > Generated Task Forms, Camunda Forms, Embedded and External Forms."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from runner.bpmn.dialects.texts import juel_value
from runner.bpmn.dialects.vendor import attribute
from runner.bpmn.findings import Report
from runner.bpmn.xml import children, is_true, name_of
from runner.errors import ExpressionInvalid
from runner.expressions import compile_expression
from runner.expressions.language import Expression, Language
from runner.forms.form import Field, Form, FormLink, Kind, Rules, Value
from runner.forms.rules import number_in
from runner.handling import JsonValue

_FILES = ("camunda-forms:deployment:", "camunda-forms:app:")
_KINDS = {
    "string": Kind.TEXT,
    "boolean": Kind.CHECKBOX,
    "date": Kind.DATE,
    "enum": Kind.SELECT,
    **dict.fromkeys(("long", "integer", "int", "short", "double", "float", "number"), Kind.NUMBER),
}
_WHOLE = frozenset({"long", "integer", "int", "short"})
_COUNTED = {"minlength": "min_length", "maxlength": "max_length", "min": "minimum", "max": "maximum"}
_FLAGS = ("required", "readonly")


def read_form_link(node: etree._Element, *, namespaces: tuple[str, ...], report: Report) -> FormLink | None:
    """Read camunda:formRef, a form's id, or camunda:formKey, a file's name or what means something to others."""
    line = report.line(node)
    ref, key = attribute(node, "formRef", *namespaces), attribute(node, "formKey", *namespaces)
    if ref is not None:
        binding = attribute(node, "formRefBinding", *namespaces) or "latest"
        version = attribute(node, "formRefVersion", *namespaces)
        known = binding == "version" and version is not None
        return FormLink(juel_value(ref, line), "id", binding, juel_value(version, line) if known and version else None)
    if key is None:
        return None
    for prefix in _FILES:
        if key.startswith(prefix):
            name = key.removeprefix(prefix).rpartition("/")[2]
            return FormLink(Expression(name, Language.TEXT, line), "file")
    return FormLink(juel_value(key, line), "elsewhere")


def read_form_data(node: etree._Element, data: etree._Element | None, *, report: Report) -> Form | None:
    """Read the fields of a camunda:formData `data` of element `node`."""
    if data is None:
        return None
    namespace = name_of(data)[0]
    fields = tuple(
        _field(each, report) for each in children(data, namespace, local="formField") if _named(each, report)
    )
    key = (data.get("businessKey") or "").strip() or None
    if key is not None and key not in {field.path[0] for field in fields}:
        report.warn(data, "form_business_key", message=f"Expected businessKey to name a field, but none is '{key}'.")
        key = None
    return Form(node.get("id") or "", fields, business_key=key)


def _named(field: etree._Element, report: Report) -> bool:
    if (field.get("id") or "").strip():
        return True
    report.refuse(field, "id_missing", message="Expected a form field with an id, but it has none. Give it one.")
    return False


def _field(node: etree._Element, report: Report) -> Field:
    namespace = name_of(node)[0]
    name, type_name = (node.get("id") or "").strip(), (node.get("type") or "string").strip()
    kind = _KINDS.get(type_name)
    if kind is None:
        message = f"Expected a type of form field, but '{type_name}' is an own one: it is filled in as a text."
        report.warn(node, "form_field_type", message=message)
    if any(True for _ in children(node, namespace, local="properties")):
        report.note(node, "form_field_custom", message=f"The properties of form field '{name}' have no effect here.")
    rules, readonly = _rules(node, name, type_name, report)
    options: list[JsonValue] = [
        {"value": each.get("id") or "", "label": each.get("name") or each.get("id") or ""}
        for each in children(node, namespace, local="value")
    ]
    return Field(
        kind or Kind.TEXT,
        (name,),
        _words(node, report) or name,
        default=_default(node, kind, report),
        readonly=readonly,
        rules=rules,
        options=options if kind is Kind.SELECT else None,
    )


def _rules(node: etree._Element, name: str, type_name: str, report: Report) -> tuple[Rules, bool]:
    asked: dict[str, JsonValue] = {}
    flags = dict.fromkeys(_FLAGS, False)
    for each in _constraints(node):
        constraint, config = (each.get("name") or "").strip(), (each.get("config") or "").strip()
        if constraint in _FLAGS:
            flags[constraint] = is_true(config or None, default=True)
        elif constraint in _COUNTED and number_in(config) is not None:
            asked[_COUNTED[constraint]] = float(config)
        else:
            what = f"'{constraint}'" + (f" with '{config}'" if config else "")
            message = (
                f"Expected a constraint that is known, but {what} of form field '{name}' is not one: it is not checked."
            )
            report.warn(each, "form_constraint_unknown", message=message)
    # A tick that is not there is an answer, too.
    required = flags["required"] and type_name != "boolean"
    return Rules(required=required, whole=type_name in _WHOLE, **asked), flags["readonly"]  # type: ignore[arg-type]


def _constraints(node: etree._Element) -> Iterator[etree._Element]:
    for validation in children(node, name_of(node)[0], local="validation"):
        yield from children(validation, name_of(node)[0], local="constraint")


def _default(node: etree._Element, kind: Kind | None, report: Report) -> Value:
    text = node.get("defaultValue")
    if text is None or text == "":
        return None
    try:
        value = _value(text, report.line(node))
    except ExpressionInvalid as error:
        report.refuse(node, "expression_invalid", message=f"In defaultValue: {str(error).splitlines()[0]}")
        return None
    if not isinstance(value, str):
        return value
    if kind is Kind.CHECKBOX:
        return value.strip().lower() == "true"
    number = number_in(value.strip()) if kind is Kind.NUMBER else None
    if number is not None:
        return int(number) if number == number.to_integral_value() else float(number)
    return value


def _words(node: etree._Element, report: Report) -> Value:
    try:
        return _value(node.get("label") or "", report.line(node))
    except ExpressionInvalid as error:
        report.refuse(node, "expression_invalid", message=f"In label: {str(error).splitlines()[0]}")
        return None


def _value(text: str, line: int) -> Value:
    expression = juel_value(text, line)
    return text if expression.language is Language.TEXT else compile_expression(expression)
