"""For each type of mutable element: DuckDB, Python and the literal reading of R7 are of one mind."""

from __future__ import annotations

import ipaddress
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreement import LETTERS, both, check_element, check_lines, connection, near, seeds, several
from clew.select.address import network_pattern
from sigma_reading import MANY, element, wildcard_tokens


@pytest.mark.parametrize("type_", ["string", "strings"])
def test_strings_are_whole_and_caseless_with_wildcards_and_literal_backslashes(type_):
    said = Counter()

    @several
    @given(st.lists(st.text(LETTERS, min_size=1, max_size=7), min_size=1, max_size=3), seeds)
    def run(entries, seed):
        raw = entries[0] if type_ == "string" else entries
        held = near(wildcard_tokens(entries[0]), seed) + near(wildcard_tokens(entries[-1]), seed)
        said.update(check_element("process.name", type_, raw, held))

    run()
    both(said)


@pytest.mark.parametrize("type_", ["strings", "domains", "paths", "cidrs", "images"])
def test_an_empty_list_matches_nothing(type_):
    assert check_element("destination.address", type_, [], [None, "", "a", "10.0.0.1", "nginx"])[True] == 0


labels = st.lists(st.sampled_from(["a", "b", "ab", "com", "A", "x-1"]), min_size=1, max_size=4).map(".".join)


def test_domains_by_suffix_of_labels():
    said = Counter()

    @several
    @given(st.lists(labels, min_size=1, max_size=3), st.lists(labels, max_size=20), seeds)
    def run(entries, held, seed):
        held += [entries[0], entries[0] + ".", "x." + entries[-1].upper(), "x" + entries[0], "." + entries[0]]
        said.update(
            check_element("destination.domain", "domains", entries, [*held, None, *near(entries[0], seed, 8)])
        )

    run()
    both(said)


def test_the_examples_of_the_law():
    held = ["a.windowsupdate.com", "evilwindowsupdate.com"]
    assert check_element("destination.domain", "domains", ["windowsupdate.com"], held) == {True: 1, False: 1}


components = st.text("ab*? .(\U0001f642", min_size=1, max_size=3)
windows = st.tuples(
    st.sampled_from(["C:", "c:", "?:", "\\\\server", "HKLM"]),
    st.lists(components, max_size=3),
    st.sampled_from("\\/"),
    st.booleans(),
).map(lambda way: way[2].join([way[0], *way[1]]) + (way[2] if way[3] else ""))
posix = st.tuples(st.lists(components, max_size=3), st.booleans()).map(
    lambda way: "/" + "/".join(way[0]) + ("/" if way[1] and way[0] else "")
)


def test_paths_by_folder_with_wildcards_inside_a_component():
    said = Counter()

    @several
    @given(st.lists(st.one_of(windows, posix), min_size=1, max_size=3), seeds)
    def run(entries, seed):
        chance = random.Random(seed)
        held = []
        for entry in entries:
            tokens = wildcard_tokens(entry)
            held += near(tokens, chance.random(), 8) + near(
                [*tokens, chance.choice("\\/"), MANY], chance.random(), 8
            )
        held += [text.replace("\\", "/") for text in held if text]
        said.update(check_element("file.path", "paths", entries, held))

    run()
    both(said)


def test_windows_folders_take_either_separator_and_linux_folders_only_theirs():
    held = [
        "C:/Program Files/x",
        "c:\\program files",
        "C:\\Program Files (x86)\\x",
        "D:\\Program Files\\x",
        "\\tmp\\x",
    ]
    assert check_element("file.path", "paths", ["C:\\Program Files\\", "/tmp"], held) == {True: 2, False: 3}


# -- addresses, in any spelling that RFC 4291 allows


def _address(chance):
    if chance.random() < 0.4:
        near_zero = 0x0A000000 | chance.getrandbits(chance.randint(1, 24))
        return ipaddress.IPv4Address(
            chance.choice([chance.getrandbits(32), near_zero, chance.getrandbits(8)])
        )
    number = chance.getrandbits(128)
    for group in range(8):
        if chance.random() < 0.6:
            number &= ~(0xFFFF << (16 * group))
    return ipaddress.IPv6Address(number & 0xFFFFFFFFFFFF if chance.random() < 0.3 else number)


def _spelled(address, chance):
    if isinstance(address, ipaddress.IPv4Address):
        mapped = ipaddress.IPv6Address(0xFFFF << 32 | int(address))
        return str(address) if chance.random() < 0.6 else _spelled(mapped, chance)
    groups = [f"{int(address) >> shift & 0xFFFF:0{chance.randint(1, 4)}x}" for shift in range(112, -1, -16)]
    if chance.random() < 0.2:
        groups[6:] = [str(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))]
    runs = [
        (i, j)
        for i in range(len(groups))
        for j in range(i + 1, len(groups) + 1)
        if not "".join(groups[i:j]).strip("0")
    ]
    text = ":".join(groups)
    if runs and chance.random() < 0.8:
        start, end = chance.choice(runs)
        text = ":".join(groups[:start]) + "::" + ":".join(groups[end:])
    text += "%eth0" if chance.random() < 0.1 else ""
    return text.upper() if chance.random() < 0.2 else text


def _network(address, chance):
    length = chance.randint(0, address.max_prefixlen)
    return str(ipaddress.ip_network((address, length), strict=False))


@pytest.mark.parametrize("way", ["element", "|cidr", "|cidr|neq", "|cidr|all"])
def test_networks(way):
    said = Counter()

    @several
    @given(seeds)
    def run(seed):
        chance = random.Random(seed)
        addresses = [_address(chance) for _ in range(chance.randint(1, 4))]
        networks = [_network(address, chance) for address in addresses]
        held = [
            None,
            "",
            "1.2.3.4 ",
            "1.2.3",
            "01.2.3.4",
            "::1%",
            "1::2::3",
            "1:2:3:4:5:6:7::8",
            "fe80.example",
        ]
        for _ in range(40):
            address = chance.choice(addresses)
            if chance.random() < 0.5:
                address = type(address)(int(address) ^ 1 << chance.randrange(address.max_prefixlen))
            text = _spelled(address, chance)
            if chance.random() < 0.15:
                at = chance.randint(0, len(text))
                text = text[:at] + chance.choice("0:.f%1g\n") + text[at + chance.randint(0, 1) :]
            held.append(text)
        if way == "element":
            said.update(check_element("source.ip", "cidrs", networks, held))
        else:
            said.update(check_lines([{"source.ip" + way: networks}], [{"source.ip": text} for text in held]))

    run()
    both(said)


def test_every_prefix_length_around_its_borders():
    for bits, version in ((32, 4), (128, 6)):
        base = int(ipaddress.ip_address("172.16.5.0" if version == 4 else "2001:db8::5:0:c0a8:1"))
        kind = ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address
        for length in range(bits + 1):
            first = base >> (bits - length) << (bits - length)
            last = first | (1 << (bits - length)) - 1
            around = [n for n in (first - 1, first, last, last + 1) if 0 <= n < 1 << bits]
            held = [str(kind(number)) for number in around]
            said = check_element("source.ip", "cidrs", [f"{kind(first)}/{length}"], held)
            assert said[True] == sum(first <= number <= last for number in around)


def test_a_thousand_addresses_fit_into_what_a_regular_expression_may_take():
    networks = [f"10.{i % 256}.{i // 256}.7" for i in range(1000)]
    said = check_element("source.ip", "cidrs", networks, ["10.5.1.7", "10.5.1.8", "::ffff:10.5.1.7", None])
    assert said == {True: 2, False: 2}


def test_no_extension_of_duckdb_is_loaded():
    check_element("source.ip", "cidrs", ["10.0.0.0/8"], ["10.0.0.1"])
    loaded = (
        "SELECT extension_name FROM duckdb_extensions() WHERE loaded AND install_mode <> 'STATICALLY_LINKED'"
    )
    assert connection.execute(loaded).fetchall() == []


def test_the_pattern_of_a_private_network_stays_small():
    """Planning a statement costs more with each kilobyte of pattern."""
    assert (
        len(network_pattern(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10"]))
        < 5000
    )


# -- images

parts = st.sampled_from(["nginx", "library", "acme", "a*", "?", "*", "x"])
registries = st.sampled_from(
    ["", "", "docker.io/", "index.docker.io/", "ghcr.io/", "localhost/", "h:5000/", "*.io/", "*/"]
)
images = st.tuples(
    registries,
    st.lists(parts, min_size=1, max_size=3).map("/".join),
    st.sampled_from(["", "", ":latest", ":1.*", ":1.2"]),
    st.sampled_from(["", "", "", "@sha256:ab*", "@sha256:abc"]),
).map("".join)


def test_images_by_registry_name_tag_and_digest():
    said = Counter()

    @several
    @given(st.lists(images, min_size=1, max_size=3), st.lists(images, max_size=10), seeds)
    def run(entries, others, seed):
        held = [text.replace("*", "q").replace("?", "r") for text in others + entries]
        held += [f"docker.io/{held[0]}", f"docker.io/library/{held[0]}", held[-1].upper(), held[-1] + ":1.2"]
        held += entries + near(wildcard_tokens(entries[0]), seed, 10)
        said.update(check_element("container.image.name", "images", entries, held))

    run()
    both(said)


@pytest.mark.parametrize(
    ("entry", "held", "fits"),
    [
        ("nginx", "docker.io/library/nginx:1.25", True),
        ("nginx", "nginx@sha256:0123", True),
        ("nginx", "index.docker.io/nginx", True),
        ("nginx", "ghcr.io/acme/nginx", False),
        ("nginx", "acme/nginx", False),
        ("nginx:latest", "nginx", True),
        ("nginx:1.*", "nginx", False),
        ("docker.io/*", "acme/tool:1", True),
        ("docker.io/*", "ghcr.io/acme/tool:1", False),
        ("ghcr.io/acme/*", "ghcr.io/acme/team/tool", True),
        ("*/nginx", "quay.io/nginx:2", True),
        ("*.azurecr.io/app:1", "corp.azurecr.io/app:1", True),
        ("localhost:5000/app", "localhost:5000/app:9", True),
        ("*", "anything/at:all@sha256:1", True),
        ("?:1.2", "*:1.2", True),  # in a reference from a log a star is a name like any other
        ("*/nginx", "*/nginx", False),
    ],
)
def test_images(entry, held, fits):
    assert element("images", entry, held) is fits
    assert check_element("container.image.name", "images", [entry], [held])[fits] == 1


def test_regular_expressions_are_searched_for():
    held = ["a.ps1", "a.PS1", "a.ps1x", None, "x\na.bat"]
    assert check_element("file.name", "regex", r"\.(ps1|bat)\Z".replace(r"\Z", "$"), held) == {
        True: 2,
        False: 3,
    }
