"""Rules and routes against oracles that try single connections one by one in a small universe."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from azext_acrpool.health.facts import RouteFacts, SecurityRule
from azext_acrpool.health.network.intervals import PUBLIC_ADDRESSES, IntervalSet, parse_addresses, parse_ports
from azext_acrpool.health.network.nsg import Traffic, Verdict, evaluate
from azext_acrpool.health.network.routes import find_ways
from azext_acrpool.health.network.service_tags import Destination

SUBNET = "10.0.1.0/30"
SOURCES = [f"10.0.1.{host}" for host in range(4)]
CLIENT_PORTS = (1024, 32768, 40000, 61000)
# A public address of each sixteenth of the address space that has any: networks of up to four bits cannot tell more.
SERVERS = ["1.1.1.1", *(f"{first}.1.1.1" for first in range(17, 224, 16))]

STORAGE = Destination("Storage", "Storage", "westus2")
ENTRA_ID = Destination("AzureActiveDirectory", "AzureActiveDirectory")
HUB = Destination("registry-1.docker.io")

# Whether a tag holds an address of the destination: yes, no, or (None) nobody can tell. Tags that are not here: no.
TAGS: dict[Destination, dict[str, bool | None]] = {
    STORAGE: {
        "Internet": True,
        "AzureCloud": True,
        "AzureCloud.westus2": True,
        "Storage": True,
        "Storage.WestUS2": True,
    },
    ENTRA_ID: {
        "Internet": True,
        "AzureCloud": True,
        "AzureCloud.westus2": None,
        "AzureCloud.EastUS": None,
        "AzureActiveDirectory": True,
    },
    HUB: {"Internet": True, "AzureCloud": None, "AzureCloud.westus2": None, "AzureCloud.EastUS": None},
}
TAG_NAMES = ("Internet", "AzureCloud", "AzureCloud.westus2", "AzureCloud.EastUS", "Storage", "Storage.WestUS2")
OTHER_TAGS = ("Storage.EastUS", "AzureActiveDirectory", "Sql", "VirtualNetwork")

DEFAULT_RULES = (
    SecurityRule("AllowVnetOutBound", 65000, "Allow", sources=("VirtualNetwork",), destinations=("VirtualNetwork",)),
    SecurityRule("AllowInternetOutBound", 65001, "Allow", destinations=("Internet",)),
    SecurityRule("DenyAllOutBound", 65500, "Deny"),
)


def networks(bits: range) -> st.SearchStrategy[str]:
    return bits_to_network(bits)


@st.composite
def bits_to_network(draw: st.DrawFn, bits: range) -> str:
    length = draw(st.sampled_from(bits))
    head = draw(st.integers(0, 2**length - 1))
    return str(ipaddress.IPv4Network((head << (32 - length), length)))


SOURCE_TEXTS = st.sampled_from(
    [
        "*",
        "VirtualNetwork",
        "Internet",
        "10.0.0.0/16",
        "10.0.1.0/31",
        "10.0.1.2",
        "10.0.1.2/31",
        "10.9.0.0/16",
        "fd00::/8",
    ]
)
DESTINATION_TEXTS = st.one_of(
    st.sampled_from(["*", "0.0.0.0/0", "10.0.0.0/8", *TAG_NAMES, *OTHER_TAGS]), networks(range(1, 5))
)


@st.composite
def rule_lists(draw: st.DrawFn) -> list[SecurityRule]:
    priorities = draw(st.lists(st.integers(100, 4096), max_size=5, unique=True))
    return [draw(rules(priority)) for priority in priorities]


@st.composite
def rules(draw: st.DrawFn, priority: int) -> SecurityRule:
    return SecurityRule(
        f"rule{priority}",
        priority,
        draw(st.sampled_from(["Allow", "Deny"])),
        direction=draw(st.sampled_from(["Outbound", "Outbound", "Outbound", "Inbound"])),
        protocol=draw(st.sampled_from(["*", "TCP", "Tcp", "Udp", "Icmp"])),
        sources=tuple(draw(st.lists(SOURCE_TEXTS, min_size=1, max_size=2))),
        source_ports=tuple(
            draw(st.lists(st.sampled_from(["*", "*", "443", "1024-39999", "40000", "0-65535"]), min_size=1))
        ),
        destinations=tuple(draw(st.lists(DESTINATION_TEXTS, min_size=1, max_size=3))),
        destination_ports=tuple(draw(st.lists(st.sampled_from(["*", "443", "12000", "80", "400-500"]), min_size=1))),
        source_groups=draw(st.sampled_from([(), (), (), ("group",)])),
    )


@dataclass(frozen=True)
class Connection:
    source: str
    source_port: int
    server: str
    port: int


def connections(port: int) -> Iterator[Connection]:
    for source, source_port, server in product(SOURCES, CLIENT_PORTS, SERVERS):
        yield Connection(source, source_port, server, port)


def has_address(text: str, address: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(text)
    except ValueError:
        return False


def has_port(text: str, port: int) -> bool:
    low, _, high = text.partition("-")
    return text == "*" or int(low) <= port <= int(high or low)


def matches(rule: SecurityRule, there: Destination, connection: Connection) -> bool | None:
    """Yes, no, or (None) nobody can tell."""
    if rule.direction != "Outbound" or rule.protocol not in ("*", "TCP", "Tcp"):
        return False
    if not any(has_port(text, connection.port) for text in rule.destination_ports):
        return False
    if not any(has_port(text, connection.source_port) for text in rule.source_ports):
        return False
    to_address = [text == "*" or has_address(text, connection.server) for text in rule.destinations]
    to_tag = [TAGS[there].get(text, False) for text in rule.destinations]
    reached = True if any(to_address) or True in to_tag else None if None in to_tag else False
    if rule.source_groups:
        return None if reached is not False else False
    from_here = any(t in ("*", "VirtualNetwork") or has_address(t, connection.source) for t in rule.sources)
    return reached if from_here else False


def possible_deciders(
    in_order: Sequence[SecurityRule], there: Destination, connection: Connection
) -> Iterator[SecurityRule]:
    """The rules that may decide over one connection: the last of them does if no doubtful one matches."""
    for rule in in_order:
        found = matches(rule, there, connection)
        if found is not False:
            yield rule
        if found:
            return


@settings(max_examples=150, deadline=None)
@given(rule_lists(), st.sampled_from([STORAGE, ENTRA_ID, HUB]), st.sampled_from([443, 12000]))
def test_the_verdict_is_what_single_connections_get(
    given_rules: list[SecurityRule], there: Destination, port: int
) -> None:
    in_order = sorted([*given_rules, *DEFAULT_RULES], key=lambda rule: rule.priority)
    got: set[bool] = set()
    deciders: set[str] = set()
    for connection in connections(port):
        possible = list(possible_deciders(in_order, there, connection))
        got |= {rule.allows for rule in possible}
        deciders.add(possible[-1].name)
    expected = Verdict.UNKNOWN if len(got) == 2 else Verdict.ALLOW if True in got else Verdict.DENY

    decision = evaluate(given_rules, Traffic(parse_addresses([SUBNET]), there, port))

    assert decision.verdict is expected
    assert {rule.name for rule in (*decision.allowing, *decision.denying)} == deciders
    if expected is Verdict.DENY:
        assert decision.obstacles[0].access == "Deny"


@st.composite
def route_lists(draw: st.DrawFn) -> list[RouteFacts]:
    prefixes = draw(st.lists(networks(range(5)), max_size=6, unique=True))
    hops = st.sampled_from(["Internet", "VirtualAppliance", "None", "VirtualNetworkGateway", "VnetLocal"])
    return [RouteFacts(f"route{number}", prefix, draw(hops)) for number, prefix in enumerate(prefixes)]


@settings(max_examples=200, deadline=None)
@given(route_lists())
def test_the_ways_are_those_of_single_packets(routes: list[RouteFacts]) -> None:
    expected = set()
    for server in SERVERS:
        fitting = [route for route in routes if has_address(route.prefix, server)]
        longest = max(fitting, key=lambda route: int(route.prefix.partition("/")[2]), default=None)
        expected.add((longest.next_hop if longest else "Internet", longest))

    assert {(way.hop.value, way.route) for way in find_ways(routes, HUB)} == expected


NUMBERS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=6)


def members(pairs: Sequence[tuple[int, int]]) -> set[int]:
    return {number for low, high in pairs for number in range(low, high + 1)}


@given(NUMBERS, NUMBERS)
def test_interval_sets_are_sets(left: list[tuple[int, int]], right: list[tuple[int, int]]) -> None:
    a, b = IntervalSet.of(left), IntervalSet.of(right)
    mine, theirs = members(left), members(right)
    assert members(a.intervals) == mine
    assert members((a | b).intervals) == mine | theirs
    assert members((a & b).intervals) == mine & theirs
    assert members((a - b).intervals) == mine - theirs
    assert len(a) == len(mine)
    assert (a - b) == IntervalSet.of((a - b).intervals), "intervals must stay sorted and apart"
    assert [number for number in range(41) if number in a] == sorted(mine)


def test_public_addresses_leave_out_what_is_private_or_special() -> None:
    for text in ("10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "127.0.0.1", "224.0.0.1"):
        assert int(ipaddress.ip_address(text)) not in PUBLIC_ADDRESSES
    for text in (*SERVERS, "172.32.0.1", "168.63.129.16"):
        assert int(ipaddress.ip_address(text)) in PUBLIC_ADDRESSES


def test_ports_are_numbers_ranges_and_all() -> None:
    assert parse_ports(["443", "12000-12002"]).intervals == ((443, 443), (12000, 12002))
    assert parse_ports(["443", "*"]).intervals == ((0, 65535),)
    assert not parse_ports(["https", ""])
