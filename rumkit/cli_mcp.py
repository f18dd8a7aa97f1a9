"""The command `mcp`: the tools for an agent, over standard input and output or over loopback."""

from __future__ import annotations

import argparse
import signal

from rumkit.cli_options import add_timeout
from rumkit.cli_output import say
from rumkit.extras import require

_PORT = 8765
_LOOPBACK = "127.0.0.1"


def add_options(command: argparse.ArgumentParser) -> None:
    """Add how it is reached, and what a call that names nothing is about."""
    command.add_argument(
        "--http", action="store_true",
        help=f"streamable HTTP on {_LOOPBACK}, in place of standard input and output",
    )  # fmt: skip
    command.add_argument(
        "--port", type=_port, default=_PORT, help=f"of --http (default: {_PORT}; path /mcp)"
    )
    command.add_argument("--profile", help="AWS profile of calls that name none")
    command.add_argument("--region", help="region of calls that name none")
    add_timeout(command)


def serve(options: argparse.Namespace) -> int:
    """Serve until the client leaves, or until Ctrl-C. Raises BadInput without the extra."""
    require("mcp", "rumkit mcp")
    from rumkit.mcp.server import made

    server = made(profile=options.profile, region=options.region, timeout=options.timeout)
    if options.http:
        say(f"rumkit: http://{_LOOPBACK}:{options.port}/mcp", 0)
        if hasattr(signal, "SIGHUP"):
            # The server knows how to end at SIGTERM, and nothing of a terminal that is closed.
            signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
        server.run("streamable-http", host=_LOOPBACK, port=options.port)
    else:
        server.run("stdio")
    return 0


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text} is not a port from 1 to 65535")
    return int(text)
