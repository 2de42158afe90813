"""Handlers are plain functions with a mark; a registry finds them wherever they are, and says what is wrong."""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel

from runner import BpmnError, Handler, HandlerRegistry, PermanentFailure, Postpone, RetryPolicy, form, handler
from runner.errors import HandlersInvalid


@handler("heal")
def heal(n: int) -> dict[str, int]:
    return {"n": n + 1}


@handler("rest", timeout=timedelta(minutes=1), retry=RetryPolicy(max_attempts=3))
def rest() -> None:
    """Do nothing."""


def plain() -> None:
    """Do nothing, unmarked."""


class Unnamed:
    def __call__(self) -> None:
        """Do nothing."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a folder on the Python path; what is imported from it is forgotten afterwards."""
    known = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in set(sys.modules) - known:
        del sys.modules[name]


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("from runner import handler\n" + text, "utf-8")
    importlib.invalidate_caches()
    return path


def topics(*sources: Any) -> set[str]:
    return set(HandlerRegistry.load(sources).topics)


def test_a_marked_function_is_still_that_function() -> None:
    def own() -> None: ...

    assert handler("x")(own) is own
    assert heal(1) == {"n": 2}


def test_a_handler_has_ten_seconds_and_endless_retries_unless_it_says_otherwise() -> None:
    found = HandlerRegistry.load([heal, rest])
    defaults, own = found.get("heal"), found.get("rest")
    assert defaults is not None and own is not None
    assert (defaults.timeout, defaults.retry) == (timedelta(seconds=10), RetryPolicy())
    assert (own.timeout, own.retry.max_attempts) == (timedelta(minutes=1), 3)


@pytest.mark.parametrize("topic", ["", "  ", None, heal])
def test_a_mark_without_a_topic_is_refused(topic: Any) -> None:
    with pytest.raises(TypeError, match=r'Expected @handler\("topic"\)'):
        handler(topic)


def test_handlers_are_found_in_functions_modules_registries_and_records() -> None:
    module = ModuleType("somewhere")
    module.__dict__["rest"] = rest
    assert topics(heal, module) == {"heal", "rest"}
    assert topics(Handler("other", plain)) == {"other"}
    assert topics(*HandlerRegistry.load([heal, rest])) == {"heal", "rest"}
    assert topics(HandlerRegistry.load([heal]), rest) == {"heal", "rest"}


def test_an_unmarked_function_serves_the_topic_of_its_name() -> None:
    assert topics(plain) == {"plain"}


@pytest.mark.parametrize("source", [functools.partial(plain), Unnamed()])
def test_what_has_no_name_needs_a_topic(source: Any) -> None:
    with pytest.raises(HandlersInvalid, match=r"Expected a function, .*Handler\("):
        HandlerRegistry.load([source])
    assert topics(Handler("named", source)) == {"named"}


def test_what_has_no_name_can_be_named_in_messages() -> None:
    assert "partial" in Handler("named", functools.partial(plain)).place
    assert heal.__module__ + ".heal" == Handler("heal", heal).place


def test_a_package_is_searched_in_depth_but_its_main_is_not_run(folder: Path) -> None:
    written(folder / "shop" / "__init__.py", "")
    written(folder / "shop" / "orders.py", "@handler('order')\ndef order(): ...")
    written(folder / "shop" / "__main__.py", "raise SystemExit('must not run')")
    assert topics("shop") == {"order"}


def test_a_file_is_loaded_by_its_path_and_may_use_its_own_annotations(folder: Path) -> None:
    path = written(
        folder / "deep" / "one.py",
        "from dataclasses import dataclass\n@dataclass\nclass A:\n    n: 'int'\n@handler('one')\ndef one(a: 'A'): ...",
    )
    assert topics(path) == topics(str(path)) == {"one"}


def test_the_same_function_may_be_found_twice() -> None:
    assert topics(heal, heal, HandlerRegistry.load([heal])) == {"heal"}


def test_two_functions_for_one_topic_are_refused_naming_both() -> None:
    def again() -> None: ...

    with pytest.raises(HandlersInvalid, match=r"'heal' is claimed by .*heal and .*again"):
        HandlerRegistry.load([heal, handler("heal")(again)])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("import no_such_library", "needs 'no_such_library'"),
        ("1 / 0", "it raised ZeroDivisionError: division by zero"),
        ("def (", "it raised SyntaxError"),
        ("raise SystemExit(0)", "it raised SystemExit: 0"),
        ("x = 1", "no function there is marked"),
    ],
)
def test_a_module_that_cannot_be_used_is_refused_with_its_reason(folder: Path, text: str, sentence: str) -> None:
    written(folder / "broken_handlers.py", text)
    with pytest.raises(HandlersInvalid) as refused:
        HandlerRegistry.load(["broken_handlers"])
    assert "'broken_handlers'" in str(refused.value)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("no_such_module", "there is no module 'no_such_module'"),
        ("no.such.module", "there is no module 'no.such.module'"),
        ("gone.py", "there is no file 'gone.py'"),
        ("", "Expected"),
        (42, "'42'"),
    ],
)
def test_a_source_that_is_not_there_is_refused(source: Any, sentence: str) -> None:
    with pytest.raises(HandlersInvalid, match=sentence):
        HandlerRegistry.load([source])


def test_a_misspelled_module_is_told_its_neighbours(folder: Path) -> None:
    written(folder / "pokemon_rules.py", "")
    with pytest.raises(HandlersInvalid, match="Did you mean 'pokemon_rules'"):
        HandlerRegistry.load(["pokemon_rule"])


def test_a_misspelled_module_is_not_taken_for_one_of_python_itself() -> None:
    with pytest.raises(HandlersInvalid) as refused:
        HandlerRegistry.load(["dataclasse"])
    assert "'dataclasses'" not in str(refused.value)


def test_a_handler_of_a_lone_file_is_placed_by_the_name_of_the_file(folder: Path) -> None:
    written(folder / "shop_floor.py", "from runner import handler\n\n@handler('x')\ndef pack() -> None: ...\n")
    assert HandlerRegistry.load([str(folder / "shop_floor.py")]).get("x").place == "shop_floor.pack"


def test_endings_say_what_they_carry() -> None:
    assert str(BpmnError("ESCAPED", "it fled", {"n": 1})) == "ESCAPED: it fled"
    assert str(BpmnError("ESCAPED")) == "ESCAPED"
    assert str(Postpone(timedelta(minutes=1))) == "postponed for 0:01:00"
    assert str(Postpone(timedelta(minutes=1), "asleep")) == "asleep"
    assert not issubclass(PermanentFailure, BpmnError)


@form("both")
@form("one")
class Marked(BaseModel):
    n: int


class Inheriting(Marked):
    m: int


def test_a_marked_model_is_still_that_model_and_a_form_of_each_name() -> None:
    registry = HandlerRegistry.load([Marked])
    assert Marked(n=1).n == 1
    assert (registry.form("x", "one"), registry.form("both"), registry.form("x"), len(registry)) == (
        Marked,
        Marked,
        None,
        0,
    )


def test_models_are_found_in_modules_and_registries_but_not_what_inherits_from_them() -> None:
    module = ModuleType("shop")
    module.__dict__.update(Marked=Marked, Inheriting=Inheriting, heal=heal)
    registry = HandlerRegistry.load([HandlerRegistry.load([module])])
    assert ({each.name for each in registry.forms}, registry.topics) == ({"one", "both"}, {"heal"})
    assert registry.form("one") is Marked


def test_a_name_has_one_model() -> None:
    other = form("one")(type("Other", (BaseModel,), {}))
    with pytest.raises(HandlersInvalid, match=r"one model per form, but 'one'"):
        HandlerRegistry.load([Marked, other])


@pytest.mark.parametrize("wrong", [lambda: form(""), lambda: form("x")(int), lambda: form("x")(heal)])
def test_only_a_pydantic_model_with_a_name_is_a_form(wrong: Any) -> None:
    with pytest.raises(TypeError, match="Expected @form"):
        wrong()
