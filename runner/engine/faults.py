"""Which kind of incident an engine error becomes."""

from __future__ import annotations

from runner.errors import DecisionFailed, EngineError, ExpressionFailed, NoFlowTaken
from runner.model import IncidentKind


class ErrorUncaught(EngineError):
    """A BPMN error was thrown that no event catches."""

    code = "error_uncaught"

    def __init__(self, element_id: str, error_code: str) -> None:
        self.element_id, self.error_code = element_id, error_code
        super().__init__(
            f"Expected an error boundary event for '{error_code}' on '{element_id}', but nothing catches it there. "
            "Draw one, or resolve the incident to try again."
        )


_KINDS: dict[type[EngineError], IncidentKind] = {
    ExpressionFailed: IncidentKind.EXPRESSION_FAILED,
    DecisionFailed: IncidentKind.EXPRESSION_FAILED,
    NoFlowTaken: IncidentKind.NO_FLOW_TAKEN,
    ErrorUncaught: IncidentKind.ERROR_UNCAUGHT,
}


def incident_kind(error: EngineError) -> IncidentKind:
    """Give the kind of incident that stands for this error; anything else is a standstill."""
    return _KINDS.get(type(error), IncidentKind.STALLED)
