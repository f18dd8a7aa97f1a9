"""More input never makes an answer worse: inputs are added one at a time, the cause stays named."""

from __future__ import annotations

import har_builder
import pytest
from har_schema import snippet
from harness import environment, investigate_in
from test_observed import FAULTS

import rumkit
from rumkit.sandbox.runner import start

NOBODY = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null",
          "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "PATH": "/usr/bin:/bin"}  # fmt: skip


def score(found, cause):
    """How good an answer is: the cause named, no cause named, another one named."""
    return 2 if found.root_cause == cause else 1 if found.root_cause is None else 0


def beside(folder, what):
    """Add one more input to a recording; return what an investigation is told of it."""
    if what == "page":
        page = folder / "page.html"
        page.write_text(snippet())
        (folder / "page.html.headers").write_text("content-type: text/html\n")
        return {"page": str(page)}
    if what == "console":
        har_builder.console(folder, "the shop is ready", "4 products")
    else:
        har_builder.storage(folder, session={"record": True, "eventCount": 9})
    return {}


def investigated(recording, **more):
    with environment(NOBODY):
        return rumkit.investigate(recording=str(recording), **more)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_recording_is_evaluated_no_worse_with_more_beside_it(fault, tmp_path):
    cause, build = FAULTS[fault]
    recording = build().write(tmp_path)
    alone = score(investigated(recording), cause)
    told = {}
    for what in ("page", "console", "storage"):
        told |= beside(tmp_path, what)
        found = investigated(recording, **told)
        assert score(found, cause) >= alone, (what, found.root_cause, found)


@pytest.fixture
def own_ids(monkeypatch):
    """Let recordings be made of the sandbox's own installation."""

    def use(sandbox):
        place = next(iter(sandbox.world.installations.values()))
        monkeypatch.setattr(har_builder, "MONITOR", place.monitor.id)
        monkeypatch.setattr(har_builder, "POOL", place.pool.id)
        monkeypatch.setattr(har_builder, "REGION", place.monitor.region)

    return use


def started():
    return har_builder.Har().document().client().wait(20)


def denied():
    message = har_builder.DENIED.format(session="CognitoIdentityCredentials")
    return started().get_id().credentials().put(403, "AccessDeniedException", message, wait=5)


CONSISTENT = {
    "guest-role-permission": denied,
    "identity-pool": lambda: started().get_id(
        400, "NotAuthorizedException",
        "Unauthenticated access is not supported for this identity pool."),
    "pool-guest-role": lambda: started().get_id().credentials(
        400, "InvalidIdentityPoolConfigurationException", "Invalid identity pool configuration."),
    "session-sample-rate": started,
    "csp-connect": started,
    "client-enabled": lambda: started().get_id().credentials(),
    "healthy": lambda: har_builder.Har().healthy(),
}  # fmt: skip


@pytest.mark.parametrize("name", CONSISTENT)
def test_an_account_is_evaluated_no_worse_with_a_recording_beside_it(name, tmp_path, own_ids):
    with start(name) as sandbox:
        own_ids(sandbox)
        cause = investigate_in(sandbox).root_cause
        page = sandbox.environment["RUMKIT_PAGE"]
        same = CONSISTENT[name]().write(tmp_path, "same.har")
        before = har_builder.Har().healthy().write(tmp_path, "before.har")
        for recording in (same, before):
            found = investigate_in(sandbox, monitor="shop-web", page=page, recording=str(recording))
            assert found.root_cause == cause, (recording.name, found)


SILENT = "<!doctype html><html><head><title>A blog</title></head><body>Hello</body></html>"


@pytest.mark.parametrize("name", ["guest-role-permission", "classic-flow"])
@pytest.mark.parametrize("what", ["page", "recording", "console"])
def test_the_account_s_failed_calls_are_not_blamed_on_another_site(name, what, tmp_path):
    if what == "recording":
        file = har_builder.Har().document(html=SILENT).write(tmp_path)
    else:
        file = tmp_path / f"blog.{what}.html"
        file.write_text(SILENT if what == "page" else "blog.js:12 hello\n")
    with start(name) as sandbox:
        found = investigate_in(sandbox, **{what: str(file)}, region="eu-west-1")
        assert found.root_cause == {"console": None}.get(what, "snippet-present"), found
        for symptom in ("put-events-denied", "token-vending-failures"):
            assert found.finding(symptom).status in {"unknown", "pass"}
            assert "28 " not in found.finding(symptom).summary


@pytest.mark.parametrize("name", ["guest-role-permission", "classic-flow", "csp-script"])
def test_a_monitor_is_evaluated_no_worse_with_its_page(name):
    with start(name) as sandbox:
        alone = investigate_in(sandbox, monitor="shop-web", page=None)
        page = sandbox.environment["RUMKIT_PAGE"]
        more = investigate_in(sandbox, monitor="shop-web", page=page)
        assert score(more, name) >= score(alone, name)
        assert more.root_cause == name
