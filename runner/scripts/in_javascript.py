"""JavaScript, carried out by mini-racer (V8): no modules, files or network; `execution` as Camunda 7 has it."""

from __future__ import annotations

import json
import re
from typing import Any

from py_mini_racer import JSEvalException, JSOOMException, JSParseException, JSTimeoutException, MiniRacer

from runner.scripts.answers import Answer, Request

SECONDS = 1.0
MEMORY = 48 << 20
_PLACE = re.compile(r"<anonymous>:(\d+)")
_PRELUDE = """
((text) => {
  const {variables, facts} = JSON.parse(text);
  const changed = Object.create(null);
  const thrown = [];
  const copy = (value) => value === undefined ? null : JSON.parse(JSON.stringify(value));
  const has = (name) => Object.prototype.hasOwnProperty.call(variables, name);
  const execution = {
    getVariable: (name) => has(name) ? variables[name] : null,
    hasVariable: has,
    getVariables: () => copy(variables),
    getVariableNames: () => Object.keys(variables),
    setVariable: (name, value) => { variables[name] = changed[name] = copy(value); },
    setVariables: (all) => { for (const name of Object.keys(all)) execution.setVariable(name, all[name]); },
    getBusinessKey: () => facts.processBusinessKey,
    getId: () => facts.processInstanceId,
  };
  for (const [local, name] of [["getVariableLocal", "getVariable"], ["setVariableLocal", "setVariable"],
                               ["hasVariableLocal", "hasVariable"]]) execution[local] = execution[name];
  for (const name of Object.keys(facts)) execution["get" + name[0].toUpperCase() + name.slice(1)] = () => facts[name];
  class BpmnError extends Error {
    constructor(code, message) {
      super(message === undefined ? "" : String(message));
      this.name = "BpmnError";
      thrown.push([String(code), this.message]);
    }
  }
  const quiet = () => undefined;
  const delegate = {BpmnError};
  const known = {
    execution, BpmnError, print: quiet, console: {log: quiet, info: quiet, warn: quiet, error: quiet},
    org: {camunda: {bpm: {engine: {delegate}}}},
    Java: {type: (name) => {
      if (name === "org.camunda.bpm.engine.delegate.BpmnError") return BpmnError;
      throw new Error("Expected a script without Java classes, but it asks for " + name + ": write a handler for it");
    }},
  };
  for (const name of Object.keys(variables)) globalThis[name] = variables[name];
  Object.assign(globalThis, known);
  const write = JSON.stringify;
  return (value) => {
    if (value !== null && typeof value === "object" && typeof value.then === "function")
      throw new Error("Expected a value, but the script gives a promise");
    return write({result: value === undefined ? null : value, variables: changed, thrown});
  };
})
//# sourceURL=runner"""


class Engine:
    """Runs scripts, one after the other, each in an isolate of its own."""

    def run(self, request: Request) -> Answer:
        """Run a script whose globals are the variables; what `execution.setVariable` sets comes back."""
        context = MiniRacer()
        try:
            begin: Any = context.eval(_PRELUDE)
            collect = begin(json.dumps({"variables": request.variables, "facts": request.facts}))
            try:
                result = context.eval(request.text, timeout_sec=SECONDS, max_memory=MEMORY)
                ended = json.loads(str(collect(result)))
            except (JSTimeoutException, JSOOMException):
                raise
            except JSEvalException as error:
                return _failed(str(error), json.loads(str(collect(None)))["thrown"])
            return Answer(result=ended["result"], variables=ended["variables"])
        except JSTimeoutException:
            return Answer(error=f"TimeoutError: the script ran longer than {SECONDS:g} s")
        except JSOOMException:
            return Answer(error=f"MemoryError: the script needed more than {MEMORY >> 20} MB")
        except (JSParseException, JSEvalException) as error:
            return _failed(str(error), [])
        finally:
            context.close()


def _failed(told: str, thrown: list[list[str]]) -> Answer:
    # "<anonymous>:2: TypeError: x is null", then the line, a caret and the stack.
    place, first = _PLACE.search(told), told.partition("\n")[0]
    message = first.partition(": ")[2] or first
    if thrown and message.startswith(("BpmnError", "Uncaught BpmnError")):
        return Answer(code=thrown[-1][0], error=thrown[-1][1], line=0)
    return Answer(error=message, line=int(place[1]) if place else None)
