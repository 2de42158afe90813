"""Decisions (DMN): reading, checking and evaluating files of tables and expressions. No database, no engine."""

from __future__ import annotations

from runner.decisions.evaluation import DecisionResult, Decisions
from runner.decisions.reading import is_decision_file, load_decisions, read_decisions

__all__ = ["DecisionResult", "Decisions", "is_decision_file", "load_decisions", "read_decisions"]
