"""A recording is read from its first bad request: the cause is named, and nothing else is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from har_builder import EXPORTERS, MONITOR, NOT_CLASSIC, OTHER_MONITOR, POOL, SITE, Har
from har_schema import ENHANCED, causes, evaluated, started

from rumkit.model import Status

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NO_HOST = "dataplane.rum.eu-wst-1.amazonaws.com"
FAULTS: dict[str, tuple[str, Callable[[], Har]]] = {
    "script 404": ("client-script-loads", lambda: Har().document().client(404)),
    "script 404 withheld": (
        "client-script-loads",
        lambda: Har().document().client(404, net="net::ERR_BLOCKED_BY_ORB"),
    ),
    "script blocked by an extension": (
        "client-script-loads",
        lambda: Har().document().client(0, net="net::ERR_BLOCKED_BY_CLIENT"),
    ),
    "script host unknown": (
        "client-script-loads",
        lambda: Har().document().client(0, net="net::ERR_NAME_NOT_RESOLVED"),
    ),
    "script is a page": (
        "client-script-loads",
        lambda: Har().document().client(url=f"{SITE}/cwr.js", mime="text/html"),
    ),
    "script over http": (
        "client-script-loads",
        lambda: Har().document().client(0, url="http://cdn.shop.example/cwr.js", net=""),
    ),
    "script blocked in silence": ("csp-script", lambda: Har().document().client(0, net="")),
    "script blocked by name": (
        "csp-script",
        lambda: Har("firefox").document().client(0, blocked="csp"),
    ),
    "pool unknown": (
        "identity-pool",
        lambda: started().get_id(400, "ResourceNotFoundException", "not found"),
    ),
    "guests refused": (
        "identity-pool",
        lambda: started()
        .get_id(400, "NotAuthorizedException", "Unauthenticated access is not supported for this")
        .credentials(400, "ValidationException", "identityId is null", identity=""),
    ),
    "classic flow off": (
        "classic-flow",
        lambda: started().get_id().open_id_token(400, "InvalidParameterException", NOT_CLASSIC),
    ),
    "trust refused": (
        "guest-role-trust",
        lambda: started().get_id().open_id_token().sts(403, "AccessDenied", "Not authorized"),
    ),
    "pool without a guest role": (
        "pool-guest-role",
        lambda: started()
        .get_id()
        .credentials(400, "InvalidIdentityPoolConfigurationException", "Invalid"),
    ),
    "cognito throttled": ("throttling", lambda: started().get_id(400, "TooManyRequestsException")),
    "put throttled": (
        "throttling",
        lambda: started().get_id().credentials().put(429, "ThrottlingException", wait=5),
    ),
    "scope of another region": (
        "endpoint-region",
        lambda: started()
        .get_id()
        .credentials()
        .put(403, "InvalidSignatureException", "no", scope="us-west-2", wait=5),
    ),
    "host unknown": (
        "endpoint-region",
        lambda: started()
        .get_id()
        .credentials()
        .put(0, host="dataplane.rum.eu-wst-1.amazonaws.com", net="net::ERR_NAME_NOT_RESOLVED"),
    ),
    "host unknown, told by the preflight": (
        "endpoint-region",
        lambda: started().credentials()
        .put(0, host="dataplane.rum.eu-wst-1.amazonaws.com", net="net::ERR_FAILED")
        .preflight(f"https://{NO_HOST}/appmonitors/{MONITOR}", "authorization", "", 0,
                   net="net::ERR_NAME_NOT_RESOLVED"),
    ),
    "pool's region does not exist": (
        "identity-pool",
        lambda: started().cognito("GetId", {"IdentityPoolId": "eu-wst-1:" + POOL[10:]}, 0,
                                  net="net::ERR_NAME_NOT_RESOLVED", region="eu-wst-1"),
    ),
    "endpoint over http": (
        "endpoint-region",
        lambda: started().credentials().add(
            "POST", f"http://dataplane.rum.eu-west-1.amazonaws.com/appmonitors/{MONITOR}", 0, net=""
        ),
    ),
    "role made for another region": (
        "endpoint-region",
        lambda: started().get_id().credentials().put(403, "AccessDeniedException", ENHANCED.replace(
            "RUM-Monitor-shop-", "RUM-Monitor-us-east-2-111122223333-1234567890123-"
        )),
    ),
    "path doubled": (
        "endpoint-region",
        lambda: started()
        .credentials()
        .put(404, "UnknownOperationException", path=f"/appmonitors/{MONITOR}" * 2),
    ),
    "sent to localhost": (
        "endpoint-region",
        lambda: started("1.5.0").get_id().open_id_token().sts().put(
            0, host="localhost", net="net::ERR_CONNECTION_REFUSED"
        ),
    ),
    "role lacks the permission": (
        "guest-role-permission",
        lambda: started()
        .get_id().credentials().put(403, "AccessDeniedException", ENHANCED, wait=5)
        .get_id().credentials().put(403, "AccessDeniedException", ENHANCED, wait=5),
    ),
    "denied without CORS headers": (
        "guest-role-permission",
        lambda: started("1.25.0")
        .get_id()
        .credentials()
        .put(403, "AccessDeniedException", ENHANCED, net="net::ERR_FAILED"),
    ),
    "stored credentials of another monitor": (
        "stored-credentials",
        lambda: Har(version="1.19.0").healthy().document(f"{SITE}/blog").client()
        .put(403, "AccessDeniedException", ENHANCED, monitor=OTHER_MONITOR, wait=5),
    ),
    "stored credentials, one page": (
        "stored-credentials",
        lambda: started("1.25.0").put(403, "AccessDeniedException", ENHANCED, wait=5),
    ),
    "unsigned": (
        "signing",
        lambda: started("3.2.0").put(403, "MissingAuthenticationTokenException", signed=False),
    ),
    "unsigned and denied": (
        "resource-policy",
        lambda: started("3.2.0").put(403, "AccessDeniedException", "no", signed=False),
    ),
    "clock off": (
        "signing",
        lambda: started().get_id().credentials()
        .put(403, "InvalidSignatureException", "Signature expired: 1 is now earlier than 2"),
    ),
    "monitor unknown": (
        "monitor-exists",
        lambda: started().get_id().credentials().put(404, "ResourceNotFoundException", wait=5),
    ),
    "monitor id malformed": (
        "monitor-exists",
        lambda: started().credentials().put(400, "ValidationException", monitor="shop", wait=5),
    ),
    "trace header not allowed": (
        "xray-cors",
        lambda: started().get_id().credentials().put(wait=5).preflight(
            "https://api.other.example/x", "content-type,x-amzn-trace-id", "content-type"
        ),
    ),
    "trace header missing": (
        "xray-header",
        lambda: started().wait(1).api().get_id().credentials().put(
            wait=5, types=("page_view_event", "xray_trace_event")
        ),
    ),
}  # fmt: skip


def test_a_host_of_aws_that_is_spelt_rightly_is_the_visitors_network(tmp_path: Path) -> None:
    har = started().get_id(0, net="net::ERR_NAME_NOT_RESOLVED")
    answers = evaluated(har, tmp_path)
    assert causes(answers) == []
    assert "the visitor's network" in answers["token-vending-failures"].summary


@pytest.mark.parametrize("fault", FAULTS)
def test_the_cause_is_named_and_no_other(fault: str, tmp_path: Path) -> None:
    check, build = FAULTS[fault]
    assert causes(evaluated(build(), tmp_path)) == [check]


BY_EXPORTER = [
    "classic flow off",
    "trust refused",
    "pool without a guest role",
    "role lacks the permission",
    "stored credentials of another monitor",
    "monitor unknown",
    "cognito throttled",
]


@pytest.mark.parametrize("exporter", EXPORTERS)
@pytest.mark.parametrize("fault", BY_EXPORTER)
def test_the_cause_is_the_same_in_every_exporter(
    fault: str, exporter: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Har, "__init__", _with_exporter(exporter))
    check, build = FAULTS[fault]
    assert causes(evaluated(build(), tmp_path)) == [check]


def _with_exporter(exporter: str):
    original = Har.__init__

    def made(self: Har, _: str = "", **more: Any) -> None:
        original(self, exporter, **more)

    return made


@pytest.mark.parametrize("fault", FAULTS)
def test_what_fails_or_warns_has_a_fix_or_says_why_nothing_can_be_pasted(
    fault: str, tmp_path: Path
) -> None:
    answers = evaluated(FAULTS[fault][1](), tmp_path)
    wrong = {name: a for name, a in answers.items() if a.status in (Status.FAIL, Status.WARN)}
    assert wrong
    assert all(answer.fixes for answer in wrong.values()), wrong
