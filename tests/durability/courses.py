"""Running one model in the engine alone, and what all ways of running one have in common.

Through a database it runs in `stored_courses.py`. All ways follow the same schedule of what is answered or happens
next, so what comes of it must be the same, too."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from durability.models import MODULUS, VARIABLES, Model

from runner.engine.advance import Advance, OpenedJob, OpenedUserTask, OpenedWait
from runner.engine.build import Executable
from runner.engine.elements.element import element_of
from runner.engine.engine import Execution
from runner.engine.faults import ErrorUncaught
from runner.engine.state import empty_state, fold, root_variables

# Where tokens multiply, a process may have very many steps: then it is canceled.
TURNS = 15
# So often a person tries again what is stuck.
RETRIES = 2
Happened = tuple[str, str, dict[str, Any]]
# Where a token cannot rest without a word of what it waits for.
RESTING = {"serviceTask", "userTask", "intermediateCatchEvent", "exclusiveGateway", "task"}


class Offer(NamedTuple):
    """Something that a token waits for: "job", "person", or an event of the world outside (its definition `index`)."""

    element_id: str
    token_id: int
    index: int = 0
    kind: str = "job"
    lasting: bool = False

    @property
    def key(self) -> tuple[int, str, int]:
        """Give what the engine knows it by."""
        return (self.token_id, self.element_id, self.index)


@dataclass(frozen=True)
class Ending:
    """All that a run comes to; `variables` are texts of what they were after each step that changed them."""

    state: str
    variables: list[str]
    history: list[Happened]


class Course(Protocol):
    """One way of running a model."""

    def offers(self) -> list[Offer]:
        """Give all that tokens wait for."""

    def take(self, offer: Offer) -> None:
        """Let the job's handler answer, or the event happen."""

    def is_stuck(self) -> bool:
        """Say whether a person has to help."""

    def retry(self, variables: Mapping[str, Any]) -> None:
        """Change variables, and try again what is stuck."""

    def cancel(self) -> None:
        """Give up."""

    def ending(self) -> Ending:
        """Tell how it went."""


def play(course: Course, schedule: Sequence[int], *, turns: int = TURNS, patience: int = RETRIES) -> Ending:
    """Take what is offered in the order that the schedule says; try again what is stuck then, `patience` times; cancel
    after so many turns."""
    retries = 0
    for turn in range(turns):
        choice = schedule[turn % len(schedule)]
        offers = sorted(course.offers())
        if offers:
            course.take(offers[choice % len(offers)])
        elif retries < patience and course.is_stuck():
            course.retry({name: (choice + retries + number) % MODULUS for number, name in enumerate(VARIABLES)})
            retries += 1
        else:
            return course.ending()
    if course.offers():
        course.cancel()
    return course.ending()


class InEngine:
    """The engine alone; with `restoring`, after every step nothing is left of it but JSON texts.

    It begins anew from the deltas, then from a snapshot, then from that snapshot and the deltas since, and so on.
    """

    def __init__(self, model: Model, *, restoring: bool = False) -> None:
        self._model, self._restoring = model, restoring
        self._executable = Executable(model.process())
        self._execution = Execution(self._executable)
        self._deltas: list[str] = []
        self._snapshot, self._snapshot_at = "null", 0
        self._open: dict[tuple[int, str, int], Offer] = {}
        # Incidents, oldest first, by token and element, and whether each is its job's.
        self._stuck: dict[tuple[int, str], bool] = {}
        self._history: list[Happened] = []
        self._state = "active"
        self._note(self._execution.start(dict(model.variables)))

    def offers(self) -> list[Offer]:
        """Give what the advances opened and did not close."""
        return [offer for offer in self._open.values() if offer.key[:2] not in self._stuck]

    def take(self, offer: Offer) -> None:
        """Answer, or let the event happen, inside the engine."""
        token_id, element_id = offer.token_id, offer.element_id
        if offer.kind not in ("job", "person"):
            self._note(self._execution.trigger(*offer.key, {"brought": offer.kind, "a": MODULUS}), taken=offer)
            return
        variables, code = self._model.deeds[element_id].answer(self._execution.variables_at(token_id))
        if not code:
            self._note(self._execution.complete(token_id, variables), left=token_id)
            return
        try:
            advance = self._execution.throw_error(token_id, code, variables)
        except ErrorUncaught as error:
            self._stuck[token_id, element_id] = True
            self._history.append((element_id, "incident_opened", {"kind": "error_uncaught", "message": str(error)}))
        else:
            self._note(advance, left=token_id)

    def is_stuck(self) -> bool:
        """Look for incidents."""
        return bool(self._stuck)

    def retry(self, variables: Mapping[str, Any]) -> None:
        """Do what the command does, with the engine's own verbs."""
        # All this is one transaction: nothing is restored within it.
        stuck, restoring, self._restoring = dict(self._stuck), self._restoring, False
        self._execution.set_variables(variables)
        for token, _ in (key for key, has_job in stuck.items() if has_job):
            self._execution.map_inputs_again(token)
        written = Advance()
        written.delta = self._execution.idle_delta()
        self._note(written)
        for key, has_job in stuck.items():
            if has_job:
                self._stuck.pop(key, None)
            elif self._execution.is_stuck(key[0]):
                del self._stuck[key]
                self._note(self._execution.retry(key[0]))
        if all(stuck.values()):
            self._note(self._execution.run())
        self._restoring = restoring
        if restoring:
            self._restore()

    def cancel(self) -> None:
        """Cancel inside the engine."""
        self._note(self._execution.cancel())
        self._state = "terminated"

    def ending(self) -> Ending:
        """Put the end together from the deltas."""
        state, variables = empty_state(), ["null"]
        for delta in self._deltas:
            fold(state, [json.loads(delta)])
            note_variables(variables, root_variables(state))
        assert state == json.loads(json.dumps(self._execution.snapshot()))
        return Ending(self._state, variables, self._history)

    def _note(self, advance: Advance, *, left: int | None = None, taken: Offer | None = None) -> None:
        self._deltas.append(json.dumps(advance.delta))
        gone = {left, *advance.canceled, *advance.left, *(int(token) for token in advance.delta.get("gone", ()))}
        self._open = {
            key: offer
            for key, offer in self._open.items()
            if key[0] not in gone and key not in advance.closed and (offer.lasting or offer is not taken)
        }
        self._stuck = {key: has_job for key, has_job in self._stuck.items() if key[0] not in gone}
        for opened in (*map(_job, advance.jobs), *map(_person, advance.user_tasks), *map(_event, advance.waits)):
            self._open[opened.key] = opened
        self._stuck |= {(incident.token_id, incident.element_id): False for incident in advance.incidents}
        self._history += [(each.element_id, each.event, each.detail or {}) for each in advance.happenings]
        if advance.completed:
            self._state = "completed"
        self._check_tokens({call.token_id for call in advance.calls})
        if self._restoring:
            self._restore()
        for call in advance.calls:  # what is called waits for nothing
            self._note(self._execution.complete(call.token_id, {**call.variables, "called": 1}))

    def _check_tokens(self, calling: set[int]) -> None:
        """Law: every token says what it waits for. What holds others, repeats or is listened to, they say it for."""
        elements = self._executable.process.elements
        said = {token for token, *_ in (*self._stuck, *self._open)} | calling
        for token, (name, _, _, *facts) in self._execution.snapshot()["tokens"].items():
            element = elements[element_of(name)]
            is_held = bool(facts) and "listening" in facts[0]
            is_resting = element.type in RESTING and (name != element.id or element.repetition is None) and not is_held
            conditions = any(event.kind == "conditional" for event in element.events)
            assert int(token) in said or conditions or not is_resting, f"token {token} at {name} waits for nothing"

    def _restore(self) -> None:
        if len(self._deltas) % 3 == 2:
            self._snapshot, self._snapshot_at = json.dumps(self._execution.snapshot()), len(self._deltas)
        since = map(json.loads, self._deltas[self._snapshot_at :])
        self._execution = Execution.restore(self._executable, json.loads(self._snapshot), since)


def note_variables(noted: list[str], variables: Mapping[str, Any]) -> None:
    """Add the variables, as text that tells 1 from 1.0 and from true, if they have changed."""
    text = json.dumps(variables, sort_keys=True, ensure_ascii=False)
    if text != noted[-1]:
        noted.append(text)


def _job(opened: OpenedJob) -> Offer:
    return Offer(opened.element_id, opened.token_id)


def _person(opened: OpenedUserTask) -> Offer:
    return Offer(opened.element_id, opened.token_id, kind="person")


def _event(opened: OpenedWait) -> Offer:
    return Offer(opened.element_id, opened.token_id, opened.index, opened.kind, not opened.interrupting)
