"""Bodies that come piece by piece: however much comes, little of it is in memory at a time."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator, Mapping
from itertools import repeat
from urllib.parse import urlsplit

import pytest
from emulated_azure import REGISTRY, TOKEN, VERSION, EmulatedAzure
from starlette.types import Message

PIECE = bytes(64 * 1024)
MIB = 1024 * 1024


@pytest.fixture
def azure() -> Iterator[EmulatedAzure]:
    with EmulatedAzure() as azure:
        yield azure


def peak_of(azure: EmulatedAzure, target: str, headers: Mapping[str, str], pieces: Iterator[bytes]) -> tuple[int, int]:
    """The status of a PUT whose body comes in these pieces, and the most memory that was in use more than before."""
    parts = urlsplit(target)
    statuses: list[int] = []

    async def receive() -> Message:
        piece = next(pieces, None)
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    async def send(message: Message) -> None:
        statuses.extend([message["status"]] if "status" in message else [])

    raw = [(name.encode(), value.encode()) for name, value in {"host": "127.0.0.1", **headers}.items()]
    scope = {
        "type": "http",
        "method": "PUT",
        "scheme": "https",
        "path": parts.path,
        "query_string": parts.query.encode(),
        "headers": raw,
    }
    tracemalloc.start()
    azure.do(lambda: azure.emulator.asgi(scope, receive, send))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return statuses[0], peak


@pytest.mark.parametrize("query", ["", "&comp=block&blockid=QUFB"])
def test_an_upload_goes_to_disk(azure: EmulatedAzure, query: str) -> None:
    url = azure.post(f"{REGISTRY}/listBuildSourceUploadUrl").body["uploadUrl"]
    status, peak = peak_of(azure, url + query, {"x-ms-blob-type": "BlockBlob"}, repeat(PIECE, 128 * 16))
    assert status == 201
    assert peak < 4 * MIB, "of 128 MiB"


def test_a_body_without_end_is_refused(azure: EmulatedAzure) -> None:
    headers = {"authorization": TOKEN, "content-type": "application/json"}
    status, peak = peak_of(azure, f"{REGISTRY}/agentPools/pool1?{VERSION}", headers, repeat(PIECE))
    assert status == 413
    assert peak < 12 * MIB


def test_many_small_blocks_go_to_disk(azure: EmulatedAzure) -> None:
    url = azure.post(f"{REGISTRY}/listBuildSourceUploadUrl").body["uploadUrl"]
    peaks = [peak_of(azure, f"{url}&comp=block&blockid={number:08}", {}, repeat(PIECE, 3))[1] for number in range(350)]
    assert max(peaks) < 4 * MIB
    held = azure.emulator.services.storage.store.block_lists(urlsplit(url).path.removeprefix("/acrblobs/"))[1]
    assert len(held) == 350
