"""A sandbox's environment in force, an investigation of it, and commands against it."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from pathlib import Path

import pytest
import ready_commands  # type: ignore[import-not-found]

import rumkit
from rumkit.sandbox.runner import start

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


@functools.cache
def found_at_first(scenario):
    """Return what is found in a scenario as it begins; many tests begin with it, none changes it.

    What is applied to a sandbox afterwards is applied to one of the test's own.
    """
    with start(scenario) as sandbox:
        return investigate_in(sandbox)


def each_scenario(names):
    """Run a test for each name; all tests of a name in one process, which then looks once."""
    own = [pytest.param(name, marks=pytest.mark.xdist_group(f"scenario {name}")) for name in names]
    return pytest.mark.parametrize("name", own)


def run(sandbox, *argv, **extra):
    """Run a command of the project's environment against a sandbox."""
    env = {**sandbox.environment, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", **extra}
    env = {name: value for name, value in env.items() if value is not None}
    return ready_commands.run(argv, env=env)
