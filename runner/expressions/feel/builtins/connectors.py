"""What Camunda's connectors add to FEEL: error expressions and tool parameters (Camunda 8 docs, Connectors)."""

from __future__ import annotations

from typing import Any

from runner.expressions.feel.functions import Library
from runner.expressions.run import Run

LIBRARY = Library()


@LIBRARY.define("bpmnError(code: string, message?: string, variables?: context)")
def _bpmn_error(
    run: Run, code: str, message: str | None = None, variables: dict[str, Any] | None = None
) -> dict[str, Any]:
    return {"errorType": "bpmnError", "code": code, "message": message or "", "variables": variables or {}}


@LIBRARY.define("jobError(message: string, variables?: context, retries?: number, retryBackoff?: any)")
def _job_error(
    run: Run, message: str, variables: dict[str, Any] | None = None, retries: Any = None, retry_backoff: Any = None
) -> dict[str, Any]:
    return {
        "errorType": "jobError",
        "message": message,
        "variables": variables or {},
        "retries": retries,
        "retryBackoff": retry_backoff,
    }


@LIBRARY.define("fromAi(value: any, description?: string, type?: string, schema?: context, options?: context)")
def _from_ai(run: Run, value: Any, *described: Any) -> Any:
    return value
