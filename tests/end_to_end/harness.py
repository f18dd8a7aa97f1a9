"""A sandbox's environment in force, an investigation of it, and commands against it."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

import ready_commands  # type: ignore[import-not-found]

import rumkit

BIN = Path(sys.executable).parent

# Nobody's credentials: variables that leave AWS's chain with nothing.
NOBODY = {
    "AWS_PROFILE": None,
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
}


@contextlib.contextmanager
def environment(variables):
    """Put a sandbox's environment in force, and the old one back."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def investigate_in(sandbox, **arguments):
    with environment(sandbox.environment):
        return rumkit.investigate(**arguments)


def run(sandbox, *argv, **extra):
    """Run a command of the project's environment against a sandbox."""
    env = {**sandbox.environment, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", **extra}
    env = {name: value for name, value in env.items() if value is not None}
    return ready_commands.run(argv, env=env)
