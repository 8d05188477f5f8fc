"""Requests that the Blob service refuses: each with the code and the text of Azure's, and nothing stored."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone

import pytest
from acr_emulator.blob import BlobStore, routes, sas
from acr_emulator.blob.content import ContentSpace
from acr_emulator.clock import EmulatorClock
from asgi_exchange import Reply, exchange
from emulated_azure import REGISTRY, EmulatedAzure
from starlette.applications import Starlette

NO_MD5 = base64.b64encode(b"0" * 16).decode()
NO_CRC64 = base64.b64encode(b"0" * 8).decode()
BLOCK = "&comp=block&blockid=QUFB"
LIST = "&comp=blocklist"
BLOB = {"x-ms-blob-type": "BlockBlob"}
HEADER = "The value for one of the HTTP headers is not in the correct format."
QUERY = "Value for one of the query parameters specified in the request URI is invalid."
LARGE = "The request body is too large and exceeds the maximum permissible limit."
BLOCK_ID = "The specified block ID is invalid. The block ID must be Base64-encoded."
XML = "XML specified is not syntactically valid."
MIB = 1024 * 1024


class Account:
    """A blob that can be written, in an emulator."""

    def __init__(self, azure: EmulatedAzure) -> None:
        self._azure = azure
        self.store: BlobStore = azure.emulator.services.storage.store
        self.url: str = azure.post(f"{REGISTRY}/listBuildSourceUploadUrl").body["uploadUrl"]

    def send(self, method: str, query: str = "", headers: Mapping[str, str] | None = None, data: bytes = b"") -> Reply:
        all_headers = {"authorization": "", **(headers or {})}
        return self._azure.request(method, self.url + query, headers=all_headers, data=data)

    def refusal(self, method: str, query: str, headers: Mapping[str, str], data: bytes) -> tuple[int, str, str]:
        reply = self.send(method, query, headers, data)
        found = re.fullmatch("(?s).*<Code>(.*)</Code><Message>(.*)\nRequestId.*", reply.content.decode("utf-8-sig"))
        assert found is not None
        assert found[1] == reply.headers["x-ms-error-code"]
        return reply.status, found[1], found[2]


@pytest.fixture
def account() -> Iterator[Account]:
    with EmulatedAzure() as azure:
        yield Account(azure)


@pytest.mark.parametrize(
    ("query", "headers", "data", "expected"),
    [
        (
            "",
            {},
            b"x",
            (400, "MissingRequiredHeader", "An HTTP header that's mandatory for this request is not specified."),
        ),
        ("", {"x-ms-blob-type": "PageBlob"}, b"x", (400, "InvalidHeaderValue", HEADER)),
        ("", {"x-ms-blob-type": "AppendBlob", "content-length": "1"}, b"x", (400, "InvalidHeaderValue", HEADER)),
        ("", {**BLOB, "content-length": str(5000 * MIB + 1)}, b"", (413, "RequestBodyTooLarge", LARGE)),
        ("", {**BLOB, "content-length": "9" * 5000}, b"", (413, "RequestBodyTooLarge", LARGE)),
        (
            "",
            {**BLOB, "content-md5": NO_MD5},
            b"x",
            (
                400,
                "Md5Mismatch",
                "The MD5 value specified in the request did not match with the MD5 value calculated by the server.",
            ),
        ),
        (
            "",
            {**BLOB, "content-md5": "abc"},
            b"x",
            (
                400,
                "InvalidMd5",
                "The MD5 value specified in the request is invalid. The MD5 value must be 128 bits and Base64-encoded.",
            ),
        ),
        (
            "",
            {**BLOB, "x-ms-content-crc64": NO_CRC64},
            b"x",
            (
                400,
                "Crc64Mismatch",
                "The CRC64 value specified in the request did not match with the CRC64 value calculated by the server.",
            ),
        ),
        ("", {**BLOB, "x-ms-content-crc64": "abc"}, b"x", (400, "InvalidHeaderValue", HEADER)),
        (
            "",
            {**BLOB, "x-ms-content-crc64": NO_CRC64, "content-md5": NO_MD5},
            b"x",
            (400, "InvalidHeaderValue", HEADER),
        ),
        (
            "",
            {**BLOB, "x-ms-meta-": "x"},
            b"x",
            (400, "EmptyMetadataKey", "The key for one of the metadata key-value pairs is empty."),
        ),
        (
            "",
            {**BLOB, "x-ms-meta-a-b": "x"},
            b"x",
            (
                400,
                "InvalidMetadata",
                "The specified metadata is invalid. It includes characters that are not permitted.",
            ),
        ),
        (
            "",
            {**BLOB, "x-ms-meta-a": "x" * 8192},
            b"x",
            (400, "MetadataTooLarge", "The size of the specified metadata exceeds the maximum size permitted."),
        ),
        (
            "",
            {**BLOB, "if-match": '"x"'},
            b"x",
            (412, "ConditionNotMet", "The condition specified using HTTP conditional header(s) is not met."),
        ),
        ("&comp=lease", {}, b"", (400, "InvalidQueryParameterValue", QUERY)),
        (BLOCK, {}, b"", (400, "InvalidHeaderValue", HEADER)),
        (BLOCK, {"content-length": str(4000 * MIB + 1)}, b"", (413, "RequestBodyTooLarge", LARGE)),
        (
            BLOCK,
            {"content-md5": NO_MD5},
            b"x",
            (
                400,
                "Md5Mismatch",
                "The MD5 value specified in the request did not match with the MD5 value calculated by the server.",
            ),
        ),
        (
            BLOCK,
            {"x-ms-content-crc64": NO_CRC64},
            b"x",
            (
                400,
                "Crc64Mismatch",
                "The CRC64 value specified in the request did not match with the CRC64 value calculated by the server.",
            ),
        ),
        ("&comp=block", {}, b"x", (400, "InvalidBlockId", BLOCK_ID)),
        ("&comp=block&blockid=%C3%A9", {}, b"x", (400, "InvalidBlockId", BLOCK_ID)),
        ("&comp=block&blockid=" + "QUFB" * 22, {}, b"x", (400, "InvalidBlockId", BLOCK_ID)),
        (LIST, {}, b"", (400, "InvalidXmlDocument", XML)),
        (LIST, {}, b'<?xml version="1.0" encoding="hex"?><BlockList/>', (400, "InvalidXmlDocument", XML)),
        (LIST, {}, b'<?xml version="1.0" encoding="nothing"?><BlockList/>', (400, "InvalidXmlDocument", XML)),
        (
            LIST,
            {},
            b"<BlockList><Latest>QUFB</Latest></BlockList>",
            (400, "InvalidBlockList", "The specified block list is invalid."),
        ),
        (
            LIST,
            {},
            b"<BlockList>" + b"<Latest>QUFB</Latest>" * 50_001 + b"</BlockList>",
            (400, "BlockListTooLong", "The block list may not contain more than 50,000 blocks."),
        ),
        (LIST, {"content-length": str(16 * MIB + 1)}, b"", (413, "RequestBodyTooLarge", LARGE)),
        ("&comp=appendblock", {"content-length": str(100 * MIB + 1)}, b"", (413, "RequestBodyTooLarge", LARGE)),
        ("&comp=appendblock", {}, b"", (400, "InvalidHeaderValue", HEADER)),
    ],
    ids=range(30),
)
def test_uploads(
    account: Account, query: str, headers: dict[str, str], data: bytes, expected: tuple[int, str, str]
) -> None:
    assert account.refusal("PUT", query, headers, data) == expected
    assert account.send("HEAD", "").status == 404, "nothing has been stored"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x-ms-range-get-content-md5": "true"}, (400, "InvalidHeaderValue", HEADER)),
        ({"x-ms-range-get-content-crc64": "true"}, (400, "InvalidHeaderValue", HEADER)),
        ({"x-ms-range-get-content-md5": "true", "range": "bytes=-5"}, (400, "InvalidHeaderValue", HEADER)),
        (
            {"x-ms-range-get-content-md5": "true", "x-ms-range": f"bytes=0-{4 * MIB}"},
            (400, "InvalidHeaderValue", HEADER),
        ),
        (
            {"x-ms-range-get-content-md5": "true", "x-ms-range-get-content-crc64": "true", "range": "bytes=0-1"},
            (400, "InvalidHeaderValue", HEADER),
        ),
        ({"if-modified-since": "yesterday"}, (400, "InvalidHeaderValue", HEADER)),
        (
            {"range": f"bytes={5 * MIB}-"},
            (416, "InvalidRange", "The range specified is invalid for the current size of the resource."),
        ),
    ],
    ids=range(7),
)
def test_downloads(account: Account, headers: dict[str, str], expected: tuple[int, str, str]) -> None:
    account.send("PUT", "", BLOB, bytes(5 * MIB))
    assert account.refusal("GET", "", headers, b"") == expected


@pytest.mark.parametrize("method", ["POST", "PATCH", "OPTIONS"])
def test_other_methods(account: Account, method: str) -> None:
    told = "The resource doesn't support the specified HTTP verb."
    assert account.refusal(method, "", {}, b"") == (405, "UnsupportedHttpVerb", told)


def test_a_date_of_no_zone_is_one_of_utc(account: Account) -> None:
    account.send("PUT", "", BLOB, b"x")
    since = {"if-modified-since": "Sun, 01 Jun 2025 12:00:00 -0000"}
    assert account.send("GET", "", since).status == 304


def test_more_than_the_emulator_keeps() -> None:
    store = BlobStore(space=ContentSpace(most_bytes=20))
    application = Starlette(routes=routes(store, sas.new_key("full"), EmulatorClock()))
    query = sas.sign("c/b", "w", datetime(2999, 1, 1, tzinfo=timezone.utc), sas.new_key("full"))

    async def put(content: bytes) -> Reply:
        headers = {"host": "127.0.0.1", "content-type": "x/y"}
        target = f"/c/b?{query}&comp=block&blockid=QUFB"
        return await exchange(application, "PUT", target, headers=headers, content=content)

    async def scenario() -> list[Reply]:
        return [await put(content) for content in (b"x" * 12, b"x" * 9, b"x" * 8)]

    replies = asyncio.run(scenario())
    store.close()
    assert [reply.status for reply in replies] == [201, 413, 201]
    assert b"<Message>The emulator keeps 20 bytes of blobs at most.\n" in replies[1].content
