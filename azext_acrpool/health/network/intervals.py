"""Sets of whole numbers as intervals: what addresses and ports are made of."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["ALL_ADDRESSES", "ALL_PORTS", "NOTHING", "PUBLIC_ADDRESSES", "IntervalSet", "parse_addresses", "parse_ports"]


@dataclass(frozen=True)
class IntervalSet:
    """A set of whole numbers. `intervals` are inclusive, sorted, and neither overlap nor touch (see `of`)."""

    intervals: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, int]]) -> IntervalSet:
        """The union of inclusive intervals in any order.

        >>> IntervalSet.of([(5, 9), (1, 4), (20, 30)]).intervals
        ((1, 9), (20, 30))
        """
        merged: list[tuple[int, int]] = []
        for low, high in sorted(pair for pair in pairs if pair[0] <= pair[1]):
            if merged and low <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(merged[-1][1], high))
            else:
                merged.append((low, high))
        return cls(tuple(merged))

    def __bool__(self) -> bool:
        return bool(self.intervals)

    def __len__(self) -> int:
        return sum(high - low + 1 for low, high in self.intervals)

    def __contains__(self, number: int) -> bool:
        return any(low <= number <= high for low, high in self.intervals)

    def __or__(self, other: IntervalSet) -> IntervalSet:
        return IntervalSet.of((*self.intervals, *other.intervals))

    def __and__(self, other: IntervalSet) -> IntervalSet:
        common: list[tuple[int, int]] = []
        mine, theirs = iter(self.intervals), iter(other.intervals)
        a, b = next(mine, None), next(theirs, None)
        while a and b:
            low, high = max(a[0], b[0]), min(a[1], b[1])
            if low <= high:
                common.append((low, high))
            if a[1] < b[1]:
                a = next(mine, None)
            else:
                b = next(theirs, None)
        return IntervalSet(tuple(common))

    def __sub__(self, other: IntervalSet) -> IntervalSet:
        rest: list[tuple[int, int]] = []
        for low, high in self.intervals:
            start = low
            for taken_low, taken_high in other.intervals:
                if taken_high < start or taken_low > high:
                    continue
                rest.append((start, taken_low - 1))
                start = taken_high + 1
            rest.append((start, high))
        return IntervalSet.of(rest)

    def split(self, other: IntervalSet) -> list[IntervalSet]:
        """The parts inside and outside `other`, without empty ones."""
        return [part for part in (self & other, self - other) if part]


NOTHING = IntervalSet()
ALL_ADDRESSES = IntervalSet(((0, 2**32 - 1),))
ALL_PORTS = IntervalSet(((0, 65535),))


def parse_addresses(texts: Iterable[str]) -> IntervalSet:
    """The IPv4 addresses of networks ("10.0.0.0/24"), of ranges ("10.0.0.4-10.0.0.9") and single ones.

    Anything else (IPv6, names) adds none.
    """
    pairs = []
    for text in texts:
        first, _, last = text.partition("-")
        try:
            low, high = (ipaddress.IPv4Network(part.strip(), strict=False) for part in (first, last or first))
        except ValueError:
            continue
        pairs.append((int(low.network_address), int(high.broadcast_address)))
    return IntervalSet.of(pairs)


def parse_ports(texts: Iterable[str]) -> IntervalSet:
    """The ports of "443", "8000-8080" and "*"; anything else adds none."""
    pairs = []
    for text in texts:
        low, _, high = text.strip().partition("-")
        if low == "*":
            return ALL_PORTS
        if low.strip().isdigit() and (high or low).strip().isdigit():
            pairs.append((int(low), int(high or low)))
    return IntervalSet.of(pairs)


# IANA's special-purpose IPv4 registry: no public service has an address in these.
_SPECIAL_NETWORKS = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
)
PUBLIC_ADDRESSES = ALL_ADDRESSES - parse_addresses(_SPECIAL_NETWORKS)
