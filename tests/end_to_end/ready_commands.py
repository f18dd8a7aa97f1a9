"""`rumkit` and `aws` as a person starts them, without the half second of imports each time.

A process that has imported the command forks for every call: arguments, environment, folder,
streams, exit and signals are those of a process of its own. What imports do, or the variables
that Python itself reads, is tested with a command that is really started.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

BIN = Path(sys.executable).parent
# The services that printed fixes configure.
_SERVICES = ("iam", "rum", "cognito-identity")
_KINDS = ("service-2", "paginators-1", "waiters-2", "endpoint-rule-set-1")


# What Python itself reads when it starts, and no process can be given later.
_FIXED = ("PYTHON", "LANG", "LC_")


def run(argv, *, env, cwd=None, timeout=120):
    """Run `rumkit` or `aws` as `subprocess.run` does, with what it printed as text."""
    if any(_at_start(env, name) != _at_start(os.environ, name) for name in {*env, *os.environ}):
        return subprocess.run(
            [str(BIN / argv[0]), *argv[1:]], env=env, cwd=cwd, capture_output=True, text=True,
            timeout=timeout, check=False,
        )  # fmt: skip
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        with Path(os.devnull).open("rb") as nothing:
            streams = [nothing.fileno(), out.fileno(), err.fileno()]
            code = _asked(_address(argv[0]), argv, env, str(cwd or Path.cwd()), streams, timeout)
        texts = [_read(stream) for stream in (out, err)]
    return subprocess.CompletedProcess(list(argv), code, *texts)


def _at_start(env, name):
    return env.get(name) if name.startswith(_FIXED) else None


def folder_with_aws():
    """Return a folder for PATH whose `aws` is forked; a shell starts it as any other."""
    return _stub(_address("aws"))


def _read(stream):
    stream.seek(0)
    return stream.read().decode().replace("\r\n", "\n")


def _asked(address, argv, env, cwd, streams, timeout):
    """Have a command run with these streams, and return its exit code."""
    with socket.socket(socket.AF_UNIX) as call:
        call.settimeout(timeout)
        call.connect(address)
        socket.send_fds(call, [b"!"], streams)
        call.sendall(json.dumps([list(argv[1:]), dict(env), cwd]).encode())
        call.shutdown(socket.SHUT_WR)
        child = 0
        try:
            with call.makefile() as answers:
                child = int(answers.readline())
                return int(answers.readline())
        except TimeoutError:
            if child:
                os.kill(child, signal.SIGKILL)
            raise subprocess.TimeoutExpired(argv, timeout) from None


@cache
def _address(name):
    """Start the process that forks, once; it ends with this one."""
    folder = tempfile.TemporaryDirectory(prefix="ready-")
    address = f"{folder.name}/{name}"
    server = subprocess.Popen(
        [sys.executable, __file__, name, address],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder.name,
    )  # fmt: skip
    assert server.stdout.readline(), f"{name} cannot be imported"

    def end():
        server.stdin.close()
        server.wait()
        server.stdout.close()
        folder.cleanup()

    atexit.register(end)
    return address


@cache
def _stub(address):
    folder = Path(address).with_name("bin")
    folder.mkdir()
    stub = folder / "aws"
    stub.write_text(
        f"#!{sys.executable} -IS\n"
        "import json, os, socket, sys\n"
        "call = socket.socket(socket.AF_UNIX)\n"
        f"call.connect({address!r})\n"
        "socket.send_fds(call, [b'!'], [0, 1, 2])\n"
        "call.sendall(json.dumps([sys.argv[1:], dict(os.environ), os.getcwd()]).encode())\n"
        "call.shutdown(socket.SHUT_WR)\n"
        "sys.exit(int(call.makefile().read().split()[1]))\n"
    )
    stub.chmod(0o755)
    return str(folder)


def _serve(name, address):
    """Fork for every call, until standard input closes; return what a child has to call."""
    before = dict(os.environ)
    main = {"rumkit": _rumkit, "aws": _aws}[name]()
    # The `aws` command sets a variable of its own when it is imported.
    added = {key: text for key, text in os.environ.items() if before.get(key) != text}
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            call = _next(listening)
            if call is None:
                return None
            if os.fork() == 0:
                listening.close()
                break
            call.close()
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
    _become(name, call, added)
    return main


def _rumkit():
    """Import what `rumkit` imports before it asks anybody, and nothing of the sandbox."""
    import boto3  # noqa: F401

    import rumkit.aws.session
    import rumkit.runner  # noqa: F401
    from rumkit.cli import main

    return main


def _aws():
    """Import `aws`, and read once the descriptions of services that every call reads."""
    from awscli import clidriver
    from awscli.botocore import loaders
    from botocore.exceptions import DataNotFoundError

    session = clidriver.create_clidriver().session
    session.get_available_services()
    known = session.get_component("data_loader")
    for service in _SERVICES:
        for kind in _KINDS:
            with contextlib.suppress(DataNotFoundError):
                known.load_service_model(service, kind)
    begin = loaders.Loader.__init__

    def knowing(self, *arguments, **options):
        begin(self, *arguments, **options)
        self._cache.update(known._cache)

    loaders.Loader.__init__ = knowing
    return clidriver.main


def _next(listening):
    """Return the next call, or None when nobody can make one any more."""
    import select

    ready, _, _ = select.select([listening, 0], [], [])
    return None if 0 in ready else listening.accept()[0]


def _become(name, call, added):
    """Fork once more: one waits for the command and tells its exit code, the other becomes it."""
    _, streams, _, _ = socket.recv_fds(call, 1, 3)
    with call.makefile() as told:
        argv, env, cwd = json.load(told)
    child = os.fork()
    if child:
        call.sendall(f"{child}\n".encode())
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        with contextlib.suppress(OSError):
            call.sendall(f"{code}\n".encode())
        os._exit(0)
    call.close()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(env | added)
    os.chdir(cwd)
    sys.argv = [str(BIN / name), *argv]
    sys.path[0] = str(BIN)


if __name__ == "__main__":
    command = _serve(*sys.argv[1:])
    sys.exit(command() if command else 0)
