"""Decision files that import others: what they see of them, under which names, and which imports are refused."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from unit.decisions.drafting import DMN, decision, literal, read

from runner.decisions import Decisions, load_decisions, read_decisions
from runner.decisions.imports import Neighbour

GREETING = '"Hello " + who.name'
PERSON = (
    '<itemDefinition name="tPerson"><itemComponent name="name"><typeRef>string</typeRef></itemComponent>'
    '</itemDefinition><inputData id="p" name="Person"><variable name="Person" typeRef="tPerson"/></inputData>'
    '<businessKnowledgeModel id="hello" name="Say Hello"><encapsulatedLogic><formalParameter name="who" '
    f'typeRef="tPerson"/>{literal(GREETING)}</encapsulatedLogic></businessKnowledgeModel>'
)


def needs(kind: str, href: str) -> str:
    outer = "knowledge" if kind == "Knowledge" else "information"
    return f'<{outer}Requirement><required{kind} href="{href}"/></{outer}Requirement>'


def logic(id: str, text: str, *required: str) -> str:
    return f'<decision id="{id}" name="{id}"><variable name="{id}"/>{"".join(required)}{literal(text)}</decision>'


def imported(name: str, namespace: str, attributes: str = "") -> str:
    return f'<import name="{name}" namespace="{namespace}" importType="{DMN}" {attributes}/>'


def content(namespace: str, *parts: str) -> bytes:
    return f'<definitions xmlns="{DMN}" id="x" name="x" namespace="{namespace}">{"".join(parts)}</definitions>'.encode()


FILES = {
    "a": content("a", PERSON, logic("greet", "Say Hello(Person)", needs("Input", "#p"))),
    "b": content("b", imported("modelA", "a"), logic("told", '"B: " + modelA.greet', needs("Decision", "a#greet"))),
}


def importing(*parts: str, files: dict[str, bytes] = FILES) -> Decisions:
    def find(namespace: str, location: str) -> Neighbour | None:
        return Neighbour(f"{namespace}.dmn", files[namespace]) if namespace in files else None

    return read_decisions(content("top", *parts), "top.dmn", find)


JOHN = {"Person": {"name": "John"}}


@pytest.mark.parametrize(
    ("text", "required", "variables"),
    [
        ("modelA.greet", needs("Decision", "a#greet"), JOHN),
        ("modelA.greet", needs("Decision", "a#greet"), {"modelA": JOHN}),
        ("modelA.Say Hello(modelA.Person)", needs("Input", "a#p") + needs("Knowledge", "a#hello"), {"modelA": JOHN}),
        ('modelA.Say Hello(who: {name: "John"})', "", {}),
    ],
)
def test_an_import_s_elements_are_seen_under_its_name(text: str, required: str, variables: dict[str, Any]) -> None:
    read = importing(imported("modelA", "a"), logic("d", text, required))
    assert (read.findings, read.evaluate("d", variables).value) == ((), "Hello John")


def test_an_import_without_a_name_is_seen_as_if_it_stood_here() -> None:
    read = importing(imported("", "a"), logic("d", "Say Hello(Person)", needs("Input", "a#p")))
    assert read.evaluate("d", JOHN).value == "Hello John"


def test_imports_of_imports_have_variables_of_their_own() -> None:
    read = importing(imported("Model B", "b"), logic("d", "Model B.told", needs("Decision", "b#told")))
    variables = {"Model B": {"modelA": {"Person": {"name": "Deep"}}}, "Person": {"name": "Shallow"}}
    assert read.evaluate("d", variables).value == "B: Hello Deep"


def test_types_of_an_import_are_checked() -> None:
    data = '<inputData id="q" name="One"><variable name="One" typeRef="modelA.tPerson"/></inputData>'
    read = importing(imported("modelA", "a"), data, logic("d", "One.name", needs("Input", "#q")))
    assert read.evaluate("d", {"One": {"name": "Ann"}}).value == "Ann"
    assert read.evaluate("d", {"One": {"name": 5}}).value is None


def test_a_service_may_be_made_of_imported_decisions() -> None:
    service = (
        '<decisionService id="s" name="s"><outputDecision href="a#greet"/><inputData href="a#p"/></decisionService>'
    )
    read = importing(imported("modelA", "a"), service, logic("d", 's({name: "Ann"})'))
    assert read.evaluate("s", JOHN).value == "Hello John"
    assert read.evaluate("d", {}).value == "Hello Ann"


@pytest.mark.parametrize(
    ("parts", "files", "words"),
    [
        ([imported("m", "nowhere")], FILES, "namespace 'nowhere' beside this one"),
        ([imported("m", "a"), imported("n", "a")], FILES, "one import of 'a'"),
        ([imported("m", "c")], {"c": content("c", imported("t", "top"))}, "is refused"),
        ([imported("m", "c")], {"c": content("c", imported("me", "c"))}, "is refused"),
        ([imported("m", "c")], {"c": b"<not-dmn/>"}, "DMN file"),
        ([imported("m", "c")], {"c": content("c", decision("bad", literal("1 +")))}, "is refused"),
        ([imported("m", "a"), logic("e", "1", needs("Decision", "a#nobody"))], FILES, "of the imported file"),
    ],
)
def test_an_import_that_leads_nowhere_is_refused(parts: list[str], files: dict[str, bytes], words: str) -> None:
    found = importing(*parts, logic("d", "1"), files=files).findings
    assert [each.verdict for each in found] == ["refused"]
    assert words in found[0].message


def test_types_of_xml_schemas_are_no_decisions() -> None:
    schema = '<import name="x" namespace="s" importType="http://www.w3.org/2001/XMLSchema"/>'
    assert importing(schema, logic("d", "1")).findings == ()


def test_files_are_found_beside_by_place_or_by_namespace(tmp_path: Path) -> None:
    (tmp_path / "people.dmn").write_bytes(FILES["a"])
    (tmp_path / "broken.dmn").write_bytes(b"<")
    for number, place in enumerate(('locationURI="./people.dmn"', 'locationURI="gone.dmn"', "")):
        top = tmp_path / f"top{number}.dmn"
        top.write_bytes(
            content(f"t{number}", imported("a", "a", place), logic("d", "a.greet", needs("Decision", "a#greet")))
        )
        assert load_decisions(top).evaluate("d", JOHN).value == "Hello John"


def test_the_content_of_a_file_is_also_that_of_its_imports() -> None:
    parts = [imported("a", "a"), logic("d", "1")]
    other = {"a": content("a", logic("greet", "2"))}
    assert importing(*parts).content_hash == importing(*parts).content_hash
    assert importing(*parts).content_hash != importing(*parts, files=other).content_hash


def test_a_prefix_may_name_the_namespace_of_a_type() -> None:
    head = f'<definitions xmlns="{DMN}" xmlns:own="n" xmlns:feel="http://feel" id="x" name="x" namespace="n">'
    kind = '<itemDefinition name="tN"><typeRef>feel:number</typeRef></itemDefinition>'
    data = '<inputData id="q" name="q"><variable name="q" typeRef="own:tN"/></inputData>'
    file = read_decisions(f"{head}{kind}{data}{logic('d', 'q', needs('Input', '#q'))}</definitions>".encode(), "x.dmn")
    assert (file.findings, file.evaluate("d", {"q": 1}).value, file.evaluate("d", {"q": "1"}).value) == ((), 1, None)


def test_a_knowledge_model_is_evaluated_by_itself() -> None:
    assert read_decisions(FILES["a"], "a.dmn").evaluate("Say Hello", {"who": {"name": "Ann"}}).value == "Hello Ann"
    assert read_decisions(FILES["a"], "a.dmn").evaluate("hello", {"who": 5}).value is None


def test_dates_of_python_are_dates_of_feel() -> None:
    file = read(decision("d", literal("[x + y, z[1].day]")))
    given = {"x": date(2026, 1, 31), "y": timedelta(days=1), "z": [date(2026, 1, 9)]}
    assert file.evaluate("d", given).value == ["2026-02-01", 9]


def test_the_whole_of_a_collection_may_be_restricted() -> None:
    kind = (
        '<itemDefinition name="tFew" isCollection="true"><typeRef>number</typeRef>'
        "<typeConstraint><text>count(?) &lt; 3</text></typeConstraint></itemDefinition>"
    )
    file = read(kind, decision("d", literal("x"), type="tFew"))
    assert (file.evaluate("d", {"x": [1, 2]}).value, file.evaluate("d", {"x": [1, 2, 3]}).value) == ([1, 2], None)
