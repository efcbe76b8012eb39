"""Sweeps over container images: every layer, what a later one deleted, and images that are broken."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from campaign import disk
from clew.campaign.load import find_pack, load_campaigns
from clew.campaign.model import Campaign
from clew.campaign.sweep.model import Evidence, Sweep
from clew.campaign.sweep.run import sweep
from clew.settings import read_settings

LOCK = (
    json.dumps({"lockfileVersion": 3, "packages": {"node_modules/axios": {"version": "1.14.1"}}}, indent=1)
    + "\n"
)
BAD = {
    "app/package.json": '{"dependencies": {"axios": "^1.14.0"}}',
    "app/package-lock.json": LOCK,
    "app/node_modules/axios/package.json": '{"version": "1.14.1"}',
    "app/node_modules/plain-crypto-js/package.json": '{"version": "4.2.0"}',
    "tmp/ld.py": "inert\n",
}
CLEAN = {"app/node_modules/axios/package.json": '{"version": "1.14.0"}', "app/src/index.js": "inert\n"}
DELETED = {
    "app/node_modules/.wh.plain-crypto-js": "",
    "tmp/.wh.ld.py": "",
    "app/node_modules/axios/.wh..wh..opq": "",
}


@pytest.fixture(scope="module")
def axios() -> Campaign:
    return load_campaigns([find_pack("axios-2026")])[0]


def run(campaign: Campaign, path: Path) -> Sweep:
    return sweep(campaign, [path], read_settings({}))


def hits(result: Sweep) -> list[Evidence]:
    return [one for place in result.places for one in place.evidence if one.use == "hit"]


def tar(files: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files.items():
            data = content if isinstance(content, bytes) else content.encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def saved(path: Path, *layers: bytes) -> Path:
    """As docker save wrote it before version 25."""
    names = [f"{number}/layer.tar" for number, _ in enumerate(layers)]
    manifest = [{"Config": "c.json", "RepoTags": ["acme/app:1"], "Layers": names}]
    files = {"manifest.json": json.dumps(manifest), "c.json": "{}", **dict(zip(names, layers, strict=True))}
    return disk.put(path, tar(files))


def layout(folder: Path, *layers: bytes) -> Path:
    """An OCI layout: an index, an index in it, a manifest, blobs."""

    def blob(data: bytes, kind: str) -> dict[str, str]:
        digest = hashlib.sha256(data).hexdigest()
        disk.put(folder / "blobs" / "sha256" / digest, data)
        return {"digest": f"sha256:{digest}", "mediaType": f"application/vnd.oci.image.{kind}"}

    manifest = {"layers": [blob(gzip.compress(layer), "layer.v1.tar+gzip") for layer in layers]}
    attested = {"layers": [blob(b"{}", "x") | {"mediaType": "application/vnd.in-toto+json"}]}
    inner = {
        "manifests": [blob(json.dumps(one).encode(), "manifest.v1+json") for one in (manifest, attested)]
    }
    outer = blob(json.dumps(inner).encode(), "index.v1+json")
    outer["annotations"] = {"org.opencontainers.image.ref.name": "1.0"}  # type: ignore[assignment]
    disk.put(folder / "index.json", {"manifests": [outer]})
    disk.put(folder / "oci-layout", {"imageLayoutVersion": "1.0.0"})
    return folder


def packed(folder: Path) -> Path:
    """The layout as one archive, compressed."""
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return disk.put(folder.with_suffix(".tar.gz"), gzip.compress(tar(files)))


KINDS: dict[str, Callable[..., Path]] = {
    "docker save": lambda top, *layers: saved(top / "i.tar", *layers),
    "OCI layout": lambda top, *layers: layout(top / "oci", *layers),
    "OCI layout, packed": lambda top, *layers: packed(layout(top / "in" / "oci", *layers)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_layer_is_looked_into_also_what_a_later_one_deleted(
    kind: str, axios: Campaign, tmp_path: Path
) -> None:
    image = KINDS[kind](tmp_path, tar(CLEAN), tar(BAD), tar(DELETED))
    result = run(axios, image)
    assert result.verdict == "hit"
    told = {one.path.partition("!")[2]: one.what for one in hits(result)}
    assert set(told) == {
        f"layer 2/{name}"
        for name in (
            "app/package-lock.json",
            "app/node_modules/axios",
            "app/node_modules/plain-crypto-js",
            "tmp/ld.py",
        )
    }
    deleted = {path for path, what in told.items() if "deleted in layer 3, but in the image still" in what}
    assert deleted == {"layer 2/app/node_modules/plain-crypto-js", "layer 2/tmp/ld.py"}
    assert [place.sort for place in result.places] == ["image"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_clean_image_is_not_hit(kind: str, axios: Campaign, tmp_path: Path) -> None:
    result = run(axios, KINDS[kind](tmp_path, tar(CLEAN), tar({})))
    assert (result.verdict, hits(result)) == ("not_hit", [])
    assert result.places[0].looked == 2


def test_an_image_that_lies_in_a_folder_is_found(axios: Campaign, tmp_path: Path) -> None:
    saved(tmp_path / "a" / "image.tar", tar(BAD))
    layout(tmp_path / "b" / "oci", tar(BAD))
    disk.put(tmp_path / "c" / "notes.tar", tar({"notes.txt": "x"}))
    result = run(axios, tmp_path)
    assert {place.path for place in result.places if place.verdict == "hit"} == {
        f"{tmp_path}/a/image.tar (acme/app:1)",
        f"{tmp_path}/b/oci (1.0)",
    }
    assert any("notes.tar" in note for note in result.notes)


def test_broken_images_are_told(axios: Campaign, tmp_path: Path) -> None:
    whole = saved(tmp_path / "i.tar", tar(CLEAN), tar(BAD)).read_bytes()
    cut = disk.put(tmp_path / "cut.tar", whole[: len(whole) // 2])
    assert run(axios, cut).verdict == "could_not_look"
    missing = layout(tmp_path / "oci", tar(CLEAN))
    for path in (missing / "blobs" / "sha256").iterdir():
        path.unlink()
    assert run(axios, missing).verdict == "could_not_look"
    garbled = saved(tmp_path / "g.tar", b"\x1f\x8b\x08 no gzip at all", tar(BAD))
    assert run(axios, garbled).verdict == "hit", "the other layer was read"
    garbled = saved(tmp_path / "g.tar", b"\x1f\x8b\x08 no gzip at all", tar(CLEAN))
    result = run(axios, garbled)
    assert result.verdict == "could_not_look"
    assert any("layer 1" in reject.path for place in result.places for reject in place.unread)
    climbing = [{"RepoTags": None, "Layers": ["../../etc/passwd", 7]}]
    result = run(axios, disk.put(tmp_path / "c.tar", tar({"manifest.json": json.dumps(climbing)})))
    assert result.verdict == "could_not_look"
    assert run(axios, disk.put(tmp_path / "d.tar", tar({"manifest.json": "{"}))).verdict == "could_not_look"


def test_a_member_whose_path_climbs_is_no_place_on_this_host(axios: Campaign, tmp_path: Path) -> None:
    result = run(axios, saved(tmp_path / "i.tar", tar({"../../tmp/ld.py": "x", "./tmp/ok": "x"})))
    assert result.verdict == "not_hit"


def test_a_log_in_a_layer_is_read_as_any_other(axios: Campaign, tmp_path: Path) -> None:
    line = '{"_path": "dns", "ts": 1774920660.0, "uid": "C1", "id.orig_h": "10.1.2.3", "id.orig_p": 5, '
    line += '"id.resp_h": "10.0.0.1", "id.resp_p": 53, "proto": "udp", "query": "sfrclak.com", "qtype_name": "A"}\n'
    image = saved(
        tmp_path / "image.tar", tar({"var/log/dns.log": line, "opt/app/config.json": '{"name": "x"}'})
    )
    result = run(axios, image)
    (one,) = [one for place in result.places for one in place.evidence]
    assert (one.kind, one.path) == ("domains", f"{image}!layer 1/var/log/dns.log")
    assert [place.path for place in result.places if place.sort == "log"] == [one.path]


def test_a_log_of_plain_text_in_a_layer_is_searched(axios: Campaign, tmp_path: Path) -> None:
    lines = "npm http fetch GET 200 https://registry.npmjs.org/axios/-/axios-1.14.1.tgz 31ms\n"
    image = saved(tmp_path / "i.tar", tar({"root/.npm/_logs/debug-0.log": "x\n" + lines, "a.txt": lines}))
    result = run(axios, image)
    (place,) = [place for place in result.places if place.sort == "text"]
    assert place.path == f"{image}!layer 1/root/.npm/_logs/debug-0.log"
    assert [(one.use, one.indicator, one.position) for one in place.evidence] == [("lead", "axios@1.14.1", 2)]
    assert result.verdict == "not_hit", "a mention is a lead"


def test_a_sparse_file_with_a_map_without_end_holds_nobody_up(axios: Campaign, tmp_path: Path) -> None:
    """As in the testdata of Go's archive/tar: millions of empty pieces, which are no file of the campaign."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        data = b"999999999\n" + b"0\n" * 2000
        sparse = tarfile.TarInfo("srv/sparse.reg")
        sparse.size = len(data)
        sparse.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "0"}
        archive.addfile(sparse, io.BytesIO(data))
        archive.addfile(tarfile.TarInfo("tmp/ld.py"))
    result = run(axios, saved(tmp_path / "i.tar", out.getvalue()))
    assert [one.indicator for one in hits(result)] == ["/tmp/ld.py"], "what stands behind it is not lost"
    (place,) = result.places
    assert [one.reason for one in place.unread] == ["a sparse file: unpack the layer to look into it"]
