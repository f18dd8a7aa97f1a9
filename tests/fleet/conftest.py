"""Two accounts that the tests of fleets look at, each a profile of its own."""

from __future__ import annotations

import os

import fleet_sandbox  # type: ignore[import-not-found]
import pytest
import ready_commands  # type: ignore[import-not-found]

# Twenty accounts that are closed fill ListAccounts' first page.
ORGANIZATION = ",".join(
    ["111122223333:Management:ACTIVE", "666677778888:Old shop:SUSPENDED"]
    + [f"{number:012d}:Closed:CLOSED" for number in range(20)]
    + ["777788889999:Shop:ACTIVE", "888899990000:Shop:PENDING_CLOSURE"]
)
_OUTSIDE = ("AWS_PROFILE", "RUMKIT_MONITOR", "RUMKIT_PAGE", "RUMKIT_SANDBOX_URL")


@pytest.fixture(scope="session")
def accounts():
    """`prod` has web-0000 (broken), web-0001, web-0002; `stage` web-0000 and web-0001, healthy."""
    with (
        fleet_sandbox.account(
            3, 1, tagged=2, thin="4", off="ap-east-1", organization=ORGANIZATION
        ) as prod,
        fleet_sandbox.account(2, 0, number="444455556666", thin="4") as stage,
    ):
        yield {"prod": prod, "stage": stage}


@pytest.fixture(scope="session")
def surroundings(accounts):
    """The environment of a process for which both accounts are profiles."""
    kept = {name: value for name, value in os.environ.items() if name not in _OUTSIDE}
    return kept | fleet_sandbox.together(accounts)


@pytest.fixture
def here(surroundings, monkeypatch):
    """This process's environment is that of both accounts."""
    for name in _OUTSIDE:
        monkeypatch.delenv(name, raising=False)
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def rumkit(surroundings, tmp_path):
    """Run `rumkit` with these arguments in a folder of its own, for which both are profiles."""

    def run(*arguments, **extra):
        return ready_commands.run(
            ["rumkit", *map(str, arguments)], env=surroundings | extra, cwd=tmp_path
        )

    return run
