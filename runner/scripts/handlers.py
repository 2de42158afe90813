"""The handlers that run scripts: one for each language that the operator switched on."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable
from typing import Any

from runner.errors import SettingsInvalid
from runner.handling import BpmnError, Handler, Job, PermanentFailure
from runner.scripts.languages import LINE, RESULT, TEXT, ScriptLanguage
from runner.scripts.processes import ScriptProcesses

_NEEDS = {
    ScriptLanguage.PYTHON: ("pydantic_monty", "python-scripts"),
    ScriptLanguage.JAVASCRIPT: ("py_mini_racer", "javascript"),
}


class Scripts:
    """The script languages of one runner. Raises SettingsInvalid for a language whose extra is not installed."""

    def __init__(self, languages: Iterable[ScriptLanguage]) -> None:
        self._processes = {language: ScriptProcesses(language) for language in languages}
        for language in self._processes:
            module, extra = _NEEDS[language]
            if importlib.util.find_spec(module) is None:
                raise SettingsInvalid(
                    f"Expected what runs {language} scripts to be installed, because the setting scripts names it, "
                    f"but {module} is missing: pip install 'bpmn-runner[{extra}]'."
                )

    @property
    def handlers(self) -> list[Handler]:
        """Give a handler for each language."""
        return [Handler(language.topic, _runs(processes)) for language, processes in self._processes.items()]

    def close(self) -> None:
        """End the processes."""
        for processes in self._processes.values():
            processes.close()


def _runs(processes: ScriptProcesses) -> Callable[[Job], dict[str, Any]]:
    def run_script(job: Job) -> dict[str, Any]:
        """Run the script of a script task. Raises PermanentFailure, at a line of the file: it would fail again."""
        facts = {
            "processInstanceId": job.instance_id,
            "processBusinessKey": job.business_key,
            "currentActivityId": job.element_id,
        }
        text, first = job.headers[TEXT], int(job.headers[LINE])
        answer = processes.run(text, job.variables, facts)
        if answer.code is not None:
            raise BpmnError(answer.code, answer.error or "")
        if answer.error is not None:
            raise PermanentFailure(_located(answer.error, text, first, answer.line))
        result = {job.headers[RESULT]: answer.result} if RESULT in job.headers else {}
        return {**answer.variables, **result}

    return run_script


def _located(message: str, text: str, first: int, line: int | None) -> str:
    lines = text.split("\n")
    if not line or line > len(lines):
        return message
    place = f"line {line} of the script" + (f", {first + line - 1} of the file" if first else "")
    return f"{message} ({place}): {lines[line - 1].strip()[:200]}"
