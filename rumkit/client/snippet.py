"""RUM installations in HTML, JavaScript and TypeScript: what the web client was told."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from rumkit.aws_names import is_region
from rumkit.client.generations import Behaviour, ClientVersion
from rumkit.client.generations import behaviour as behaviour_of
from rumkit.client.options import KnownOption, LeftOut, Option, UnreadOption, option_of
from rumkit.client.values import (
    UNDEFINED,
    Expression,
    JSObject,
    RegExp,
    Undefined,
    Value,
    rest_of,
    truthy,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


__all__ = [
    "UNDEFINED",
    "ClientCommand",
    "Expression",
    "Flow",
    "JSObject",
    "KnownOption",
    "LeftOut",
    "Option",
    "Problem",
    "RegExp",
    "Snippet",
    "Undefined",
    "UnreadOption",
    "Value",
]

Kind = Literal["loader", "npm"]
Flow = Literal["enhanced", "basic", "own-credentials", "unsigned", "none", "unknown"]
DEFAULT_REGION = "us-west-2"


@dataclass(frozen=True)
class ClientCommand:
    """A later call: `cwr('name', payload)`, or the same method of an NPM instance.

    Credentials given in the source are dropped. `conditional` tells under which condition it
    runs, and is empty when it runs in any case; `later` says that it stands in a function that
    does not run on the spot.
    """

    name: Value
    payload: Value = UNDEFINED
    line: int = 0
    script_index: int | None = None
    conditional: str = ""
    later: bool = False


@dataclass(frozen=True)
class Problem:
    """What is wrong with an installation as written; `field` names the argument or option.

    Codes of what keeps a client from starting, or from being asked for: placeholder, syntax,
    initialize-command, insertion-throws, never-inserted, inner-html, custom-block, no-queue,
    config-not-object, endpoint-no-scheme, command-stops-snippet, no-constructor, one-object;
    perhaps-syntax. Of ids and Regions: sample-id, not-uuid, monitor-name-as-id, account-as-id,
    arn-as-id, pool-as-id, not-a-region, zone-as-region, pool-as-region, unknown-region,
    not-the-data-plane, endpoint-path, endpoint-http, user-pool-as-pool, uuid-as-pool, arn-as-pool,
    not-a-pool, not-a-role-arn, arguments-shifted. Of options: misspelt-option, unknown-telemetry,
    sample-rate-not-number, sample-rate-out-of-range, compression-not-object, telemetries-not-list,
    pages-not-regexp. Of the code around it: constructed-each-render, queue-entry-shape,
    command-before-snippet, unknown-command, on-the-server, private-variable,
    past-the-bundler, jsx-text.
    """

    code: str
    message: str
    field: str = ""


@dataclass(frozen=True)
class Snippet:
    """One installation, as far as its own source tells.

    Each value is a literal where the source has one or a constant of the same file; else an
    Expression. Options are read with `setting`. `conditional` quotes the condition under which the
    installation runs ("inside if (consent)"), and is empty when it runs at once; `started_by` names
    what starts it when no browser does so by itself ("next/script", "Rocket Loader", "a consent
    manager"). `line` counts from 1 in the page or file; `source` is the installation's own text,
    shortened. `choices` are the choices that lead to it, and which way each goes.
    """

    kind: Kind
    build: Literal["full", "slim"]
    namespace: Value
    app_monitor_id: Value
    app_version: Value
    region: Value
    client_url: Value
    remote_config_url: Value
    config: JSObject = field(default_factory=JSObject)
    commands: tuple[ClientCommand, ...] = ()
    problems: tuple[Problem, ...] = ()
    script_index: int | None = None
    line: int = 0
    source: str = ""
    conditional: str = ""
    started_by: str = ""
    choices: tuple[tuple[str, int], ...] = ()

    @cached_property
    def misspelt(self) -> Mapping[str, str]:
        """Return the options that no client reads, each with the one that is meant."""
        from rumkit.client.source.spelling import misspelt

        return misspelt(self.config)

    def excludes(self, other: Snippet) -> bool:
        """Say whether this and another installation are ways of one choice: never both run."""
        mine = dict(self.choices)
        return any(mine.get(choice, way) != way for choice, way in other.choices)

    @cached_property
    def version(self) -> ClientVersion:
        """Return the version that the client URL names; unknown for NPM."""
        return ClientVersion.parse(self.client_url)

    @cached_property
    def behaviour(self) -> Behaviour:
        """Return what this installation's version and build does."""
        return behaviour_of(self.version, self.build)

    @property
    def configured(self) -> bool:
        """Say whether the client is handed a configuration at all."""
        return self.problem("initialize-command") is None and self.problem("no-queue") is None

    def setting(self, name: str) -> Option:
        """Return what is known of an option: the only right way to read one.

        Later keys win. An unknown spread makes each key before it Unread, and each key that is
        not written; so does a configuration that comes from elsewhere, and for a key that is not
        written a remote configuration.
        """
        if name in self.config:
            return option_of(self.config[name])
        return option_of(self._elsewhere or UNDEFINED)

    @property
    def config_source(self) -> str:
        """Quote where options unseen here may come from; empty when all are seen."""
        unseen = self._elsewhere
        return unseen.source[:200] if unseen else ""

    @property
    def _elsewhere(self) -> Expression | None:
        if rest := rest_of(self.config):
            return rest
        remote = self.behaviour.remote_configuration
        if not remote or truthy(self.remote_config_url) is False:
            return None
        return Expression(f"the remote configuration {self.remote_config_url}")

    @property
    def config_open(self) -> bool:
        """Say whether options may be set that are not seen here."""
        return bool(self.config_source)

    def has(self, name: str) -> bool | None:
        """Say whether an option is set to something true; None when that cannot be told."""
        match self.setting(name):
            case KnownOption(value):
                return truthy(value)
            case LeftOut():
                return False
            case UnreadOption():
                return None

    def command(self, name: str) -> ClientCommand | None:
        """Return the first call of a command."""
        return next((c for c in self.commands if c.name == name), None)

    def problem(self, code: str) -> Problem | None:
        """Return the first problem with a code."""
        return next((p for p in self.problems if p.code == code), None)

    def telemetry(self, name: str, behaviour: Behaviour | None = None) -> Value:
        """Return a telemetry's configuration ({} when it is on without one), or None when off.

        An Expression means that it cannot be told.
        """
        used = behaviour or self.behaviour
        if not used.telemetries_option:
            return None
        match self.setting("telemetries"):
            case UnreadOption(source, names):
                return Expression(source, names)
            case LeftOut():
                return {} if name in used.default_telemetries else None
            case KnownOption(value):
                return _telemetry_in(value, name) if isinstance(value, list) else None

    @property
    def pool_region(self) -> str | None:
        """Return the identity pool's region: the text before the colon of its id."""
        match self.setting("identityPoolId"):
            case KnownOption(str(pool)) if ":" in pool and is_region(pool.partition(":")[0]):
                return pool.partition(":")[0]
            case _:
                return None

    def flow(self, behaviour: Behaviour | None = None) -> Flow:
        """Return how the client gets credentials; unknown when an option that decides is Unread.

        With both an identity pool and setAwsCredentials the pool's flow is returned: the client
        asks Cognito first.
        """
        used = behaviour or self.behaviour
        own = self.command("setAwsCredentials") is not None
        if not used.cognito:
            return self._slim_flow(own)
        pool, role = self.has("identityPoolId"), self.has("guestRoleArn")
        unsigned = self._unsigned(used, pool)
        if unsigned:
            return "unsigned"
        if unsigned is None or pool is None or (pool and role is None):
            return "unknown"
        if pool:
            return "basic" if role else "enhanced"
        return "own-credentials" if own else "none"

    def _slim_flow(self, own: bool) -> Flow:
        if self.command("setSigningConfigFactory") is None:
            return "unsigned"
        return "own-credentials" if own else "none"

    def _unsigned(self, used: Behaviour, pool: bool | None) -> bool | None:
        """Say whether `signing: false` counts in this version; None when it cannot be told."""
        if used.signing == "ignored" or (used.signing == "without-pool" and pool):
            return False
        match self.setting("signing"):
            case UnreadOption():
                return None
            case KnownOption(False):
                return True if used.signing == "honoured" or pool is False else None
            case _:
                return False

    def endpoint(self, behaviour: Behaviour | None = None) -> str | None:
        """Return the data plane's base URL that the client uses.

        None when it cannot be told, and when the Region that it is made from does not exist. The
        full build 3.0.0 to 3.2.0 takes us-west-2 whatever the region.
        """
        used = behaviour or self.behaviour
        match self.setting("endpoint"):
            case UnreadOption():
                return None
            case KnownOption(value) if truthy(value):
                return value if isinstance(value, str) else None
        region = used.default_endpoint_region or self.signing_region
        exists = region is not None and is_region(region)
        return f"https://dataplane.rum.{region}.amazonaws.com" if exists else None

    @property
    def signing_region(self) -> str | None:
        """Return the region of the signature's scope: the argument, us-west-2 when missing."""
        if isinstance(self.region, str):
            return self.region
        return DEFAULT_REGION if isinstance(self.region, Undefined) else None

    def data_plane_host(self, behaviour: Behaviour | None = None) -> str | None:
        """Return the host that events are sent to; None when unknown or no valid URL."""
        try:
            return urlsplit(self.endpoint(behaviour) or "").hostname
        except ValueError:
            return None

    def connect_urls(self, behaviour: Behaviour | None = None) -> dict[str, str]:
        """Return the URLs that the client connects to, by purpose.

        Purposes: `data-plane`, `cognito`, `sts` (basic flow only), `remote-config`. What cannot
        be told is left out.
        """
        used = behaviour or self.behaviour
        urls: dict[str, str] = {}
        endpoint = self.endpoint(used)
        if endpoint and endpoint.startswith(("https://", "http://")):
            tail = "/" if used.trailing_slash else ""
            monitor = self.app_monitor_id if isinstance(self.app_monitor_id, str) else ""
            urls["data-plane"] = f"{endpoint.rstrip('/')}/appmonitors/{monitor}{tail}"
        flow = self.flow(used)
        asked = flow == "unknown" and self._unsigned(used, pool=True) is False
        if self.pool_region and (flow in {"enhanced", "basic"} or asked):
            urls["cognito"] = f"https://cognito-identity.{self.pool_region}.amazonaws.com/"
        if self.pool_region and flow == "basic":
            urls["sts"] = f"https://sts.{self.pool_region}.amazonaws.com/"
        remote = self.remote_config_url
        if used.remote_configuration and isinstance(remote, str) and remote:
            urls["remote-config"] = remote
        return urls


def _telemetry_in(listed: list[Value], name: str) -> Value:
    unsure: Value = None
    for entry in listed:
        if entry == name:
            return {}
        if isinstance(entry, list) and entry and entry[0] == name:
            config = entry[1] if len(entry) > 1 else {}
            return {} if isinstance(config, Undefined | None) else config
        first = entry[0] if isinstance(entry, list) and entry else entry
        if isinstance(first, Expression):
            unsure = first
    return unsure
