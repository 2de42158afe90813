"""Decision requirements graphs: required decisions, knowledge models, services, types, and whose Modeler wrote them."""

from __future__ import annotations

from typing import Any

import pytest
from unit.decisions.drafting import CAMUNDA, CAMUNDA8, decision, input_data, knowledge, literal, output, read, table

from runner.errors import DecisionFailed, DecisionNotFound

SEASON = decision("season", table(["temperature"], ["season"], [([">= 20"], ['"summer"']), (["< 20"], ['"winter"'])]))
DISH = decision("dish", table(["season", "guests"], ["dish"], [(['"summer"', "-"], ['"salad"'])]), needs="season")


def test_required_decisions_come_first_and_all_that_fired_is_told() -> None:
    found = read(SEASON, DISH).evaluate("dish", {"temperature": 25, "guests": 3})
    assert found.value == "salad"
    assert [(each["decision"], each["rules"][0]["rule"]) for each in found.rules] == [("season", 1), ("dish", 1)]


def test_a_decision_that_several_require_is_evaluated_once() -> None:
    left, right = (decision(name, literal("season"), needs="season") for name in ("left", "right"))
    top = decision("top", literal("[left, right]"), needs="left right")
    found = read(SEASON, left, right, top).evaluate("top", {"temperature": 1})
    assert (found.value, len(found.rules)) == (["winter", "winter"], 1)


def test_a_decision_is_found_by_id_or_name_and_near_names_are_told() -> None:
    decisions = read(decision("d1", literal("1"), name="Pick a dish"))
    assert decisions.evaluate("Pick a dish", {}).value == decisions.evaluate("d1", {}).value == 1
    with pytest.raises(DecisionNotFound, match="Did you mean 'd1'"):
        decisions.evaluate("d2", {})


KNOWLEDGE = (
    '<businessKnowledgeModel id="b" name="monthly rate"><variable name="monthly rate"/><encapsulatedLogic>'
    '<formalParameter name="sum" typeRef="number"/><formalParameter name="months" typeRef="number"/>'
    f"{literal('sum / months')}</encapsulatedLogic></businessKnowledgeModel>"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("monthly rate(120, 12)", 10),
        ("monthly rate(months: 12, sum: 120)", 10),
        ("monthly rate(120)", None),
        ('monthly rate("a lot", 12)', None),
        ("monthly rate([120], 12)", 10),
    ],
)
def test_a_knowledge_model_is_a_function(text: str, expected: Any) -> None:
    assert read(KNOWLEDGE, decision("d", literal(text))).evaluate("d", {}).value == expected


def test_a_knowledge_model_does_not_see_the_variables_of_its_caller() -> None:
    model = knowledge("f", literal("secret"))
    assert read(model, decision("d", literal("f()"))).evaluate("d", {"secret": 1}).value is None


def test_endless_recursion_of_knowledge_is_stopped() -> None:
    model = knowledge("f", literal("f()"))
    with pytest.raises(DecisionFailed, match="calls within each other"):
        read(model, decision("d", literal("f()"))).evaluate("d", {})


def service() -> str:
    return (
        '<decisionService id="s" name="rating"><variable name="rating"/><outputDecision href="#top"/>'
        '<inputDecision href="#low"/><inputData href="#x"/></decisionService>'
    )


GRAPH = (
    input_data("x", "number"),
    decision("low", literal("x * 100"), needs="$x"),
    decision("top", literal("low + x"), needs="low $x"),
)


def test_a_service_is_evaluated_with_its_input_decisions_given() -> None:
    decisions = read(*GRAPH, service())
    assert decisions.evaluate("rating", {"x": 1, "low": 5}).value == 6
    assert decisions.evaluate("top", {"x": 1, "low": 5}).value == 101


def test_a_service_is_a_function_of_input_data_and_then_of_decisions() -> None:
    caller = decision("d", literal("rating(1, 7)"))
    assert read(*GRAPH, service(), caller).evaluate("d", {}).value == 8


PERSON = (
    '<itemDefinition name="tPerson"><itemComponent name="name"><typeRef>string</typeRef></itemComponent>'
    '<itemComponent name="born"><typeRef>date</typeRef></itemComponent></itemDefinition>'
    '<itemDefinition name="tColor"><typeRef>string</typeRef><allowedValues><text>"red", "blue"</text></allowedValues>'
    '</itemDefinition><itemDefinition name="tColors" isCollection="true"><typeRef>tColor</typeRef></itemDefinition>'
)


@pytest.mark.parametrize(
    ("type", "given", "expected"),
    [
        ("number", 5, 5),
        ("number", "5", None),
        ("number", [5], 5),
        ("date", "2026-01-31", "2026-01-31"),
        ("date", "yesterday", None),
        ("dateTime", "2026-01-31", "2026-01-31T00:00:00Z"),
        ("tColor", "red", "red"),
        ("tColor", "green", None),
        ("tColors", ["red", "blue"], ["red", "blue"]),
        ("tColors", "red", ["red"]),
        ("tColors", ["red", "green"], None),
        ("tPerson", {"name": "Ash", "born": "2000-01-01"}, {"name": "Ash", "born": "2000-01-01"}),
        ("tPerson", {"name": 5}, None),
        ("Any", {"x": 1}, {"x": 1}),
    ],
)
def test_input_is_what_its_type_says_or_null(type: str, given: Any, expected: Any) -> None:
    found = read(PERSON, input_data("x", type), decision("d", literal("x"), needs="$x"))
    assert found.evaluate("d", {"x": given}).value == expected


def test_typed_input_can_be_calculated_with() -> None:
    found = read(PERSON, input_data("x", "tPerson"), decision("d", literal("x.born.year + 1"), needs="$x"))
    assert found.evaluate("d", {"x": {"name": "Ash", "born": "2000-01-01"}}).value == 2001


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"red" instance of tColor', True),
        ('"green" instance of tColor', False),
        ("5 instance of tColor", False),
        ("null instance of tColor", False),
        ('["red"] instance of tColor', False),
        ('["red"] instance of tColors', True),
        ('"red" instance of tColors', False),
        ('["red", "blue"] instance of list<tColor>', True),
        ('{name: "Ash", born: date("2000-01-01")} instance of tPerson', True),
        ('{name: "Ash", born: "2000-01-01"} instance of tPerson', False),
        ("5 instance of tNothing", None),
        ('(function(c: tColor) c + "!")("red")', "red!"),
        ('(function(c: tColor) c + "!")("green")', None),
    ],
)
def test_texts_may_name_the_types_of_the_file(text: str, expected: Any) -> None:
    assert read(PERSON, decision("d", literal(text))).evaluate("d", {}).value == expected


def test_types_whose_names_have_blanks_signs_and_keywords_can_be_named() -> None:
    names = ("t Person", "t-Level", "date and time zone", "rank in class")
    types = "".join(f'<itemDefinition name="{name}"><typeRef>number</typeRef></itemDefinition>' for name in names)
    text = ", ".join(f"1 instance of {name}" for name in names)
    found = read(types, decision("d", literal(f'[{text}, [1] instance of list<t Person>, "a" instance of t Person]')))
    assert found.evaluate("d", {}).value == [True, True, True, True, True, False]


def test_a_result_that_does_not_fit_its_type_is_null_with_a_warning() -> None:
    found = read(decision("d", literal('"a"'), type="number")).evaluate("d", {})
    assert found.value is None
    assert "of type 'number'" in found.warnings[0]


def test_camundas_files_do_not_lose_values_to_types() -> None:
    for attributes in (CAMUNDA, CAMUNDA8):
        assert read(decision("d", literal("5"), type="string"), attributes=attributes).evaluate("d", {}).value == 5


def test_camunda7_names_the_input_and_the_outputs_of_required_decisions() -> None:
    inner = decision("inner", table(["1"], ["a", "b"], [(["-"], ["x", "2"])]))
    column = '<input id="i" camunda:inputVariable="it"><inputExpression><text>a + b</text></inputExpression></input>'
    logic = f'<decisionTable>{column}<output name="o"/><rule><inputEntry><text>it = cellInput</text></inputEntry>'
    logic += "<outputEntry><text>a</text></outputEntry></rule></decisionTable>"
    found = read(inner, decision("d", logic, needs="inner"), attributes=CAMUNDA).evaluate("d", {"x": 5})
    assert found.value == 5


def test_juel_is_read_where_camunda7_has_it() -> None:
    columns = '<input id="i"><inputExpression expressionLanguage="juel"><text>${x + 1}</text></inputExpression></input>'
    tests = '<inputEntry expressionLanguage="juel"><text>cellInput == 6</text></inputEntry>'
    logic = (
        f'<decisionTable>{columns}<output name="o"/><rule>{tests}<outputEntry expressionLanguage="JUEL"><text>x</text>'
    )
    found = read(decision("d", logic + "</outputEntry></rule></decisionTable>"), attributes=CAMUNDA)
    assert found.evaluate("d", {"x": 5}).value == 5


def test_camunda7_files_of_dmn_1_1_are_in_juel_but_for_input_entries() -> None:
    logic = table(["x"], ["o"], [(["> 2"], ["x gt 3 ? 'big' : 'small'"])])
    namespace = "http://www.omg.org/spec/DMN/20151101/dmn.xsd"
    found = read(decision("d", logic), attributes=CAMUNDA, namespace=namespace)
    assert found.evaluate("d", {"x": 4}).value == "big"


@pytest.mark.parametrize(
    "namespace",
    [
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    ],
)
def test_every_version_of_dmn_is_read(namespace: str) -> None:
    assert read(decision("d", literal("1 + 1")), namespace=namespace).evaluate("d", {}).value == 2


def test_values_outside_the_allowed_ones_give_null_with_a_warning() -> None:
    allowed = '<inputValues><text>"a", "b"</text></inputValues>'
    column = f"<input label='x'><inputExpression><text>x</text></inputExpression>{allowed}</input>"
    logic = (
        f"<decisionTable>{column}{output('o')}<rule><inputEntry><text>-</text></inputEntry><outputEntry><text>1</text>"
    )
    found = read(decision("d", logic + "</outputEntry></rule></decisionTable>"))
    assert (found.evaluate("d", {"x": "a"}).value, found.evaluate("d", {"x": "c"}).value) == (1, None)
