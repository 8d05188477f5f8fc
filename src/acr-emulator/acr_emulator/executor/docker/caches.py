"""Caches of builds that are kept in registries: `--cache-to` and `--cache-from` of `docker buildx build`.

A layer is known by its ID, which all that went into it makes, as BuildKit's cache keys do. Options are read as buildx
reads them (docker/buildx, util/buildflags/cache.go). That a cache is written only by a build that succeeds, and holds
the layers of all stages with `mode=max`, is documented: https://docs.docker.com/build/cache/backends/registry/.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from threading import Lock

from ...acb.references import ReferenceFormatError
from ...golang.quoting import quote
from .csv_options import CsvError, csv_fields
from .names import ImageName, parse_name

__all__ = ["CacheError", "CachePlace", "RegistryCaches", "read_places"]

MOST_CACHES = 200
"""Caches that an emulator keeps: its own limit. The oldest one goes first."""

MOST_LAYERS = 5000
"""Layers of one cache: the emulator's own limit."""

REGISTRY = "registry"
MODES = ("min", "max")


class CacheError(ValueError):
    """A `--cache-from` or `--cache-to` that buildx or BuildKit refuses; the text is theirs."""


@dataclass(frozen=True)
class CachePlace:
    """Where a cache is. `name` is None for one that is not in a registry; with `keeps_all` it has the layers of all
    stages."""

    type: str
    name: ImageName | None
    keeps_all: bool = False


@dataclass
class RegistryCaches:
    """What the registries of an emulator hold of caches, for as long as it runs. Runs in several threads share it."""

    _layers: dict[str, frozenset[str]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def find(self, name: ImageName) -> frozenset[str] | None:
        """The layers in a cache; None if there is no such cache."""
        return self._layers.get(str(name))

    def keep(self, name: ImageName, layers: Iterable[str]) -> None:
        """Replace a cache."""
        with self._lock:
            self._layers.pop(str(name), None)
            self._layers[str(name)] = frozenset(islice(layers, MOST_LAYERS))
            if len(self._layers) > MOST_CACHES:
                del self._layers[next(iter(self._layers))]


def read_places(options: Sequence[str]) -> tuple[CachePlace, ...]:
    """The places that options name: `type=registry,ref=NAME[,mode=max]`, or names alone. Raises CacheError."""
    places: list[CachePlace] = []
    for option in options:
        try:
            fields = csv_fields(option)
        except CsvError as error:
            raise CacheError(str(error)) from error
        if "=" not in option:
            places += [_place({"type": REGISTRY, "ref": name}) for name in fields]
        else:
            places.append(_place(_attributes(option, fields)))
    return tuple(places)


def _attributes(option: str, fields: Sequence[str]) -> dict[str, str]:
    attributes: dict[str, str] = {}
    for entry in fields:
        key, equals, value = entry.partition("=")
        if not equals:
            raise CacheError(f"invalid value {entry}")
        attributes[key.lower()] = value
    if not attributes.get("type"):
        raise CacheError(f"type required for {quote(option)}")
    return attributes


def _place(attributes: dict[str, str]) -> CachePlace:
    if attributes["type"] != REGISTRY:
        return CachePlace(attributes["type"], None)
    mode = attributes.get("mode", MODES[0])
    if mode.lower() not in MODES:
        raise CacheError(f"failed to solve: invalid cache export mode {mode}")
    try:
        name = parse_name(attributes.get("ref", ""))
    except ReferenceFormatError as error:
        raise CacheError(f"failed to solve: {error}") from error
    return CachePlace(REGISTRY, name, mode.lower() == "max")
