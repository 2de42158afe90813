"""The last gate before a diagram is stored: what was built of it is compared with what was drawn."""

from __future__ import annotations

from runner.bpmn.diagram import Diagram
from runner.bpmn.drawn import shapes
from runner.bpmn.findings import in_order
from runner.bpmn.rules.table import with_sources
from runner.engine.build import Executable
from runner.engine.built import shape_of
from runner.errors import Finding


def check_built(diagram: Diagram) -> tuple[Finding, ...]:
    """Build all executable processes of an accepted diagram, and give a refusal for each part that differs.

    There is none unless the readers or the engine have lost something: then nothing may run without it. Raises
    EngineError or ExpressionInvalid for what cannot be built.
    """
    found = []
    drawn, lines = shapes(diagram)
    for process in diagram.executable:
        built = shape_of(Executable(process))
        shape = drawn.get(process.key, built)  # a global task is drawn as a single element
        for id, difference in shape.differences(built).items():
            message = (
                f"Expected the process to be built as drawn, but {difference}. This is a defect of the runner: report "
                "it with the file; drawing the element anew may help."
            )
            found.append(Finding("refused", "built_differs", message, id, lines.get(id, 0)))
    return in_order(with_sources(found))
