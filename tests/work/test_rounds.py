"""A thread that goes round outlives a round that fails, whatever the reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import chain

from runner import Runner, handler
from runner.errors import DatabaseUnusable
from runner.work import worker as worker_module
from runner.work.rounds import TROUBLE_SECONDS, one_round


def raising(error: Exception) -> float:
    """Fail a round."""
    raise error


@pytest.mark.parametrize("error", [DatabaseUnusable("the disk is full"), KeyError("a defect")])
def test_a_round_that_fails_is_logged_and_followed_by_a_pause(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    assert one_round(lambda: raising(error), action="round_failed") == TROUBLE_SECONDS
    assert [record.action for record in caplog.records] == ["round_failed"]  # type: ignore[attr-defined]


def test_a_round_that_succeeds_says_how_long_to_pause() -> None:
    assert one_round(lambda: 0.25, action="round_failed") == 0.25


def test_a_worker_goes_on_claiming_after_a_defect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @handler("a")
    def a() -> None: ...

    real, failed = worker_module.claim_jobs, []

    def broken_once(*arguments: object, **named: object) -> object:
        if not failed:
            failed.append(True)
            raise KeyError("a defect")
        return real(*arguments, **named)  # type: ignore[arg-type]

    (tmp_path / "p.bpmn").write_bytes(chain(["a"]))
    url = f"sqlite:///{tmp_path}/x.db"
    with Runner(url, [a], work=False) as first:
        first.deploy(tmp_path / "p.bpmn")
        instance_id = first.start("p").id
    monkeypatch.setattr(worker_module, "claim_jobs", broken_once)

    with Runner(url, [a]) as runner:
        assert runner.instance(instance_id).wait(15) and failed
