"""A process that begins with a message, timer or signal only is not started by hand: nothing would happen in it."""

from __future__ import annotations

import pytest
from awaiting import message, named, signal, started_by, timed
from builders import chain
from commands.conftest import Bench

from runner.commands import definitions
from runner.commands.instances import list_instances
from runner.errors import ProcessNotStartable


@pytest.mark.parametrize(
    ("event", "extra", "trigger"),
    [
        (named("message", "Paid"), message("Paid"), "the message 'Paid'"),
        (named("signal", "Alarm"), signal("Alarm"), "the signal 'Alarm'"),
        (timed("Cycle", "R/PT1H"), "", "a timer"),
    ],
)
def test_it_says_what_begins_it_and_nothing_is_stored(bench: Bench, event: str, extra: str, trigger: str) -> None:
    bench.deploy(started_by(event, extra=extra))
    with pytest.raises(ProcessNotStartable, match=f"'p' begins with {trigger} only"):
        bench.runner.start("p")
    assert list_instances(bench.runtime).total == 0
    found = definitions.find_definition(bench.runtime, "p")
    assert definitions.started_by(bench.runtime, found.id) == (trigger,)


def test_one_start_event_without_a_trigger_is_enough(bench: Bench) -> None:
    other = b'<startEvent id="t"><messageEventDefinition messageRef="Paid"/></startEvent>'
    with_both = chain(["a"]).replace(b"</process>", other + b"</process>")
    xml = with_both.replace(b"<process", message("Paid").encode() + b"<process")
    bench.deploy(xml.replace(b"</process>", b'<sequenceFlow id="ft" sourceRef="t" targetRef="a"/></process>'))
    assert [token.element_id for token in bench.runner.start("p").tokens] == ["a"]


def test_those_that_share_its_commit_are_started_all_the_same(bench: Bench) -> None:
    bench.deploy(started_by(named("message", "Paid"), extra=message("Paid"), key="q"))
    bench.start(["a"])
    with pytest.raises(ProcessNotStartable):
        bench.runner.start_many("q", [{}, {}])
    assert [each.key for each in list_instances(bench.runtime).instances] == ["p"]
