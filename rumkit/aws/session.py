"""One way to talk to AWS: time-outs, retries, a read-only guard, and no call made twice."""

from __future__ import annotations

import copy
import json
import os
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from rumkit.aws import errors
from rumkit.aws.errors import AwsRefusal
from rumkit.aws.guard import let_only
from rumkit.aws.partitions import partition_of
from rumkit.aws.patience import Patience, PatientHttp
from rumkit.aws.reads import find_read
from rumkit.aws.replies import check_redirect, check_reply, drop_secrets
from rumkit.aws_names import is_region_like
from rumkit.model import BadInput, NotCollected, did_you_mean
from rumkit.once import Once

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import boto3

_CONNECT_TIMEOUT = 5
_READ_TIMEOUT = 20
_RETRIES: Mapping[str, Any] = MappingProxyType({"mode": "standard", "max_attempts": 3})
_CONNECTIONS = 32
_MAX_PAGES = 50
_DAY = 24 * 3600


@dataclass(frozen=True)
class Call:
    """One read: an operation and its parameters, `region` None for the session's own.

    With `result`, the answer is the list of that key over all pages, else the first reply.
    """

    service: str
    operation: str
    region: str | None
    params: Mapping[str, Any]
    result: str = ""

    @property
    def name(self) -> str:
        """Return service and operation."""
        return f"{self.service}:{self.operation}"

    def key(self, own_region: str | None) -> tuple[str | None, ...]:
        """Return what tells this call from others."""
        params = json.dumps(self.params, default=str)
        return (self.service, self.operation, self.result, self.region or own_region, params)


class AwsSession:
    """A boto3 session that can only read, remembers every answer, and explains every refusal.

    Raises BadInput for a profile or region that does not exist. `region` is the default region
    for calls, which may be None. `retries` is botocore's setting of that name.
    """

    def __init__(
        self,
        *,
        profile: str | None = None,
        region: str | None = None,
        session: boto3.Session | None = None,
        retries: Mapping[str, Any] = _RETRIES,
    ) -> None:
        _refuse_impossible_time_zone()
        self._retries: Any = dict(retries)
        self._session = session or boto3_session(profile)
        self.profile = profile or self._session.profile_name
        self._answers = Once()
        self.patience = Patience()
        if region and region not in self.known_regions():
            near = did_you_mean(region, sorted(self.known_regions())) or "."
            raise BadInput(f"{region!r} is not an AWS region{near}")
        self.region = region or self._session.region_name
        self._clients = Once()
        # botocore's session loads models into shared caches without a lock of its own.
        self._building = threading.Lock()

    def afresh(self) -> AwsSession:
        """Return the same session, signed in as it is, that remembers no answer."""
        fresh = copy.copy(self)
        fresh._answers = Once()  # noqa: SLF001 - its own kind
        return fresh

    def known_regions(self) -> frozenset[str]:
        """Return the names of all regions of all partitions, as botocore knows them."""
        return self._answers.get("regions", lambda: _regions(self._session))

    def service_regions(self, service: str, partition: str) -> tuple[str, ...]:
        """Return the Regions of a partition in which a service is offered, as botocore knows."""

        def look() -> tuple[str, ...]:
            return tuple(self._session.get_available_regions(service, partition_name=partition))

        return self._answers.get(("regions", service, partition), look)

    def offers(self, service: str, region: str) -> bool:
        """Tell whether a service is offered in a Region, as far as botocore knows."""
        return region in self.service_regions(service, partition_of(region).name)

    def account_or_empty(self) -> str:
        """Return the account that the credentials belong to, empty where that can't be read."""
        try:
            reply = self.read("sts", "GetCallerIdentity", region=self.region)
        except NotCollected:
            return ""
        return str(reply["Account"])

    def client(self, service: str, region: str | None = None) -> Any:
        """Return a client that refuses whatever is not on the list of reads.

        Raises NotCollected for a Region that has not the form of one: replies name Regions too.
        """
        where = region or self.region
        if where and not is_region_like(where):
            raise NotCollected(
                f"{service} in a Region",
                f"{service} cannot be asked in {where[:80]!r}, which names no Region",
                missing=(f"answer:{service}",),
            )
        return self._clients.get((service, where), lambda: self._build(service, where))

    def read(
        self, service: str, operation: str, *, region: str | None = None, **params: Any
    ) -> dict[str, Any]:
        """Return the reply of one call; the same call again returns the same reply.

        Raises NotCollected with the IAM action that was refused, or with `absent` set when AWS
        says that the thing does not exist.
        """
        reply: dict[str, Any] = self.remembered(Call(service, operation, region, params))
        return reply

    def read_all(
        self, service: str, operation: str, result: str, *, region: str | None = None, **params: Any
    ) -> list[Any]:
        """Return one list gathered over all pages, `result` being its key.

        Raises NotCollected also for an answer of more than 50 pages: a part of a list looks like
        all of it.
        """
        items: list[Any] = self.remembered(Call(service, operation, region, params, result))
        return items

    def remembered(self, call: Call) -> Any:
        """Return the answer to a call, making it if nobody has. Raises NotCollected."""
        return self._answers.get(call.key(self.region), lambda: self.made(call))

    def made(self, call: Call) -> Any:
        """Make a call and return its answer. Raises NotCollected."""
        from botocore import xform_name

        method = xform_name(call.operation)
        try:
            with self._explained(call):
                client = self.client(call.service, call.region)
                if call.result:
                    return _gathered(client.get_paginator(method).paginate(**call.params), call)
                reply = getattr(client, method)(**call.params)
                reply.pop("ResponseMetadata", None)
                return reply
        except AwsRefusal as refusal:
            raise self._settled(refusal, call.service, call.region) from None

    @contextmanager
    def _explained(self, call: Call) -> Iterator[None]:
        """Bound a read in time, need credentials for it, and explain why it fails."""
        with errors.explained(call.service, call.operation, call.region or self.region):
            self.require_credentials()
            with self.patience.one_read(call.name):
                yield

    def _settled(self, refusal: AwsRefusal, service: str, region: str | None) -> AwsRefusal:
        """Tell a Region that is switched off from credentials that are no good anywhere."""
        where = region or self.region or ""
        home = partition_of(where).home
        if refusal.kind != "region" or service == "sts" or home == where:
            return refusal
        try:
            self.read("sts", "GetCallerIdentity", region=home)
        except NotCollected:
            return errors.bad_credentials(refusal)
        return errors.switched_off(refusal, where, home)

    def require_credentials(self) -> None:
        """Raise NotCollected when there are no AWS credentials at all."""
        if self._answers.get("credentials", self._credentials) is None:
            raise NotCollected(
                "credentials",
                "there are no AWS credentials here; name a profile with --profile or sign in",
                missing=("input:credentials",),
            )

    def _credentials(self) -> Any:
        """Return the credentials, which a program or a person may have to be asked for."""

        def ask() -> Any:
            credentials = self._session.get_credentials()
            if credentials is not None:
                credentials.get_frozen_credentials()  # else asked for when a request is signed
            return credentials

        with errors.explained("sts", "GetCallerIdentity", self.region):
            return self.patience.wait_for_person(ask)

    def _build(self, service: str, region: str | None) -> Any:
        from botocore.config import Config

        from rumkit import __version__

        config = Config(
            connect_timeout=_CONNECT_TIMEOUT,
            read_timeout=_READ_TIMEOUT,
            retries=self._retries,
            max_pool_connections=_CONNECTIONS,
            user_agent_extra=f"rumkit/{__version__}",
        )
        with self._building:
            client = self._session.client(service, region_name=region, config=config)  # type: ignore[call-overload]
        let_only(client, _is_read, "rumkit only reads; it may not call")
        endpoint = client._endpoint  # noqa: SLF001 - no public name leads to it
        endpoint.http_session = PatientHttp(endpoint.http_session, self.patience)
        if service == "s3":
            client.meta.events.register_first("needs-retry.s3", check_redirect)
        # Last, when botocore's own handlers have put documents in the place of their texts.
        client.meta.events.register_last("after-call.*.*", check_reply)
        client.meta.events.register_last("after-call.*.*", drop_secrets)
        return client


def _refuse_impossible_time_zone() -> None:
    """Raise BadInput where the clock is a day or more from UTC, as Python then reads no date."""
    if max(abs(time.timezone), abs(time.altzone)) >= _DAY:
        raise BadInput(
            f"TZ={os.environ.get('TZ', '')!r} sets the clock a day or more from UTC, which no time"
            " zone does: unset it, or name one (TZ=UTC)."
        )


def _gathered(pages: Iterable[Mapping[str, Any]], call: Call) -> list[Any]:
    """Return a list of all pages. Raises NotCollected where there are too many."""
    items: list[Any] = []
    for number, page in enumerate(pages):
        if number >= _MAX_PAGES:
            raise NotCollected(
                call.name,
                f"{call.name} answers with more than {_MAX_PAGES} pages, which is more than rumkit"
                " reads",
                missing=("limit:pages",),
            )
        items.extend(page.get(call.result, []))
    return items


def _is_read(service: str, operation: str) -> bool:
    return find_read(service, operation) is not None


def boto3_session(profile: str | None) -> boto3.Session:
    """Return boto3's session of a profile. Raises BadInput for one that does not exist."""
    import boto3
    from botocore.exceptions import BotoCoreError, ProfileNotFound
    from botocore.session import Session as BotocoreSession

    core = BotocoreSession(profile=profile)
    core.register_component("data_loader", _loader())
    try:
        session = boto3.Session(botocore_session=core)
        # A profile that the environment names is looked up only when it is used.
        _ = session.region_name
    except ProfileNotFound:
        profile = profile or os.environ.get("AWS_PROFILE", "")
        known = ", ".join(core.available_profiles) or "none"
        raise BadInput(
            f"There is no AWS profile {profile!r}; `aws configure list-profiles` knows: {known}."
        ) from None
    except BotoCoreError as error:
        raise BadInput(f"The AWS configuration cannot be read: {error}.") from None
    return session


@cache
def _loader() -> Any:
    """Return one loader for all sessions: it remembers the service models that it has read."""
    from botocore.loaders import create_loader

    return create_loader()


def _regions(session: boto3.Session) -> frozenset[str]:
    return frozenset(
        name
        for partition in session.get_available_partitions()
        for name in session.get_available_regions("sts", partition_name=partition)
    )
