"""`python -m handlers.services`: the three teams' services and Professor Oak's API on one port, until Ctrl+C."""

from __future__ import annotations

import argparse
import socket
import sys
from collections.abc import Sequence

from waitress import create_server

from handlers.services.server import create_app
from handlers.services.settings import ServiceSettings
from runner import PermanentFailure


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted and give the exit status: 0, or 2 with one sentence if it cannot start."""
    options = _options(arguments)
    try:
        seconds = ServiceSettings.from_environment().demo_seconds
        listening = _listen(options.host, options.port)
    except PermanentFailure as error:
        return _refuse(str(error))
    except OSError as error:
        reason = str(error.strerror).partition(" (")[0]  # without the address, which is in the sentence already
        return _refuse(
            f"Expected to listen on {options.host}:{options.port}, but: {reason}. "
            "Stop what listens there, or choose another port with --port."
        )
    with listening:
        server = create_server(create_app(escaping=frozenset(options.escape), seconds=seconds), sockets=[listening])
        host = f"[{options.host}]" if ":" in options.host else options.host
        print(f"Services on http://{host}:{server.effective_port}", flush=True)
        print("POST /paralyze, /cure, /attack, /heal, /throw and GET /hello; Ctrl+C stops them.", flush=True)
        server.run()
    return 0


def _listen(host: str, port: int) -> socket.socket:
    # Not left to waitress: when it cannot have the port, it leaves its half-made sockets open.
    return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m handlers.services",
        description="Serve the status, combat and Pokéball services and Professor Oak's API over HTTP.",
        epilog="Point the handlers here with POKEMON_STATUS_URL, POKEMON_COMBAT_URL, POKEMON_POKEBALL_URL and OAK_URL.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=8600, help="port; 0 takes any free one (default: %(default)s)")
    parser.add_argument(
        "--escape", action="append", default=[], metavar="NAME", help="Pokémon that breaks out of each ball; repeatable"
    )
    return parser.parse_args(arguments)


def _port(text: str) -> int:
    # Checked here because the C library takes a larger number modulo 65536 and listens somewhere unexpected.
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"Expected a port between 0 and 65535, but got {text!r}.")
    return int(text)


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
