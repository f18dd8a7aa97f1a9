"""What `rumkit permissions` prints is what is read: nothing missing, nothing that nobody uses."""

from __future__ import annotations

import gzip
import json

import pytest
from harness import investigate_in  # type: ignore[import-not-found]
from share import WHOLE  # type: ignore[import-not-found]

from rumkit.aws.permissions import SOURCES
from rumkit.aws.reads import READS
from rumkit.sandbox.runner import list_scenarios, start

# The sandbox logs the name that a service signs with.
SIGNED_AS = {"monitoring": "cloudwatch"}
# Together these read all that any scenario reads, whatever a trail is kept in.
FEW = ("healthy", "permission-boundary", "trail-stopped", "trail-group-refuses")
NAMES = [each.name for each in list_scenarios()] if WHOLE else list(FEW)
SPECS = {
    "auto": "auto",
    "none": "none",
    "lookup": "lookup",
    "logs": "logs:CloudTrail/account-trail",
    "athena": "athena:trails.account_trail",
    "lake": "lake:account-store",
    "s3": "s3://shop-trail",
}


def allowed(source):
    return {
        (read.service, read.operation)
        for read in READS
        if not read.sources or source in read.sources
    }


def asked(sandbox, spec):
    before = len(sandbox.calls)
    investigate_in(sandbox, trail=spec)
    calls = sandbox.calls[before:]
    return {(SIGNED_AS.get(call.service, call.service), call.operation) for call in calls}


def without_a_pool():
    """Return a monitor whose configuration names no pool: one is looked for by its name."""
    sandbox = start("credentials-configured")
    sandbox.installation.monitor.configuration.pop("IdentityPoolId", None)
    return sandbox


@pytest.fixture(scope="module")
def used(tmp_path_factory):
    """The operations that were called, by the kind of trail source."""
    folder = tmp_path_factory.mktemp("trail")
    (folder / "one.json.gz").write_bytes(gzip.compress(json.dumps({"Records": []}).encode()))
    specs = SPECS | {"files": str(folder)}
    found = {source: set() for source in specs}
    for name in NAMES:
        with start(name) as sandbox:
            for source in specs if WHOLE or name == "permission-boundary" else ("auto",):
                found[source] |= asked(sandbox, specs[source])
    with without_a_pool() as sandbox:
        found["auto"] |= asked(sandbox, "auto")
    return found


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_s_permissions_are_what_is_called_with_it(source, used, figure):
    own = {(read.service, read.operation) for read in READS if source in read.sources}
    surplus, missing = own - used[source], used[source] - allowed(source)
    figure(
        "permissions",
        f"{source}: {len(used[source])} reads, {len(missing)} not in the policy,"
        f" {len(surplus)} of the source's own unused",
    )
    assert missing == set()
    assert surplus == set()


def test_every_other_permission_is_used_by_some_installation(used):
    every = set().union(*used.values())
    unused = {(read.service, read.operation) for read in READS if not read.sources} - every
    assert unused == set()
