"""Who is answered: programs on this machine, not the pages that a browser on it shows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from emulated_azure import REGISTRY, EmulatedAzure

STATE = "/_emulator/state"
ADVANCE = "/_emulator/clock/advance"


@pytest.fixture(scope="module")
def azure() -> Iterator[EmulatedAzure]:
    with EmulatedAzure() as azure:
        yield azure


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:4443", "localhost:8080", "LOCALHOST", "[::1]:4443", ""])
@pytest.mark.parametrize("url", [REGISTRY, STATE])
def test_names_of_this_machine(azure: EmulatedAzure, host: str, url: str) -> None:
    assert azure.request("GET", url, headers={"host": host}).status == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:4443", "127.0.0.1.evil.example", "127.0.0.1@evil.example", "@localhost",
     "localhost#.evil.example", "localhost?", "0.0.0.0", "localhost.",
     "127.0.0.1/evil", "[::1", "127.0.0.1:999999", "10.0.0.1:4443"],
)  # fmt: skip
@pytest.mark.parametrize("url", [REGISTRY, STATE, "/msi/token", "/acrblobs/c/b"])
def test_other_names(azure: EmulatedAzure, host: str, url: str) -> None:
    reply = azure.request("GET", url, headers={"host": host})
    told = f"The emulator answers to 127.0.0.1, localhost and [::1], not to '{host}'."
    assert (reply.status, reply.body) == (421, {"error": {"code": "MisdirectedRequest", "message": told}})


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:4443", "http://localhost:3000", "null"])
@pytest.mark.parametrize(("method", "url"), [("POST", ADVANCE), ("GET", REGISTRY), ("OPTIONS", STATE)])
def test_pages_of_other_sites(azure: EmulatedAzure, origin: str, method: str, url: str) -> None:
    reply = azure.request(method, url, headers={"origin": origin, "content-type": "text/plain"}, data=b'{"seconds": 9}')
    told = f"The emulator answers no page of another site, and this request is from '{origin}'."
    assert (reply.status, reply.body) == (403, {"error": {"code": "CrossOriginRequest", "message": told}})
    assert azure.get(STATE).body["now"] == "2025-06-01T12:00:00+00:00"


@pytest.mark.parametrize(
    ("site", "status"), [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)]
)
def test_what_a_browser_says_of_itself(azure: EmulatedAzure, site: str, status: int) -> None:
    assert azure.request("GET", STATE, headers={"sec-fetch-site": site}).status == status


def test_its_own_pages(azure: EmulatedAzure) -> None:
    assert azure.request("GET", STATE, headers={"origin": "https://127.0.0.1:4443"}).status == 200


def test_what_is_refused_so_leaves_no_trace(azure: EmulatedAzure) -> None:
    azure.delete("/_emulator/journal")
    azure.request("GET", REGISTRY, headers={"host": "evil.example"})
    assert azure.get("/_emulator/journal").body == []
