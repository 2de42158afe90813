"""FEEL: regular expressions are XPath's (XQuery and XPath Functions 3.1 §5.6), in linear time."""

from __future__ import annotations

from typing import Any

import pytest
from unit.expressions.asking import feel, warnings_of


@pytest.mark.parametrize(
    ("text", "pattern", "flags", "value"),
    [
        ("é", r"^\w$", "", True),
        ("é", r"^[\w]$", "", True),
        ("é", r"^[^\w]$", "", False),
        ("-", r"^[\W]$", "", True),
        ("٣", r"^\d$", "", True),
        ("a:b", r"^\i\c*$", "", True),
        ("1a", r"^\i\c*$", "", False),
        ("1", r"^\I$", "", True),
        ("m", r"\p{Lu}", "i", False),
        ("m", "[A-Z]", "i", True),
        ("x", "[A-Z-[OI]]", "i", True),
        ("hello world", r"hello\ sworld", "x", True),
        ("helloworld", "hello[ ]world", "x", False),
        ("a.b", "a.b", "q", True),
        ("axb", "a.b", "q", False),
        ("a\rb", "a.b", "", False),
        ("a\nb", "a.b", "s", True),
        ("a\n", "^$", "m", False),
        ("\na\n", "^$", "m", True),
    ],
)
def test_classes_and_flags_mean_what_they_do_in_xpath(text: str, pattern: str, flags: str, value: bool) -> None:
    assert feel("matches(text, pattern, flags)", text=text, pattern=pattern, flags=flags) is value


@pytest.mark.parametrize(
    ("pattern", "replacement", "value"),
    [
        ("(b)", "[$1]", "a[b]c"),
        ("(b)", "[$12]", "a[b2]c"),
        ("(b)", "[$2]", "a[]c"),
        ("b", "$0$0", "abbc"),
        ("b", r"\$", "a$c"),
        ("b", "\\\\", "a\\c"),
        ("b", "$", None),
        ("b", "\\", None),
        ("b", r"\n", None),
        ("b?", "x", None),
    ],
)
def test_a_replacement_names_groups_and_escapes_signs(pattern: str, replacement: str, value: Any) -> None:
    assert feel("replace(text, pattern, new)", text="abc", pattern=pattern, new=replacement) == value


@pytest.mark.parametrize("pattern", [r"(.)\1", "(?=a)", "[", "a{2,1}"])
def test_what_cannot_be_matched_in_linear_time_is_null_with_a_warning(pattern: str) -> None:
    assert feel("matches(text, pattern)", text="aa", pattern=pattern) is None
    assert "Expected a regular expression" in warnings_of("matches(text, pattern)", text="aa", pattern=pattern)[0]
