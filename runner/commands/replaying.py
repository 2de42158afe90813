"""Following one stored log from its first step to its last, counting on the way what `verification.py` compares."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from runner.bpmn.diagram import Process
from runner.engine.elements.element import element_of
from runner.engine.standing import Standing, standing
from runner.engine.state import FORMAT, empty_state, fold
from runner.engine.tasks import STARTED
from runner.store.checks import Dossier

# Which invariant does not hold, and the sentence that says how.
Faults = Iterator[tuple[str, str]]
# How an element is left that was not interrupted.
_LEAVING = ("completed", "error_thrown")


class Replay:
    """One log, step by step: the state it leads to, and what is counted on the way.

    `whole` is False if the log could not be followed to its end; then the rest says nothing. `gone` counts how often
    each token left, `places` has its last element; `left` counts by element how often the history has it left;
    `failed_attempts` is the highest attempt that failed there.
    """

    def __init__(self, dossier: Dossier, process: Process | None) -> None:
        self._dossier, self._process = dossier, process
        self.state = empty_state()
        self.count = 0
        self.whole = True
        self.gone: Counter[str] = Counter()
        self.places: dict[str, str] = {}
        self.commands: Counter[str] = Counter()
        self.left: Counter[str] = Counter()
        self.failed_attempts: Counter[str] = Counter()
        self.last_of_process = ""

    def standing(self, row: Sequence[Any]) -> Standing:
        """Tell what moves a token on; of an unknown process, whether it waits for a person."""
        if self._process is not None:
            return standing(self._process, row)
        return Standing.JOB if row[1] == STARTED else Standing.INCIDENT

    def run(self) -> Faults:
        """Follow the log and give what is wrong with it (I1, I5)."""
        for step in self._dossier.steps:
            self.count += 1
            if self.whole:
                yield from self._follow(step)
        newest = self._dossier.header.seq
        if self.whole and self.count != newest + 1:
            self.whole = False
            yield "I1", f"Expected steps 0 to {newest}, as the header says, but the log has {self.count} steps."
        snapshot = self._dossier.snapshot
        if snapshot is not None and snapshot.seq > newest:
            yield "I5", f"Expected no snapshot after step {newest}, but there is one of step {snapshot.seq}."

    def _follow(self, step: Any) -> Faults:
        expected = self.count - 1
        try:
            if step.seq != expected:
                yield "I1", f"Expected step {expected} to follow, but the next one in the log is step {step.seq}."
                self.whole = False
            elif step.format != FORMAT:
                yield "I5", f"Expected step {step.seq} in format {FORMAT}, but it is in format {step.format}."
                self.whole = False
            else:
                self._apply(step)
                yield from self._compare(step.seq)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            self.whole = False
            yield "I5", f"Expected a delta that fits the state before step {step.seq}, but it does not ({error!r})."

    def _apply(self, step: Any) -> None:
        delta = json.loads(step.delta)
        self.commands[step.command] += 1
        self.gone.update(str(id) for id in delta.get("gone", ()))
        fold(self.state, [delta])
        self.places.update((id, element_of(row[0])) for id, row in delta.get("tokens", {}).items())
        for element_id, element_type, event, *detail in json.loads(step.happenings):
            if event in _LEAVING:
                self.left[element_id] += 1
            elif event == "job_failed":
                attempt = detail[0]["attempt"]
                self.failed_attempts[element_id] = max(self.failed_attempts[element_id], attempt)
            if element_type == "process":
                self.last_of_process = event

    def _compare(self, seq: int) -> Faults:
        snapshot = self._dossier.snapshot
        if snapshot is not None and snapshot.seq == seq and json.loads(snapshot.state) != self.state:
            yield "I5", f"Expected the snapshot of step {seq} to be what the steps up to there lead to, but it differs."
