"""`python -m handlers.services`: listening, and refusing to."""

from __future__ import annotations

import socket
import subprocess
import sys

import httpx
import pytest

from handlers.services.__main__ import main


def test_the_command_prints_where_it_serves_and_serves_there() -> None:
    command = [sys.executable, "-m", "handlers.services", "--port", "0", "--escape", "Mewtwo"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().removeprefix("Services on ").strip()
            assert httpx.get(f"{url}/hello", trust_env=False).text == "Hello Professor Oak!"
        finally:
            server.terminate()


def test_a_port_in_use_is_one_sentence_and_exit_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["--port", str(port)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"Expected to listen on 127.0.0.1:{port}, but: ")
    assert said.err.endswith("choose another port with --port.\n")


@pytest.mark.parametrize("port", ["65536", "-1", "http"])
def test_an_impossible_port_is_exit_status_2(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main([f"--port={port}"])
    assert refused.value.code == 2
    assert f"Expected a port between 0 and 65535, but got '{port}'" in capsys.readouterr().err


def test_a_broken_setting_is_one_sentence_and_exit_status_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POKEMON_DEMO_SECONDS", "ages")
    assert main(["--port", "0"]) == 2
    assert "POKEMON_DEMO_SECONDS" in capsys.readouterr().err
