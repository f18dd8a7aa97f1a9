"""A healthy installation of RUM: monitor, identity pool, guest role, trail and page."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rumkit.sandbox.ids import ACCOUNT, REGION, letters
from rumkit.sandbox.markup import render

if TYPE_CHECKING:
    from collections.abc import Callable

    from rumkit.sandbox.resources import Monitor, Pool, Traffic
    from rumkit.sandbox.roles import Role
    from rumkit.sandbox.snippet import Client

DEFAULT = "shop-web"
TRAIL_GROUP = "CloudTrail/account-trail"
SERVICE_ROLE = "AWSServiceRoleForCloudWatchRUM"


@dataclass
class Installation:
    """One page with its monitor; `break_` functions change it, and a person mends it.

    `stale_role` is the role whose credentials half of the visitors carry in their browser's
    storage. `changes` are configuration changes made a minute before the fault began.
    `api_host` is set when the page's script calls an API of another origin. `silent` keeps
    every browser from sending, without any sign of why. `app` says that there is no page: it is
    a mobile app that sends what visitors would.
    """

    name: str
    host: str
    monitor: Monitor
    pool: Pool
    role: Role
    client: Client
    headers: list[tuple[str, str]] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    api_host: str = ""
    changes: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    head: str = ""
    in_body: bool = False
    stale_role: str = ""
    silent: bool = False
    app: bool = False
    server_traced: bool = True
    history: Callable[[], Traffic] | None = None
    _html: str | None = None

    @property
    def url(self) -> str:
        """Return the page's address."""
        return f"https://{self.host}/"

    @property
    def load_balancer(self) -> str:
        """Return the load balancer before the site, as its metrics name it."""
        return f"app/{self.monitor.name}/50dc6c495c0c9188"

    @property
    def distribution(self) -> str:
        """Return the id of the CloudFront distribution before the load balancer."""
        return f"E{letters(13, 'distribution', self.monitor.name)}"

    @property
    def html(self) -> str:
        """Return the page as it is served."""
        if self._html is not None:
            return self._html
        return render(self.client, head=self.head, in_body=self.in_body, links=self.links)

    @html.setter
    def html(self, text: str) -> None:
        self._html = text

    def changed(self, service: str, operation: str, **params: Any) -> None:
        """Note a configuration change that goes with the fault."""
        self.changes.append((service, operation, params))

    def traffic(self) -> Traffic:
        """Return what the last 24 hours left in the trail, the metrics and the logs."""
        from rumkit.sandbox.resources import Traffic

        return self.history() if self.history else Traffic()


def host_of(name: str) -> str:
    """Return the host of an installation's page."""
    return "www.shop.example" if name == DEFAULT else f"{plain_name(name)}.shop.example"


def plain_name(name: str) -> str:
    """Return a name without the characters that AWS allows in no name."""
    return name.replace("+", "-and-").replace(".", "-")


def trust_policy(pool_id: str) -> dict[str, Any]:
    """Return the trust that lets guests of a pool assume a role."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": "cognito-identity.amazonaws.com"},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {
                    "StringEquals": {"cognito-identity.amazonaws.com:aud": pool_id},
                    "ForAnyValue:StringLike": {
                        "cognito-identity.amazonaws.com:amr": "unauthenticated"
                    },
                },
            }
        ],
    }


def put_events_policy(monitor_arn: str) -> dict[str, Any]:
    """Return the permission that the guide asks for."""
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "rum:PutRumEvents", "Resource": monitor_arn}],
    }


def monitor_arn(name: str, region: str = REGION) -> str:
    """Return the ARN of a monitor of this name."""
    return f"arn:aws:rum:{region}:{ACCOUNT}:appmonitor/{name}"


def text(document: dict[str, Any]) -> str:
    """Return a policy as it is stored."""
    return json.dumps(document)
