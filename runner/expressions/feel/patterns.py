"""Regular expressions in linear time: XPath's dialect (XQuery and XPath Functions 3.1 §5.6) carried out by RE2.

What RE2 cannot do in linear time (back references, look-around) has no value here."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import re2

from runner.expressions.feel.values import NoValue
from runner.expressions.run import Run

_CACHED = 64
_MEMORY = 1 << 20  # bytes of one compiled pattern
_A_MATCH = 40  # steps
_COMPILING = 5_000  # steps; the largest pattern takes about 10 ms
_LONGEST_PATTERN = 2_000
_FLAGS = frozenset("smixq")
_REFERENCE = re.compile(r"\\(.)|\$(\d)", re.DOTALL)
_BLOCKS = {"IsBasicLatin": r"\x00-\x7F", "IsLatin-1Supplement": r"\x{80}-\x{FF}", "IsGreek": r"\x{370}-\x{3FF}"}
_BLOCK = re.compile(r"\\p\{(Is[\w-]+)\}")
_SUBTRACTION = re.compile(r"\[([^\[\]\\^]+)-\[([^\[\]\\^]+)\]\]")
_LARGEST_CLASS = 1_000


def matches(text: str, pattern: str, flags: str, run: Run) -> bool:
    """Tell whether the pattern occurs in the text. Raises NoValue for a pattern that cannot be used."""
    return _ready(pattern, flags, text, run).search(text) is not None


def found_in(text: str, pattern: str, run: Run) -> list[str]:
    """Give every occurrence of the pattern. Raises NoValue."""
    found: list[str] = []
    for match in _ready(pattern, "", text, run).finditer(text):
        run.take(_A_MATCH)
        found.append(match.group(0))
    run.items(len(found))
    return found


def split_at(text: str, pattern: str, run: Run) -> list[str]:
    """Give the stretches between occurrences of the pattern. Raises NoValue."""
    pieces, end = [], 0
    for match in _ready(pattern, "", text, run).finditer(text):
        run.take(_A_MATCH)
        if match.end() > match.start():
            pieces.append(text[end : match.start()])
            end = match.end()
    run.items(len(pieces) + 1)
    return [*pieces, text[end:]]


def replaced(text: str, pattern: str, replacement: str, flags: str, run: Run) -> str:
    """Replace every occurrence; $1 is its first group. Raises NoValue, also if the pattern matches the empty text."""
    compiled = _ready(pattern, flags, text, run)
    if compiled.search("") is not None:
        raise NoValue("Expected a pattern that does not match the empty text in replace(…).")
    pieces: list[str] = []
    end = length = 0
    for match in compiled.finditer(text):
        new = replacement if "q" in flags else _filled(replacement, match)
        pieces += (text[end : match.start()], new)
        length += match.start() - end + len(new)
        end = match.end()
        run.take(_A_MATCH)
        if length > len(text):
            run.string(length)
    result = "".join([*pieces, text[end:]])
    run.string(len(result))
    return result


def _filled(replacement: str, match: Any) -> str:
    def part(reference: re.Match[str]) -> str:
        if reference[2] is None:
            return reference[1]
        number = int(reference[2])
        return (match.group(number) or "") if number <= match.re.groups else ""

    return _REFERENCE.sub(part, replacement) if "$" in replacement or "\\" in replacement else replacement


def _ready(pattern: str, flags: str, text: str, run: Run) -> Any:
    """Give the compiled pattern, paying for it and for going through `text` with it."""
    if run.first((pattern, flags)):
        run.take(_COMPILING)
    compiled = _compiled(pattern, flags)
    if compiled is None:
        raise NoValue(
            f"Expected a regular expression that runs in linear time (no back references, no look-around), "
            f"but it is '{pattern}'."
        )
    run.scan(len(text) * compiled.programsize)
    return compiled


@lru_cache(maxsize=_CACHED)
def _compiled(pattern: str, flags: str) -> Any:
    if not _FLAGS.issuperset(flags):
        raise NoValue(f"Expected flags out of s, m, i, x and q, but they are '{flags}'.")
    if len(pattern) > _LONGEST_PATTERN:
        raise NoValue(f"Expected a pattern of at most {_LONGEST_PATTERN:,} characters.")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    options.case_sensitive = "i" not in flags
    options.literal = "q" in flags
    translated = pattern if "q" in flags else _translated(pattern, flags)
    try:
        return re2.compile(translated, options)
    except re2.error:
        return None


def _translated(pattern: str, flags: str) -> str:
    """Rewrite what XPath means differently: "." stops at carriage returns, too; x drops blanks; block names."""
    pieces: list[str] = []
    in_class = escaped = False
    for each in _SUBTRACTION.sub(_difference, pattern):
        if each.isspace() and "x" in flags and not in_class:
            continue
        if escaped and each.isdigit():
            raise NoValue("Expected a regular expression without back references, but it has one.")
        if not escaped and each in "[]":
            in_class = each == "["
        dot = each == "." and not escaped and not in_class
        pieces.append(("(?s:.)" if "s" in flags else r"[^\n\r]") if dot else each)
        escaped = each == "\\" and not escaped
    translated = _BLOCK.sub(lambda match: f"[{_BLOCKS.get(match[1], match[1])}]", "".join(pieces))
    return f"(?m){translated}" if "m" in flags else translated


def _difference(match: re.Match[str]) -> str:
    """Write out a class such as [a-z-[aeiou]], which RE2 does not know."""
    left = sorted(_members(match[1]) - _members(match[2]))
    if not 0 < len(left) <= _LARGEST_CLASS:
        raise NoValue(f"Expected a class of 1 to {_LARGEST_CLASS:,} characters, but it has {len(left):,}.")
    return f"[{''.join(re.escape(each) for each in left)}]"


def _members(text: str) -> set[str]:
    ranges = re.findall(r"(.)-(.)|(.)", text, re.DOTALL)
    return {chr(code) for first, last, one in ranges for code in range(ord(first or one), ord(last or one) + 1)}
