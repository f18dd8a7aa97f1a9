"""Amazon S3 as far as a trail's bucket needs it: list and get, nothing is ever written."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

from rumkit.sandbox.errors import AwsError
from rumkit.sandbox.ids import ACCOUNT, ORGANISATION, letters
from rumkit.sandbox.resources import BucketFile, BucketFiles
from rumkit.sandbox.wire.write import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rumkit.sandbox.resources import Record, Trail
    from rumkit.sandbox.wire.read import Http
    from rumkit.sandbox.world import World

_MAX_KEYS = 1000
_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


@dataclass(frozen=True)
class Wanted:
    """What a request is for: ListObjectsV2 of a bucket, or GetObject and HeadObject of a key."""

    operation: str
    bucket: str
    key: str
    params: dict[str, str]


def read_request(http: Http) -> Wanted:
    """Return what a path-style request is for. Raises AwsError for anything else than reading."""
    bucket, _, key = unquote(http.path).lstrip("/").partition("/")
    params = {name: values[0] for name, values in parse_qs(http.query).items()}
    if http.method in {"GET", "HEAD"} and key:
        return Wanted("GetObject" if http.method == "GET" else "HeadObject", bucket, key, params)
    if http.method == "HEAD":
        return Wanted("HeadBucket", bucket, key, params)
    if http.method == "GET" and params.get("list-type") == "2":
        return Wanted("ListObjectsV2", bucket, key, params)
    raise AwsError("NotImplemented", "The sandbox only lists and gets objects.", status=501)


def answer(world: World, wanted: Wanted) -> Reply:
    """Answer a request. Raises AwsError."""
    trail = next((t for t in world.trails if t.bucket == wanted.bucket), None)
    if trail is None:
        raise AwsError("NoSuchBucket", "The specified bucket does not exist", status=404)
    if wanted.operation == "HeadBucket":
        return Reply(200, (), b"")
    files = _files(world, trail).by_key
    if wanted.operation == "ListObjectsV2":
        return _listing(wanted, files)
    if wanted.key not in files:
        raise AwsError("NoSuchKey", "The specified key does not exist.", status=404)
    file = files[wanted.key]
    headers = (("content-type", "application/json"), ("etag", file.etag))
    return Reply(200, headers, file.body if wanted.operation == "GetObject" else b"")


def write_error(error: AwsError, request_id: str) -> Reply:
    """Return an error as S3 writes it."""
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{error.code}</Code>'
        f"<Message>{escape(error.message)}</Message><RequestId>{request_id}</RequestId></Error>"
    )
    return Reply(error.status or 400, (("content-type", "application/xml"),), body.encode())


def _files(world: World, trail: Trail) -> BucketFiles:
    """Return the trail's files, which are made again where the trail or the records are others."""
    records, now = world.records(), repr(trail)
    known = world.files.get(trail.name)
    if known is None or (known.trail, known.records) != (now, len(records)):
        known = BucketFiles(now, len(records), _packed_files(trail, records))
        world.files[trail.name] = known
    return known


def _packed_files(trail: Trail, records: list[Record]) -> dict[str, BucketFile]:
    """Return a file for each region and quarter of an hour."""
    files: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        if trail.delivers(record, "bucket"):
            files[_key(trail, record)].append(record)
    return {key: _file(held) for key, held in sorted(files.items())}


def _key(trail: Trail, record: Record) -> str:
    when, region = record["eventTime"], record["awsRegion"]
    quarter = f"{int(when[14:16]) // 15 * 15:02d}"
    moment = f"{when[:4]}{when[5:7]}{when[8:10]}T{when[11:13]}{quarter}Z"
    day = f"{when[:4]}/{when[5:7]}/{when[8:10]}"
    # An organisation's trail has a folder for the organisation, and one for each account in it.
    base = "AWSLogs" if trail.owner == ACCOUNT else f"AWSLogs/{ORGANISATION}"
    folder = f"{base}/{ACCOUNT}/CloudTrail/{region}/{day}"
    return f"{folder}/{ACCOUNT}_CloudTrail_{region}_{moment}_{letters(16, region, moment)}.json.gz"


def _file(records: list[Record]) -> BucketFile:
    body = gzip.compress(json.dumps({"Records": records}).encode(), 6, mtime=0)
    etag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
    return BucketFile(body, etag, max(record["eventTime"] for record in records))


def _listing(wanted: Wanted, files: Mapping[str, BucketFile]) -> Reply:
    prefix, delimiter = wanted.params.get("prefix", ""), wanted.params.get("delimiter", "")
    after = wanted.params.get("continuation-token") or wanted.params.get("start-after", "")
    keys = [key for key in files if key.startswith(prefix) and key > after]
    folders: list[str] = []
    if delimiter:
        rest = {key: key[len(prefix) :] for key in keys}
        inside = {
            k: prefix + r[: r.index(delimiter) + 1] for k, r in rest.items() if delimiter in r
        }
        folders = sorted(set(inside.values()))
        keys = [key for key in keys if key not in inside]
    size = min(int(wanted.params.get("max-keys", _MAX_KEYS)), _MAX_KEYS)
    page, more = keys[:size], len(keys) > size
    token = f"<NextContinuationToken>{page[-1]}</NextContinuationToken>" if more and page else ""
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="{_NAMESPACE}">'
        f"<Name>{wanted.bucket}</Name><Prefix>{escape(prefix)}</Prefix>"
        f"<KeyCount>{len(page) + len(folders)}</KeyCount><MaxKeys>{size}</MaxKeys>"
        f"<IsTruncated>{str(more).lower()}</IsTruncated>{token}"
        f"{''.join(_object(key, files[key]) for key in page)}"
        + "".join(
            f"<CommonPrefixes><Prefix>{folder}</Prefix></CommonPrefixes>" for folder in folders
        )
        + "</ListBucketResult>"
    )
    return Reply(200, (("content-type", "application/xml"),), body.encode())


def _object(key: str, file: BucketFile) -> str:
    return (
        f"<Contents><Key>{key}</Key><LastModified>{file.written[:-1]}.000Z</LastModified>"
        f"<ETag>{escape(file.etag)}</ETag><Size>{len(file.body)}</Size>"
        "<StorageClass>STANDARD</StorageClass></Contents>"
    )
