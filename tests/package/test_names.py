"""Names and versions of packages, and what lies in a folder by its path."""

from __future__ import annotations

import pytest

from clew.package import semver, version
from clew.package.digest import from_hex, from_sri, kind_of
from clew.package.installed import of_file, of_folder
from clew.package.model import Package, PackageError, from_purl, package
from clew.package.npmcache import is_index, tarballs

SHA1 = "07d889e2dadce6f3910dcbc253317d28ca61c766"


@pytest.mark.parametrize(
    ("version", "wanted", "taken"),
    [
        ("1.14.1", "^1.14.0", True),
        ("1.14.1", "~1.14", True),
        ("1.15.0", "~1.14", False),
        ("1.14.1", ">=1.0.0 <1.14.1", False),
        ("1.14.1", ">=1.0.0 <=1.14.1", True),
        ("1.14.1", "1.x", True),
        ("1.14.1", "*", True),
        ("1.14.1", "", True),
        ("0.30.4", "^0.30.0", True),
        ("0.31.0", "^0.30.0", False),
        ("0.0.4", "^0.0.3", False),
        ("1.14.1", "1.13.0 - 1.14", True),
        ("2.4.0", "1.2.3 - 2.3", False),
        ("2.0.0", "1.2.3 || ^2", True),
        ("1.15.0-beta.1", "^1.14", False),
        ("1.15.0-beta.1", "^1.15.0-beta", True),
        ("2.0.0-beta", "<2.0.0", False),
        ("1.14.1", "> 1.14.0", True),
        ("1.14.1", "<=1.14", True),
        ("1.0.0", ">1", False),
        ("2.0.0", ">1", True),
        ("v1.14.1", "=1.14.1", True),
    ],
)
def test_npm_takes_a_version_for_a_range(version: str, wanted: str, taken: bool) -> None:
    assert semver.satisfies(version, wanted) is taken


@pytest.mark.parametrize("wanted", ["latest", "^1.0.0foo", "1.0.0 ; rm", "git+ssh://x", ">= 1.2.y"])
def test_what_is_no_range_is_refused(wanted: str) -> None:
    with pytest.raises(ValueError, match="no range"):
        semver.satisfies("1.0.0", wanted)


def test_the_order_of_the_specification() -> None:
    written = [
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
    ]
    assert sorted(written, key=semver.key) == written
    assert semver.key("1.0.0+build") == semver.key("1.0.0")


def test_ecosystems_have_their_own_orders() -> None:
    assert version.same("pypi", "1.0", "1.0.0") and not version.same("npm", "1.0", "1.0.0")
    assert version.admits("pypi", ">=1,<2", "1.5") and not version.admits("pypi", "==1.4", "1.5")
    assert version.admits("cargo", "1.2", "1.3.0") and version.admits("golang", ">=1.2.0", "v1.3.0")
    assert version.covers("npm", ">=1.14.1 <1.14.2", "1.14.1") and not version.covers(
        "npm", "<1.14.2", "1.14.2"
    )
    assert version.covers("npm", "<2.0.0", "1.0.0-beta") and not version.admits("npm", "<2.0.0", "1.0.0-beta")
    assert version.covers("pypi", ">=1,<2", "1.5") and not version.covers("golang", "<=1.2.0", "v1.3.0")
    with pytest.raises(version.VersionError, match="gem"):
        version.covers("gem", "<1.0", "0.9")
    with pytest.raises(version.VersionError, match="no semantic version"):
        version.order("npm", "latest")


def test_package_urls_there_and_back() -> None:
    assert from_purl("pkg:npm/%40babel/core@7.29.0") == Package("npm", "@babel/core", "7.29.0")
    assert Package("npm", "@babel/core", "7.29.0").purl == "pkg:npm/%40babel/core@7.29.0"
    assert package("pypi", "Foo_Bar") == Package("pypi", "foo-bar")
    for wrong in ("npm/axios", "pkg:npm", "pkg:npm/..%2F..%2Fetc@1"):
        with pytest.raises(PackageError):
            from_purl(wrong)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("app/node_modules/axios", "axios"),
        ("app/node_modules/@babel/core", "@babel/core"),
        ("app/node_modules/@babel", None),
        ("app/node_modules/.bin", None),
        ("app/src/axios", None),
        ("node_modules/.pnpm/axios@1.14.1", "axios@1.14.1"),
        ("node_modules/.pnpm/@babel+core@7.29.0_supports-color@8.1.1", "@babel/core@7.29.0"),
        ("node_modules/.pnpm/axios@1.14.1(debug@4.0.0)", "axios@1.14.1"),
        (f".cache/yarn/v6/npm-plain-crypto-js-4.2.1-{SHA1}-integrity", "plain-crypto-js@4.2.1"),
        (f".cache/yarn/v6/npm-@types-node-20.1.0-{SHA1}-integrity", "@types/node@20.1.0"),
        (".bun/install/cache/axios@1.14.1@@@1", "axios@1.14.1"),
        (".bun/install/cache/@babel/core@7.29.0@@@1", "@babel/core@7.29.0"),
        ("lib/python3.11/site-packages/Foo_Bar-1.0.dist-info", "foo-bar@1.0"),
        ("lib/python3.11/site-packages/six-1.16.0-py3.9.egg-info", "six@1.16.0"),
        ("go/pkg/mod/github.com/!burnt!sushi/toml@v1.3.2", "github.com/BurntSushi/toml@v1.3.2"),
        (".cargo/registry/src/index.crates.io-6f17/serde-1.0.200", "serde@1.0.200"),
        ("ruby/3.2.0/gems/rack-3.0.8", "rack@3.0.8"),
    ],
)
def test_a_folder_tells_its_package(path: str, expected: str | None) -> None:
    found = of_folder(path.split("/"))
    assert (str(found) if found else None) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("cache/axios-1.14.1.tgz", "axios@1.14.1"),
        ("mirror/@babel/core-7.29.0.tgz", "@babel/core@7.29.0"),
        ("mirror/@babel/core/-/core-7.29.0.tgz", "@babel/core@7.29.0"),
        ("mirror/axios/-/axios-1.14.1.tgz", "axios@1.14.1"),
        (".yarn/cache/axios-npm-1.14.1-abcdef1234-abcdef1234.zip", "axios@1.14.1"),
        (".yarn/cache/@babel-core-npm-7.29.0-abcdef1234-0123456789.zip", "@babel/core@7.29.0"),
        ("dist/foo_bar-1.0-py3-none-any.whl", "foo-bar@1.0"),
        ("x/serde-1.0.200.crate", "serde@1.0.200"),
        ("x/notes.zip", None),
    ],
)
def test_an_archive_tells_its_package(path: str, expected: str | None) -> None:
    found = of_file(path.split("/"))
    assert (str(found) if found else None) == expected


def test_the_index_of_npms_cache_names_archives() -> None:
    assert is_index(["_cacache", "index-v5", "ab", "cd", "0123"]) and not is_index(["a", "b", "c", "d", "e"])
    text = '\nabc\t{"key":"make-fetch-happen:request-cache:https://registry.npmjs.org/plain-crypto-js/-/plain-crypto-js-4.2.1.tgz"}'
    text += "\nGET https://registry.npmjs.org/@babel%2fcore/-/core-7.29.0.tgz"
    assert [str(found) for _, found in tarballs(text)] == ["plain-crypto-js@4.2.1", "@babel/core@7.29.0"]


def test_hashes() -> None:
    assert from_hex("SHA-256", "A" * 64) == "sha256:" + "a" * 64
    assert from_hex("sha1", SHA1[:-1]) is None and kind_of(SHA1) == "sha1" and kind_of("xyz") is None
    assert list(from_sri("sha1-B9iJ4trc5vORDcvCUzF9KMphx2Y= md6-xx sha512-???")) == [f"sha1:{SHA1}"]
