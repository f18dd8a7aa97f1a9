"""The only clients of rumkit that write to AWS, each for one operation that a person asked for.

`--output s3://…` puts objects, `--notify sns:…` publishes. The guard of `rumkit.aws.session` does
not know these clients; this one refuses every other operation in its place.
"""

from __future__ import annotations

from typing import Any, Final

from rumkit.aws.guard import let_only
from rumkit.aws.session import boto3_session

ALLOWED: Final = frozenset({("s3", "PutObject"), ("s3", "GetObject"), ("sns", "Publish")})


def writing_client(service: str, *, region: str | None = None) -> Any:
    """Return a client that may do what `ALLOWED` names of its service, and nothing else."""
    from botocore.config import Config

    config = Config(
        connect_timeout=5, read_timeout=30, retries={"mode": "standard", "max_attempts": 4}
    )
    client = boto3_session(None).client(service, region_name=region, config=config)  # type: ignore[call-overload]
    let_only(client, lambda *called: called in ALLOWED, "rumkit may not call")
    return client
