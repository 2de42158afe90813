"""`runner worker` says what it works on, and refuses in a sentence what it cannot; stopping it is shown by
`tests/acceptance/test_shared_work.py`."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from runner.cli import cli


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--topics", ","], "Expected --topics to name topics, separated by commas, but got ','."),
        (["--topics", ""], "Expected --topics to name topics, separated by commas, but got ''."),
        (["--threads", "0"], "Expected a usable setting 'threads', but the option says 0"),
        (["--database", "mysql://x"], "Expected a SQLite or PostgreSQL database, but got 'mysql'"),
    ],
)
def test_what_a_worker_cannot_do_is_a_sentence_and_exit_2(arguments: list[str], sentence: str) -> None:
    result = CliRunner().invoke(cli, ["worker", *arguments])

    assert (result.exit_code, sentence in result.stderr) == (2, True)
