"""No client of rumkit writes: every operation of every service that it talks to, in every form."""

from __future__ import annotations

import ast
import contextlib
import http.server
import threading
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from rumkit.aws import probe
from rumkit.aws.reads import READS, find_read
from rumkit.aws.session import AwsSession
from rumkit.fleet.session import AccountSession, TargetSession
from rumkit.fleet.writing import ALLOWED, writing_client
from rumkit.model import ReadRefused

SERVICES = sorted({read.service for read in READS})
ROOT = Path(__file__).parents[2] / "rumkit"


class Listener:
    """An endpoint that counts what reaches it."""

    def __init__(self):
        self.requests: list[str] = []
        seen = self.requests

        def answer(self):
            seen.append(f"{self.command} {self.path}")
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        verbs = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD")
        methods = {f"do_{verb}": answer for verb in verbs} | {"log_message": lambda *_: None}
        handler = type("Handler", (http.server.BaseHTTPRequestHandler,), methods)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture(scope="module")
def listener():
    found = Listener()
    yield found
    found.server.shutdown()
    found.server.server_close()


def session_at(listener, made=AwsSession, hook=None):
    """Return a session of rumkit whose requests would reach the listener."""
    own = boto3.Session("AKIAIOSFODNN7EXAMPLE", "secret", region_name="eu-west-1")
    own._session.set_config_variable("region", "eu-west-1")
    plain = own.client

    def client(service, **options):
        config = (options.pop("config", None) or Config()).merge(
            Config(inject_host_prefix=False, s3={"addressing_style": "path"})
        )
        return plain(service, endpoint_url=listener.url, config=config, **options)

    own.client = client
    if hook is not None:
        hook(own.events)
    return made(profile=None, region="eu-west-1", session=own)


def target_session(**options):
    return TargetSession(AccountSession(**options))


def attempts(client, allowed):
    """Yield each way of calling each operation that is not allowed: its name, and what calls it."""
    service = client.meta.service_model.service_name
    methods = {api: name for name, api in client.meta.method_to_api_mapping.items()}
    for operation in client.meta.service_model.operation_names:
        if allowed(service, operation):
            continue
        method = methods[operation]
        yield f"{operation} directly", getattr(client, method)
        yield f"{operation} by name", lambda op=operation: client._make_api_call(op, {})
        yield f"{operation} signed", lambda m=method: client.generate_presigned_url(m)
        if client.can_paginate(method):
            yield (
                f"{operation} by pages",
                lambda m=method: list(client.get_paginator(m).paginate()),
            )
    config = {"Delay": 0, "MaxAttempts": 1}
    for name in client.waiter_names:
        waiter = client.get_waiter(name)
        if not allowed(service, waiter.config.operation):
            yield f"waiter {name}", lambda w=waiter: w.wait(WaiterConfig=config)
    if service == "s3":
        yield from _of_s3(client)


def _of_s3(client):
    """Yield what boto3 puts on its S3 client beside the operations."""
    own = str(Path(__file__))
    source = {"Bucket": "b", "Key": "k"}
    yield "upload_file", lambda: client.upload_file(own, "bucket", "key")
    yield "copy", lambda: client.copy(source, "bucket", "key")
    yield "a signed form", lambda: client.generate_presigned_post("bucket", "key")
    with contextlib.suppress(OSError), Path(own).open("rb") as file:
        yield "upload_fileobj", lambda: client.upload_fileobj(file, "bucket", "key")


def refused(call):
    """Tell whether a call was refused by the guard, and by nothing else."""
    try:
        call()
    except ReadRefused:
        return True
    except Exception as error:  # noqa: BLE001 - the refusal may be the cause
        return isinstance(error.__cause__ or error.__context__, ReadRefused)
    return False


def read(service, operation):
    return find_read(service, operation) is not None


def tried(client, allowed, listener):
    """Try everything, and return how much was tried and what was not refused."""
    before = len(listener.requests)
    every = [(name, refused(call)) for name, call in attempts(client, allowed)]
    return len(every), [name for name, well in every if not well], listener.requests[before:]


@pytest.mark.parametrize("made", [AwsSession, AccountSession, target_session])
def test_no_client_of_a_session_calls_what_is_not_a_read(made, listener, figure):
    session, count, open_, sent = session_at(listener, made), 0, [], []
    for service in SERVICES:
        more, passed, requests = tried(session.client(service), read, listener)
        count, open_, sent = count + more, open_ + passed, sent + requests
    name = getattr(made, "__name__", "session")
    figure("read only", f"{name}: {count} attempts to write, {len(sent)} requests sent")
    assert (open_, sent) == ([], [])
    assert count > 2000


def hooks_of_a_caller():
    """Yield what a session that was handed in may have registered before rumkit saw it."""

    def answers(events):
        events.register_first("provide-client-params.*.*", lambda params, **_: params)

    def by_name(events):
        events.register_first(
            "provide-client-params.rum.DeleteAppMonitor", lambda params, **_: dict(params)
        )

    def without_validation(events):
        events.register_first("before-parameter-build.*.*", lambda **_: None)

    def renamed(events):
        def rename(params, model, **_):
            model.__dict__["name"] = "GetAppMonitor"
            return params

        events.register_last("provide-client-params.*.*", rename)

    return [answers, by_name, without_validation, renamed]


@pytest.mark.parametrize("hook", hooks_of_a_caller(), ids=lambda hook: hook.__name__)
def test_what_a_caller_s_session_has_registered_opens_nothing(hook, listener):
    client = session_at(listener, hook=hook).client("rum")
    count, passed, sent = tried(client, read, listener)
    assert (passed, sent) == ([], [])
    assert count > 20


def test_the_clients_that_may_write_do_only_what_was_asked_for(listener, monkeypatch, figure):
    monkeypatch.setenv("AWS_ENDPOINT_URL", listener.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    count = 0
    for service in sorted({service for service, _ in ALLOWED}):
        client = writing_client(service, region="eu-west-1")
        more, passed, sent = tried(client, lambda *called: called in ALLOWED, listener)
        # Uploads are PutObject, which is what `--output s3://` does.
        assert set(passed) <= {"upload_file", "upload_fileobj"}
        assert all(each.startswith(("PUT ", "HEAD ")) for each in sent)
        count += more
    figure("read only", f"clients of --output and --notify: {count} other attempts, 0 sent")


def test_the_probe_s_clients_call_the_five_operations_of_a_browser(listener, figure, healthy_plan):
    walker, count = healthy_plan, 0
    for service in ("cognito-identity", "sts", "rum"):
        client = walker._client(service, "eu-west-1", listener.url)
        more, passed, sent = tried(client, lambda _, name: name in probe.OPERATIONS, listener)
        assert (passed, sent) == ([], [])
        count += more
    figure("read only", f"the probe: {count} other attempts, 0 sent")


@pytest.fixture
def healthy_plan(listener, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", listener.url)
    aws = session_at(listener)
    plan = probe.ProbePlan("enhanced", "id", "eu-west-1", listener.url, "eu-west-1:pool")
    return probe._Walker(plan, aws)


# Where a client is made: each of these is tried above, but a role's chain, which assumes roles,
# and the school's, which mends its own sandbox.
MAKERS = {
    "aws/session.py", "aws/probe.py", "fleet/writing.py", "fleet/places.py", "school/turns.py",
}  # fmt: skip


def calls_in(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr, ast.unparse(node.func.value)


def test_clients_are_made_in_the_places_that_are_tried_and_resources_nowhere():
    of_boto3 = {"boto3", "base", "session", "own", "core", "self._session"}
    makers, resources = set(), set()
    for path in ROOT.rglob("*.py"):
        for name, owner in calls_in(path):
            where = str(path.relative_to(ROOT))
            if name == "create_client" or (name == "client" and owner.split("(")[0] in of_boto3):
                makers.add(where)
            if name == "resource":
                resources.add(where)
    assert makers - {"aws/rum_logs.py"} <= MAKERS
    assert not resources


@pytest.mark.parametrize("made", [AwsSession, AccountSession])
def test_a_read_passes_the_guard(made, listener):
    """What refuses everything would pass all of the above."""
    before = len(listener.requests)
    with contextlib.suppress(Exception):
        session_at(listener, made).client("rum").list_app_monitors()
    assert len(listener.requests) > before
