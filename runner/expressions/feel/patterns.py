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
_REFERENCE = re.compile(r"\\(.?)|\$(\d*)", re.DOTALL)
_BLOCKS = {"IsBasicLatin": r"\x00-\x7F", "IsLatin-1Supplement": r"\x{80}-\x{FF}", "IsGreek": r"\x{370}-\x{3FF}"}
_BLOCK = re.compile(r"\\p\{(Is[\w-]+)\}")
# XML Schema's classes are Unicode's, RE2's are ASCII's (XML Schema 1.1 Datatypes, appendix G.4.2.5).
_CLASSES = {
    "d": (r"\p{Nd}", r"\P{Nd}"),
    "w": (r"\p{L}\p{M}\p{N}\p{S}", r"\p{P}\p{Z}\p{C}"),
    "s": (r" \t\n\r", r"\x00-\x08\x0B\x0C\x0E-\x1F!-\x{10FFFF}"),
    "i": (r"\p{L}\p{Nl}:_", r"\x00-9;-@\[-\^`\p{P}\p{Z}\p{C}\p{M}\p{Nd}\p{No}\p{S}"),
    "c": (r"\p{L}\p{Nl}\p{Nd}\p{M}:_\-.\x{B7}", r"\x00-,/;-@\[-\^`\p{Z}\p{C}\p{No}\p{S}"),
}
_SUBTRACTION = re.compile(r"\[([^\[\]\\^]+)-\[([^\[\]\\^]+)\]\]")
_LARGEST_CLASS = 1_000


def matches(text: str, pattern: str, flags: str, run: Run) -> bool:
    """Tell whether the pattern occurs in the text. Raises NoValue for a pattern that cannot be used."""
    found = _ready(pattern, flags, text, run).search(text)
    # Line starts are not behind a line break that ends the text (XQuery and XPath Functions 3.1 §5.6.2), RE2's are.
    behind_all = found is not None and "m" in flags and found.start() == len(text) > 0
    return found is not None and not (behind_all and text[-1] == "\n" and "^" in pattern)


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
        sign, digits = reference[1], reference[2]
        if sign in ("\\", "$"):
            return sign
        if not digits:
            raise NoValue("Expected $ and the number of a group, \\$ or \\\\ in what replace(…) puts in.")
        # As many digits as there are groups for; the rest is text.
        many = next((end for end in range(min(4, len(digits)), 0, -1) if int(digits[:end]) <= match.re.groups), 0)
        return (match.group(int(digits[:many])) or "") + digits[many:] if many else digits[1:]

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
    """Rewrite what XPath means differently: dots, Unicode's classes, names of blocks, blanks with the flag x."""
    pieces: list[str] = []
    in_class = False
    text = _SUBTRACTION.sub(_difference, _without_blanks(pattern) if "x" in flags else pattern)
    for piece in re.findall(r"\\[pP]\{[^}]*\}|\\.|.", text, re.DOTALL):
        if piece in "[]" and len(piece) == 1:
            in_class = piece == "["
        pieces.append(_rewritten(piece, flags, in_class))
    translated = _BLOCK.sub(lambda match: f"[{_BLOCKS.get(match[1], match[1])}]", "".join(pieces))
    return f"(?m){translated}" if "m" in flags else translated


def _without_blanks(pattern: str) -> str:
    """Drop blanks outside classes, those behind a backslash or in braces, too (XPath Functions 3.1 §5.6.2, flag x)."""
    kept: list[str] = []
    in_class = escaped = False
    for each in pattern:
        if each.isspace() and not in_class:
            continue
        if each in "[]" and not escaped:
            in_class = each == "["
        escaped = each == "\\" and not escaped
        kept.append(each)
    return "".join(kept)


def _rewritten(piece: str, flags: str, in_class: bool) -> str:
    """Give a sign or an escape of the pattern as RE2 writes it."""
    if piece == "." and not in_class:
        return "(?s:.)" if "s" in flags else r"[^\n\r]"
    if piece[0] != "\\" or len(piece) == 1:
        return piece
    name = piece[1]
    if name.isdigit():
        raise NoValue("Expected a regular expression without back references, but it has one.")
    if name in "pP" and len(piece) > 2:
        # The case of a letter's category does not change with i.
        return f"(?-i:{piece})" if "i" in flags and not in_class and not piece[3:].startswith("Is") else piece
    if name.lower() not in _CLASSES:
        return piece
    own, other = _CLASSES[name.lower()]
    if in_class:
        return own if name.islower() else other
    return f"[{own}]" if name.islower() else f"[^{own}]"


def _difference(match: re.Match[str]) -> str:
    """Write out a class such as [a-z-[aeiou]], which RE2 does not know."""
    left = sorted(_members(match[1]) - _members(match[2]))
    if not 0 < len(left) <= _LARGEST_CLASS:
        raise NoValue(f"Expected a class of 1 to {_LARGEST_CLASS:,} characters, but it has {len(left):,}.")
    return f"[{''.join(re.escape(each) for each in left)}]"


def _members(text: str) -> set[str]:
    ranges = re.findall(r"(.)-(.)|(.)", text, re.DOTALL)
    return {chr(code) for first, last, one in ranges for code in range(ord(first or one), ord(last or one) + 1)}
