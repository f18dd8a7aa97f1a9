"""Versions of the web client out of manifest and lock files, as the package managers write them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from rumkit.client.packages import (
    BAD_RELEASES,
    READERS,
    PackageVersion,
    bad_release,
    read_packages,
    used_package,
)

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = json.dumps({"name": "shop", "dependencies": {"aws-rum-web": "^1.17.0", "react": "18"}})
NPM_3 = json.dumps(
    {
        "lockfileVersion": 3,
        "packages": {
            "": {"dependencies": {"aws-rum-web": "^1.17.0"}},
            "node_modules/aws-rum-web": {"version": "1.17.2"},
            "node_modules/rum": {"name": "@aws-rum/web-slim", "version": "3.2.1"},
            "node_modules/rum/node_modules/@aws-rum/web-core": {"version": "3.2.1"},
            "node_modules/not-aws-rum-web": {"version": "9.9.9"},
        },
    }
)
NPM_1 = json.dumps(
    {
        "lockfileVersion": 1,
        "dependencies": {
            "aws-rum-web": {"version": "1.17.2", "requires": {"uuid": "^8"}},
            "rum": {"version": "npm:@aws-rum/web-slim@3.2.1"},
            "kit": {"version": "1.0.0", "dependencies": {"aws-rum-web": {"version": "1.0.3"}}},
        },
    }
)
YARN_1 = """# yarn lockfile v1


"@aws-rum/web-slim@^3.1.0", "@aws-rum/web-slim@^3.2.0":
  version "3.2.1"
  resolved "https://registry.example/web-slim-3.2.1.tgz"
  dependencies:
    "@aws-rum/web-core" "3.2.1"

aws-rum-web@^1.17.0:
  version "1.17.2"

"old@npm:aws-rum-web@1.13.7":
  version "1.13.7"

not-aws-rum-webs@^1.0.0:
  version "9.9.9"
"""
YARN_4 = """__metadata:
  version: 8

"@aws-rum/web-slim@npm:^3.2.0":
  version: 3.2.1
  resolution: "@aws-rum/web-slim@npm:3.2.1"

"aws-rum-web@npm:^1.17.0":
  version: 1.17.2
  resolution: "aws-rum-web@npm:1.17.2"

"shop@workspace:.":
  version: 0.0.0-use.local
  dependencies:
    aws-rum-web: "npm:^1.17.0"
"""
PNPM_5 = """lockfileVersion: 5.4
dependencies:
  aws-rum-web: 1.17.2
packages:
  /@aws-rum/web-slim/3.2.1:
    resolution: {integrity: sha512-x}
  /aws-rum-web/1.17.2_react@18.3.1:
    resolution: {integrity: sha512-x}
"""
PNPM_6 = """lockfileVersion: '6.0'
packages:
  /@aws-rum/web-slim@3.2.1:
    resolution: {integrity: sha512-x}
  /aws-rum-web@1.17.2(react@18.3.1):
    resolution: {integrity: sha512-x}
"""
PNPM_9 = """lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      aws-rum-web:
        specifier: ^1.17.0
        version: 1.17.2
packages:
  '@aws-rum/web-slim@3.2.1':
    resolution: {integrity: sha512-x}
  aws-rum-web@1.17.2:
    resolution: {integrity: sha512-x}
snapshots:
  '@aws-rum/web-slim@3.2.1': {}
  aws-rum-web@1.17.2:
    dependencies:
      uuid: 8.3.2
"""
BUN = """{
  "lockfileVersion": 1,
  "workspaces": { "": { "dependencies": { "aws-rum-web": "^1.17.0", }, }, },
  "packages": {
    "@aws-rum/web-slim": ["@aws-rum/web-slim@3.2.1", "", {}, "sha512-x"],
    "aws-rum-web": ["aws-rum-web@1.17.2", "", { "dependencies": { "uuid": "^8" } }, "sha512-x"],
  },
}
"""
FULL_AND_SLIM = {("aws-rum-web", "1.17.2"), ("@aws-rum/web-slim", "3.2.1")}
LOCKS = [
    ("package-lock.json", NPM_3, FULL_AND_SLIM | {("@aws-rum/web-core", "3.2.1")}),
    ("npm-shrinkwrap.json", NPM_3, FULL_AND_SLIM | {("@aws-rum/web-core", "3.2.1")}),
    ("package-lock.json", NPM_1, FULL_AND_SLIM | {("aws-rum-web", "1.0.3")}),
    ("yarn.lock", YARN_1, FULL_AND_SLIM | {("aws-rum-web", "1.13.7")}),
    ("yarn.lock", YARN_4, FULL_AND_SLIM),
    ("pnpm-lock.yaml", PNPM_5, FULL_AND_SLIM),
    ("pnpm-lock.yaml", PNPM_6, FULL_AND_SLIM),
    ("pnpm-lock.yaml", PNPM_9, FULL_AND_SLIM),
    ("bun.lock", BUN, FULL_AND_SLIM),
]


@pytest.mark.parametrize(("name", "text", "versions"), LOCKS, ids=range(len(LOCKS)))
def test_a_lock_file_tells_exact_versions(
    tmp_path: Path, name: str, text: str, versions: set[tuple[str, str]]
) -> None:
    (tmp_path / name).write_text(text)
    found = read_packages(tmp_path / name)
    assert {(each.name, each.version) for each in found} == versions
    assert len(found) == len(versions)
    assert all(each.exact and each.file == str(tmp_path / name) for each in found)


@pytest.mark.parametrize(("name", "text", "versions"), LOCKS, ids=range(len(LOCKS)))
def test_line_ends_of_windows_tell_the_same(
    tmp_path: Path, name: str, text: str, versions: set[tuple[str, str]]
) -> None:
    (tmp_path / name).write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    found = read_packages(tmp_path / name)
    assert {(each.name, each.version) for each in found} == versions


SPECS = [
    ("1.17.2", "1.17.2", True),
    ("=1.17.2", "1.17.2", True),
    ("3.0.0-beta.1", "3.0.0-beta.1", True),
    ("^1.17.0", "^1.17.0", False),
    ("~1.17", "~1.17", False),
    ("1.x", "1.x", False),
    ("latest", "latest", False),
    ("npm:aws-rum-web@1.13.7", "1.13.7", True),
    ("workspace:*", "workspace:*", False),
]


@pytest.mark.parametrize(("spec", "version", "exact"), SPECS)
@pytest.mark.parametrize("section", ["dependencies", "devDependencies", "peerDependencies"])
def test_a_manifest_tells_a_version_or_a_range(
    tmp_path: Path, section: str, spec: str, version: str, exact: bool
) -> None:
    file = tmp_path / "package.json"
    file.write_text(json.dumps({section: {"aws-rum-web": spec, "rum": 1, "react": "18.3.1"}}))
    assert read_packages(file) == (PackageVersion("aws-rum-web", version, exact, str(file)),)


def test_the_project_of_a_source_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "shop/src/app").mkdir(parents=True)
    (tmp_path / "shop/package.json").write_text(MANIFEST)
    (tmp_path / "shop/yarn.lock").write_text(YARN_4)
    (tmp_path / "package-lock.json").write_text(NPM_1)
    for path in ("shop/src/app/rum.ts", "shop/src", "shop/index.html"):
        found = read_packages(tmp_path / path)
        assert [(each.name, each.version) for each in found] == [
            ("aws-rum-web", "^1.17.0"),
            ("@aws-rum/web-slim", "3.2.1"),
            ("aws-rum-web", "1.17.2"),
        ]


def test_nothing_above_the_project_is_read(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/package.json").write_text("{}")
    (tmp_path / "package.json").write_text(MANIFEST)
    assert read_packages(tmp_path / "shop/rum.ts") == ()


HOSTILE = ["", "{", "[" * 100_000, "null", '"aws-rum-web"', '{"packages": ["aws-rum-web"]}']
HOSTILE += ['{"dependencies": "aws-rum-web"}', '{"dependencies": {"aws-rum-web": null}}', "\0" * 99]
HOSTILE += ["aws-rum-web@" * 50_000, "aws-rum-web@^1:\n" * 10_000, " " * 100_000 + "aws-rum-web"]
HOSTILE += ['{"packages": {"node_modules/aws-rum-web": {"version": 1, "name": [2]}}}']


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_file_that_is_broken_tells_nothing_and_raises_nothing(
    tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)
    assert read_packages(tmp_path / name) == ()


def test_what_is_no_file_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "package.json").mkdir()
    assert read_packages(tmp_path / "package.json") == ()
    assert read_packages(tmp_path / "absent/yarn.lock") == ()
    for name in ("a\0b.ts", "a" * 300, "~nobody-of-this-name/rum.ts"):
        assert read_packages(name) == ()


def package(name: str, version: str, exact: bool = True) -> PackageVersion:
    return PackageVersion(name, version, exact, "yarn.lock")


USED = [
    ([], None),
    ([package("aws-rum-web", "^1.17.0", exact=False)], "^1.17.0"),
    ([package("aws-rum-web", "^1", exact=False), package("aws-rum-web", "1.17.2")], "1.17.2"),
    ([package("@aws-rum/web-slim", "3.2.1"), package("aws-rum-web", "3.1.0")], "3.1.0"),
    ([package("@aws-rum/web-core", "3.2.1"), package("@aws-rum/web-slim", "3.2.0")], "3.2.0"),
    ([package("aws-rum-web", "1.0.3"), package("aws-rum-web", "1.17.2")], None),
    ([package("@aws-rum/web-core", "3.2.1")], None),
]


@pytest.mark.parametrize(("packages", "version"), USED, ids=range(len(USED)))
def test_the_package_that_is_used(packages: list[PackageVersion], version: str | None) -> None:
    used = used_package(tuple(packages))
    assert (used.version if used else None) == version


BAD = [("1.13.2", "cannot be imported"), ("1.13.3", "throws"), ("1.5.0", "querystring-builder")]


@pytest.mark.parametrize(("version", "reason"), BAD)
def test_a_bad_release_is_named(version: str, reason: str) -> None:
    row = bad_release(version)
    assert row is not None
    assert reason in row.reason


@pytest.mark.parametrize("version", ["1.13.7", "1.17.2", "3.2.1", "^1.13.0", "", "1.13", "x"])
def test_any_other_release_is_not(version: str) -> None:
    assert bad_release(version) is None


def test_every_bad_release_has_a_source_and_an_order() -> None:
    assert all(row.source.startswith("https://github.com/") for row in BAD_RELEASES)
    assert all(row.first <= row.last for row in BAD_RELEASES)
