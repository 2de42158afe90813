"""Durations and retry cycles as diagrams write them: ISO 8601 with fixed lengths, no years and months."""

from __future__ import annotations

import re
from datetime import timedelta

from runner.errors import ExpressionInvalid
from runner.retry import RetryRule

_NUMBER = r"(\d{1,9}(?:[.,]\d{1,6})?)"
_DURATION = re.compile(
    rf"P(?=[\dT])(?:{_NUMBER}W)?(?:{_NUMBER}D)?(?:T(?=\d)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?", re.ASCII
)
_CYCLE = re.compile(r"R(\d{0,9})/(P[^/]*)", re.ASCII)
_UNITS = ("weeks", "days", "hours", "minutes", "seconds")


def parse_duration(text: str) -> timedelta:
    """Read "PT10S", "P1DT12H", "P2W" (ISO 8601-1 §5.5.2).

    Raises ExpressionInvalid, also for years and months: they have no fixed length.
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ExpressionInvalid(
            f"Expected a duration like PT10S, PT5M or P1D (no years or months), but got '{text.strip()}'."
        )
    parts = (float((part or "0").replace(",", ".")) for part in match.groups())
    try:
        return timedelta(**dict(zip(_UNITS, parts, strict=True)))
    except OverflowError as error:
        raise ExpressionInvalid(f"Expected a duration of less than 2,700,000 years, but got '{text}'.") from error


def parse_retry_cycle(text: str) -> RetryRule:
    """Read "R3/PT10S" (three attempts in all), "R/PT10S" (no limit of its own) or "PT10S,PT1M" (a pause after each
    failed attempt, so one attempt more than pauses). "R0/…" is one attempt, as in Camunda. Raises ExpressionInvalid.

    Source: Camunda 7 docs, User Guide > The Job Executor > Failed Jobs > Retry Intervals.
    """
    text = text.strip()
    match = _CYCLE.fullmatch(text)
    if match is None:
        intervals = tuple(parse_duration(part) for part in text.split(","))
        return RetryRule(max_attempts=len(intervals) + 1, intervals=intervals)
    repeats, pause = match.groups()
    return RetryRule(max_attempts=max(1, int(repeats)) if repeats else None, intervals=(parse_duration(pause),))


def parse_timeout(text: str) -> timedelta:
    """Read a duration that is longer than nothing. Raises ExpressionInvalid."""
    timeout = parse_duration(text)
    if not timeout:
        raise ExpressionInvalid(f"Expected a timeout longer than zero, but got '{text.strip()}'.")
    return timeout


def parse_intervals(text: str) -> tuple[timedelta, ...]:
    """Read the pauses between attempts: one duration or a list of them. Raises ExpressionInvalid."""
    return tuple(parse_duration(part) for part in text.split(","))
