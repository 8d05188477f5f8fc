"""Caches of builds in registries: how buildx reads where they are, and how many an emulator keeps."""

from __future__ import annotations

import pytest
from acr_emulator.executor.docker.caches import CacheError, CachePlace, RegistryCaches, read_places
from acr_emulator.executor.docker.names import parse_name

NAME = parse_name("r.azurecr.io/app:c")


@pytest.mark.parametrize(
    ("option", "places"),
    [
        ("type=registry,ref=r.azurecr.io/app:c,mode=max", [CachePlace("registry", NAME, keeps_all=True)]),
        ("REF=r.azurecr.io/app:c,TYPE=registry", [CachePlace("registry", NAME)]),
        ("r.azurecr.io/app:c,r.azurecr.io/app:c", [CachePlace("registry", NAME)] * 2),
        ("type=gha,mode=max", [CachePlace("gha", None)]),
    ],
)
def test_where_a_cache_is(option: str, places: list[CachePlace]) -> None:
    assert read_places([option]) == tuple(places)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("ref=r.azurecr.io/app:c", 'type required for "ref=r.azurecr.io/app:c"'),
        ("type=registry,app", "invalid value app"),
        ("type=registry,ref=r.azurecr.io/app:c,mode=all", "failed to solve: invalid cache export mode all"),
        ("type=registry,ref=App", "failed to solve: invalid reference format: repository name must be lowercase"),
        ('type="registry', 'parse error on line 1, column 6: bare " in non-quoted field'),
    ],
)
def test_places_that_are_refused(option: str, message: str) -> None:
    with pytest.raises(CacheError) as caught:
        read_places([option])
    assert str(caught.value) == message


def test_an_emulator_keeps_some_caches_and_forgets_the_oldest() -> None:
    caches = RegistryCaches()
    names = [parse_name(f"r.azurecr.io/app{number}:c") for number in range(201)]
    for name in names:
        caches.keep(name, ["layer", "other"])
    caches.keep(names[1], ["new"])
    assert caches.find(names[0]) is None
    assert caches.find(names[1]) == frozenset({"new"})
    assert caches.find(names[200]) == frozenset({"layer", "other"})
    caches.keep(NAME, map(str, range(10**5)))
    assert len(caches.find(NAME) or ()) == 5000
    assert caches.find(names[2]) is None
