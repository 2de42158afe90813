"""JUEL: the arguments of a bean's call, taken apart."""

from __future__ import annotations

import pytest

from runner.expressions.juel.calls import call_arguments


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("${bean.call(a)}", ("${a}",)),
        ("#{ bean.call( a , b.c[1] ) }", ("${a}", "${b.c[1]}")),
        (
            "${bean.call(f(1, 2), 'x, y', (a), a > 1 ? 2 : 3)}",
            ("${f(1, 2)}", "${'x, y'}", "${(a)}", "${a > 1 ? 2 : 3}"),
        ),
        ("${bean.call()}", ()),
        ("${bean.call(a)} and more", ()),
        ("${bean.call(a).more}", ()),
        ("${bean}", ()),
        ("${call(a)}", ()),
        ("bean.call(a)", ()),
        ("${bean.call(a}", ()),
    ],
)
def test_arguments_are_expressions_of_their_own(text: str, arguments: tuple[str, ...]) -> None:
    assert call_arguments(text) == arguments
