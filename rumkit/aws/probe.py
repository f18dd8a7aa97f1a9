"""The opt-in probe: one guest walks the chain that the configuration makes a browser walk.

This is the one place where rumkit writes: it makes clients of its own, outside the read-only
guard of `aws.session`, for the five operations of a browser and no others. It never holds the
caller's credentials: Cognito and STS are called unsigned, PutRumEvents with what they vend.
"""

from __future__ import annotations

import json
import logging
import threading
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from rumkit.aws.guard import let_only
from rumkit.aws.partitions import data_plane_hosts, region_of_host, service_host
from rumkit.secret import hide_secrets
from rumkit.target import now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from rumkit.aws.session import AwsSession

StepStatus = Literal["ok", "failed", "not reached"]
Flow = Literal["enhanced", "basic", "unsigned"]

# All that the probe's clients may ever call.
OPERATIONS = frozenset(
    {
        "GetId",
        "GetOpenIdToken",
        "GetCredentialsForIdentity",
        "AssumeRoleWithWebIdentity",
        "PutRumEvents",
    }
)
EVENT_TYPE = "com.amazon.rum.page_view_event"
MARK = "/rumkit-probe"
_CHAINS: Mapping[Flow, tuple[str, ...]] = {
    "enhanced": ("GetId", "GetCredentialsForIdentity", "PutRumEvents"),
    "basic": ("GetId", "GetOpenIdToken", "AssumeRoleWithWebIdentity", "PutRumEvents"),
    "unsigned": ("PutRumEvents",),
}
_TIMEOUT = 5
_MESSAGE = 300
_TALKATIVE = tuple(
    f"botocore.{module}"
    for module in (
        "auth", "awsrequest", "client", "endpoint", "handlers", "hooks", "httpsession", "parsers",
        "regions", "retryhandler", "signers", "utils",
    )
)  # fmt: skip
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class ProbePlan:
    """What a browser with this configuration does.

    `region` is that of the signature; `endpoint` the data plane's base URL, which may be in
    another region or a proxy. `referer` is the Referer that the browser sends, empty for none.
    """

    flow: Flow
    monitor_id: str
    region: str
    endpoint: str
    pool_id: str = ""
    role_arn: str = ""
    alias: str = ""
    app_version: str = "1.0.0"
    referer: str = ""

    @property
    def pool_region(self) -> str:
        """Return the region in front of the pool id's colon."""
        return self.pool_id.partition(":")[0]

    @property
    def chain(self) -> tuple[str, ...]:
        """Return the names of the calls in order."""
        return _CHAINS[self.flow]


@dataclass(frozen=True)
class ProbeStep:
    """One call of the chain; `code` and `message` are AWS's own words when it failed."""

    name: str
    request: str
    status: StepStatus = "not reached"
    http_status: int | None = None
    code: str = ""
    message: str = ""


@dataclass(frozen=True)
class ProbeResult:
    """How far the probe came; `sent_event_id` is set when RUM accepted the event."""

    plan: ProbePlan
    steps: tuple[ProbeStep, ...]
    sent_event_id: str | None = None

    @property
    def first_failure(self) -> ProbeStep | None:
        """Return the step that failed, None when every step was answered."""
        return next((step for step in self.steps if step.status == "failed"), None)


def announcement(monitor: str = "") -> str:
    """Return the sentence that a person reads before the probe starts."""
    onto = f"the app monitor {monitor}" if monitor else "the app monitor that is found"
    return (
        f"The probe will write to {onto}: one page view of {MARK} in a session of its own"
        " (billed as one RUM event), and where the client uses an identity pool one new guest"
        " identity in it. It uses none of your credentials and tries each call once."
    )


def walk(plan: ProbePlan, aws: AwsSession) -> ProbeResult:
    """Walk the chain once and stop at the first call that fails; never raises for AWS's answers.

    `aws` tells only where the services are (a profile's endpoint_url) and under which proxy and
    certificate settings; its credentials are not used.
    """
    walker = _Walker(plan, aws)
    steps = [ProbeStep(name, walker.request(name)) for name in plan.chain]
    for number, step in enumerate(steps):
        steps[number] = walker.take(step)
        if steps[number].status != "ok":
            break
    return ProbeResult(plan, tuple(steps), walker.sent)


class _Walker:
    """The state between two calls. It holds secrets, so it never leaves this module."""

    def __init__(self, plan: ProbePlan, aws: AwsSession) -> None:
        self._plan, self._aws = plan, aws
        self._identity = ""
        self._token = ""
        self._keys: tuple[str, str, str] | None = None
        self.sent: str | None = None

    def __repr__(self) -> str:
        return "<the probe's walker>"

    def request(self, name: str) -> str:
        """Return what a call asks, without anything secret, at most 300 characters."""
        return hide_secrets(self._request(name))[:_MESSAGE]

    def _request(self, name: str) -> str:
        plan = self._plan
        if name == "PutRumEvents":
            how = "unsigned" if plan.flow == "unsigned" else f"signed for {plan.region}"
            alias = f", alias {plan.alias}" if plan.alias else ""
            return f"{plan.endpoint}, app monitor {plan.monitor_id}, {how}{alias}"
        if name == "AssumeRoleWithWebIdentity":
            return f"sts in {plan.pool_region}, role {plan.role_arn}"
        return f"cognito-identity in {plan.pool_region}, pool {plan.pool_id}"

    def take(self, step: ProbeStep) -> ProbeStep:
        """Make one call; whatever goes wrong becomes the step's answer."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            with _unlogged():
                return ProbeStep(step.name, step.request, "ok", self._call(step.name))
        except ClientError as error:
            reply = error.response.get("Error", {})
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
            return self._failed(step, str(reply.get("Code", "")), reply.get("Message", ""), status)
        except (BotoCoreError, ValueError, KeyError) as error:
            return self._failed(step, type(error).__name__, str(error), None)

    def _failed(self, step: ProbeStep, code: str, message: Any, status: int | None) -> ProbeStep:
        text = str(message or "")
        for secret in (self._token, *(self._keys or ()), self._identity):
            text = text.replace(secret, "…") if secret else text
        # A message may quote what was asked, or anything that a proxy in between puts into it.
        text, code = hide_secrets(text), hide_secrets(code)
        return ProbeStep(step.name, step.request, "failed", status, code[:100], text[:_MESSAGE])

    def _call(self, name: str) -> int:
        takes: dict[str, Callable[[], dict[str, Any]]] = {
            "GetId": self._get_id,
            "GetOpenIdToken": self._get_token,
            "GetCredentialsForIdentity": self._get_credentials,
            "AssumeRoleWithWebIdentity": self._assume_role,
            "PutRumEvents": self._put_event,
        }
        reply = takes[name]()
        return int(reply["ResponseMetadata"]["HTTPStatusCode"])

    def _get_id(self) -> dict[str, Any]:
        reply: dict[str, Any] = self._cognito().get_id(IdentityPoolId=self._plan.pool_id)
        self._identity = str(reply["IdentityId"])
        return reply

    def _get_token(self) -> dict[str, Any]:
        reply: dict[str, Any] = self._cognito().get_open_id_token(IdentityId=self._identity)
        self._token = str(reply["Token"])
        return reply

    def _get_credentials(self) -> dict[str, Any]:
        reply: dict[str, Any] = self._cognito().get_credentials_for_identity(
            IdentityId=self._identity
        )
        given = reply["Credentials"]
        self._keys = (given["AccessKeyId"], given["SecretKey"], given["SessionToken"])
        return reply

    def _assume_role(self) -> dict[str, Any]:
        client = self._client("sts", self._plan.pool_region, _host("sts", self._plan.pool_region))
        reply: dict[str, Any] = client.assume_role_with_web_identity(
            RoleArn=self._plan.role_arn, RoleSessionName="cwr", WebIdentityToken=self._token
        )
        given = reply["Credentials"]
        self._keys = (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        return reply

    def _put_event(self) -> dict[str, Any]:
        plan = self._plan
        client = self._client("rum", plan.region, plan.endpoint, self._keys)
        event = _event(plan)
        alias = {"Alias": plan.alias} if plan.alias else {}
        reply: dict[str, Any] = client.put_rum_events(
            Id=plan.monitor_id,
            BatchId=str(uuid.uuid4()),
            AppMonitorDetails={"id": plan.monitor_id, "version": plan.app_version},
            UserDetails={"userId": str(uuid.uuid4()), "sessionId": str(uuid.uuid4())},
            RumEvents=[event],
            **alias,
        )
        self.sent = str(event["id"])
        return reply

    def _cognito(self) -> Any:
        region = self._plan.pool_region
        return self._client("cognito-identity", region, _host("cognito-identity", region))

    def _client(
        self, service: str, region: str, url: str, keys: tuple[str, str, str] | None = None
    ) -> Any:
        from botocore import UNSIGNED
        from botocore.config import Config

        _refuse_unsafe(url)
        stand_in = self._stand_in(service, region)
        # Given keys, so that no other ones are looked for; unsigned calls never use them.
        key, secret, token = keys or ("unsigned", "unsigned", None)
        client = _botocore_session(self._aws.profile).create_client(
            service,
            region_name=region,
            endpoint_url=stand_in or url,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=Config(
                signature_version=None if keys else UNSIGNED,
                connect_timeout=_TIMEOUT,
                read_timeout=_TIMEOUT,
                retries={"total_max_attempts": 1},
                inject_host_prefix=False,
            ),
        )
        headers = {"Referer": self._plan.referer} if service == "rum" else {}
        _prepare(client, headers | ({"Host": urlsplit(url).netloc} if stand_in else {}))
        return client

    def _stand_in(self, service: str, region: str) -> str:
        """Return the loopback endpoint that stands in for AWS; a proxy is called as it is."""
        if service == "rum" and not _is_aws(self._plan.endpoint):
            return ""
        url = str(self._aws.client(service, region).meta.endpoint_url)
        return url if urlsplit(url).hostname in _LOOPBACK else ""


@contextmanager
def _unlogged() -> Iterator[None]:
    """Keep botocore's debug log, which holds requests and replies whole, silent in this thread."""
    thread = threading.get_ident()

    def elsewhere(record: logging.LogRecord) -> bool:
        return record.thread != thread

    loggers = [logging.getLogger(name) for name in _TALKATIVE]
    for logger in loggers:
        logger.addFilter(elsewhere)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(elsewhere)


def _botocore_session(profile: str | None) -> Any:
    """Return a session for proxies and certificates of the profile alone."""
    from botocore.session import Session

    session = Session()
    if profile in session.available_profiles:
        session.set_config_variable("profile", profile)
    return session


def _prepare(client: Any, headers: Mapping[str, str]) -> None:
    """Let a client call the five operations only, with the headers of a browser."""

    def set_headers(request: Any, **_: object) -> None:
        for name, value in headers.items():
            if value:
                request.headers[name] = value

    let_only(client, lambda _, name: name in OPERATIONS, "the probe may not call")
    # First, that is before the request is signed.
    client.meta.events.register_first("request-created.*.*", set_headers)


def _host(service: str, region: str) -> str:
    return f"https://{service_host(service, region)}"


def _is_aws(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host in data_plane_hosts(region_of_host(host))


def _refuse_unsafe(url: str) -> None:
    """Raise ValueError for an endpoint that a page of the internet must not choose."""
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise ValueError(f"the probe sends over https only, not to {url[:100]}")


def _event(plan: ProbePlan) -> dict[str, Any]:
    page = {"version": "1.0.0", "pageId": MARK, "title": "rumkit probe"}
    host = urlsplit(plan.referer).hostname or "rumkit-probe"
    return {
        "id": str(uuid.uuid4()),
        "timestamp": now(),
        "type": EVENT_TYPE,
        "metadata": json.dumps({**page, "domain": host, "aws:client": "rumkit-probe"}),
        "details": json.dumps({"version": "1.0.0", "pageId": MARK, "interaction": 0}),
    }
