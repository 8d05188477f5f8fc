"""Bodies that are larger than anybody means: refused without being held."""

from __future__ import annotations

import pytest
from emulated_azure import REGISTRY, EmulatedAzure

LARGEST = 4 * 1024 * 1024
POOL = f"{REGISTRY}/agentPools/pool1"


@pytest.mark.parametrize("url", [POOL, "/_emulator/faults"])
@pytest.mark.parametrize("told", [{}, {"content-length": str(LARGEST + 1)}, {"content-length": "9" * 5000}])
def test_a_body_that_is_too_large(url: str, told: dict[str, str]) -> None:
    with EmulatedAzure() as azure:
        headers = {"content-type": "application/json", **told}
        reply = azure.request("PUT", url, data=b"[" + b" " * LARGEST, headers=headers)
        message = f"The request content exceeds {LARGEST} bytes."
        assert (reply.status, reply.body) == (413, {"error": {"code": "RequestContentTooLarge", "message": message}})


def test_a_body_that_is_just_small_enough() -> None:
    with EmulatedAzure() as azure:
        body = b'{"location": "westus2", "properties": {"count": 1}}'.ljust(LARGEST)
        reply = azure.request("PUT", POOL, data=body, headers={"content-type": "application/json"})
        assert reply.status == 201
        assert azure.get("/_emulator/journal").body[0]["body"] is None, "what is larger than 1 MiB is not kept"


def test_a_fault_in_place_of_the_operation_takes_no_larger_body() -> None:
    with EmulatedAzure() as azure:
        azure.put("/_emulator/faults", [{"fault": {"status": 503}}])
        length = {"content-type": "application/json", "content-length": str(LARGEST + 1)}
        assert azure.request("PUT", POOL, data=b" " * (LARGEST + 1), headers=length).status == 413
