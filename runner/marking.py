"""What the state of an instance looks like on its diagram: what is done, where tokens are, in what trouble.

Pure functions from an `InstanceView`; drawing is the renderer's and the browser's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from runner.model import HistoryEntry, InstanceView, JobRecord, JobState, Mark, Token

FLOW = "sequenceFlow"
PROCESS = "process"
_LEFT = frozenset({"completed", "canceled", "error_thrown"})
# The worse news wins where several tokens stand on one element.
GRAVITY = ("failed", "retrying", "active", "waiting")


def marks_of(view: InstanceView) -> dict[str, Mark]:
    """Give what the diagram shows: the finished path, and over it the tokens with their trouble."""
    marks = {element_id: Mark("done") for element_id in sorted(view.passed_before)}
    marks |= {entry.element_id: Mark("done") for entry in view.history if _is_passed(entry)}
    for element, tokens in by_element(view.tokens).items():
        worst = min(tokens, key=lambda token: GRAVITY.index(status_of(token)))
        marks[element] = Mark(status_of(worst), len(tokens), note_of(worst))
    return marks


def counted_marks_of(view: InstanceView, repeated: Collection[str] = ()) -> dict[str, Mark]:
    """Give the marks, with a note "3 times" at an element that has completed more than once.

    Counts what is in `view.history`: read the view with all of it. `repeated` are the elements with a loop or a
    multi-instance, of which the runs are counted.
    """
    passed = Counter(entry.element_id for entry in view.history if entry.element_type != FLOW and _is_passed(entry))
    for element in repeated:
        passed[element] -= _visits_over(entry.event for entry in view.history if entry.element_id == element)
    return {
        element: replace(mark, note=f"{passed[element]} times") if passed[element] > 1 and not mark.note else mark
        for element, mark in marks_of(view).items()
    }


def _visits_over(events: Iterable[str]) -> int:
    """Count how often all that was entered of an element was left again: the whole is entered first and left last."""
    inside = over = 0
    for event in events:
        inside += 1 if event == "entered" else -1 if event in _LEFT else 0
        over += event in _LEFT and inside == 0
    return over


def status_of(token: Token) -> str:
    """Give the status that shows what a token waits for."""
    if token.incident is not None or token.waiting_for == "incident":
        return "failed"
    if token.job is not None and is_retrying(token.job):
        return "retrying"
    if token.job is not None and token.job.lock_holder is not None:
        return "waiting"
    return "active" if token.waiting_for == "job" else "waiting"


def is_retrying(job: JobRecord) -> bool:
    """Tell whether the job has failed and waits for its next attempt."""
    return job.state is JobState.READY and job.failure is not None


def note_of(token: Token) -> str:
    """Give the few words that stand beside a token in trouble, or one that waits for a lock."""
    if token.incident is not None:
        return token.incident.message
    if token.job is not None and is_retrying(token.job):
        return f"Attempt {token.job.attempt} failed: {token.job.failure}"
    if token.job is not None and token.job.lock_holder is not None:
        return f"Waits for the lock '{token.job.lock}'"
    return ""


def by_element(tokens: Iterable[Token]) -> Mapping[str, list[Token]]:
    """Give the tokens by the element that they stand on, in their order."""
    grouped: dict[str, list[Token]] = {}
    for token in tokens:
        grouped.setdefault(token.element_id, []).append(token)
    return grouped


def _is_passed(entry: HistoryEntry) -> bool:
    return entry.event == ("taken" if entry.element_type == FLOW else "completed") and entry.element_type != PROCESS
