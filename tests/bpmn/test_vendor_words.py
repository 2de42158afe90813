"""Each vendor's word has the verdict that its tables say, on each element that they name, and elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lxml import etree

from runner.bpmn.dialects.reading import READERS, DialectReader, vendor_parts
from runner.bpmn.dialects.vendor import Consequence
from runner.bpmn.xml import BPMN

PREFIXES = {"camunda8": "zeebe", "camunda7": "camunda", "plain": "runner"}
WORDS = [
    pytest.param(reader, name, id=f"{PREFIXES[dialect]}:{name}")
    for dialect, reader in READERS.items()
    for name in sorted({*reader.honoured, *reader.consequences})
]
# On this element no vendor says anything.
ELSEWHERE = "auditing"


def verdicts(reader: DialectReader, name: str, tag: str) -> Iterator[Consequence]:
    """Give what a word comes to on an element, as an attribute and as an extension element, in each namespace."""
    for namespace in reader.namespaces:
        xml = f"<b:{tag} xmlns:b='{BPMN}' xmlns:v='{namespace}' {{}}>{{}}</b:{tag}>"
        as_element = f"<b:extensionElements><v:{name}/></b:extensionElements>"
        for drawn in (xml.format(f"v:{name}='x'", ""), xml.format("", as_element)):
            (part,) = vendor_parts(etree.fromstring(drawn))
            yield part.consequence


@pytest.mark.parametrize(("reader", "name"), WORDS)
def test_vendor_word_has_the_verdict_of_its_row(reader: DialectReader, name: str) -> None:
    for tag in reader.honoured.get(name, ()):
        assert {each.verdict for each in verdicts(reader, name, tag)} <= {"executed", "emulated"}
        assert all(each.message for each in verdicts(reader, name, tag))
    if name in reader.consequences:
        assert set(verdicts(reader, name, ELSEWHERE)) == {reader.consequences[name]}
