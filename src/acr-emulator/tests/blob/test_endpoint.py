"""The Blob endpoint over HTTP, with the blob SDK that az ships and with plain requests."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

import pytest
import requests
import uvicorn
from acr_emulator.blob import BlobStore, routes, sas
from azure.core import MatchConditions
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.core.pipeline.transport import RequestsTransport
from azure.storage.blob import BlobBlock, BlobClient, BlobType
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import Mount

KEY = sas.new_key("endpoint")
NOW = datetime(2025, 6, 1, 12, 0, 0, tzinfo=timezone.utc)


@dataclass
class Service:
    port: int
    store: BlobStore
    time: datetime = NOW
    received: list[int] = field(default_factory=list)

    def now(self) -> datetime:
        return self.time

    async def throttle(self, size: int) -> None:
        self.received.append(size)

    def url(self, name: str, permissions: str = "rcwad", expiry: datetime = NOW + timedelta(hours=1)) -> str:
        query = sas.sign(name, permissions, expiry, KEY, start=NOW - timedelta(minutes=5))
        return f"http://127.0.0.1:{self.port}/acrblobs/{name}?{query}"

    def client(self, name: str, permissions: str = "rcwad") -> BlobClient:
        return BlobClient.from_blob_url(
            self.url(name, permissions), transport=RequestsTransport(use_env_settings=False), retry_total=0
        )


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    running = Service(0, BlobStore(lambda: running.time))
    app = Starlette(routes=[Mount("/acrblobs", routes=routes(running.store, KEY, running, running.throttle))])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    running.port = server.servers[0].sockets[0].getsockname()[1]
    yield running
    server.should_exit = True
    thread.join()
    running.store.close()


def error_code(error: HttpResponseError) -> str:
    code: str = vars(error)["error_code"]
    return code


@pytest.fixture
def name(service: Service, request: pytest.FixtureRequest) -> str:
    service.time = NOW
    return f"container/{request.node.name}.tar.gz"


class TestSdk:
    def test_uploads_in_one_request(self, service: Service, name: str) -> None:
        data = os.urandom(300_000)
        with service.client(name) as client:
            assert not client.exists()
            client.upload_blob(io.BytesIO(data), blob_type="BlockBlob", overwrite=True)
            assert client.exists()
            properties = client.get_blob_properties()
            assert client.download_blob().readall() == data
        assert (properties.size, properties.blob_type) == (300_000, BlobType.BLOCKBLOB)
        assert properties.last_modified == NOW

    def test_uploads_in_blocks_beyond_64_mib(self, service: Service, name: str) -> None:
        size = 65 * 1024 * 1024
        service.received.clear()
        with service.client(name) as client:
            client.upload_blob(io.BytesIO(bytes(size)), blob_type="BlockBlob", overwrite=True)
            committed, uncommitted = client.get_block_list("all")
            assert (sum(block.size for block in committed), uncommitted) == (size, [])
            assert client.get_blob_properties().size == size
        assert service.store.properties(name).size == size
        assert sum(service.received) > size, "every received byte went by the bandwidth hook"

    def test_follows_a_log_while_it_grows(self, service: Service, name: str) -> None:
        store = service.store
        with service.client(name, "r") as client:
            assert not client.exists()
            store.create_append_blob(name)
            store.append(name, b"first line\r\n")
            assert client.download_blob(offset=0, length=5).readall() == b"first"
            assert client.download_blob(offset=6, length=4000).readall() == b"line\r\n"
            with pytest.raises(HttpResponseError) as caught:
                client.download_blob(offset=12, length=10)
            assert (caught.value.status_code, error_code(caught.value)) == (416, "InvalidRange")
            store.append(name, b"second line\n")
            assert client.download_blob(offset=12, length=10).readall() == b"second lin"
            assert not client.get_blob_properties().metadata
            store.set_metadata(name, {"Complete": "success"})
            properties = client.get_blob_properties()
        assert properties.metadata == {"Complete": "success"}
        assert properties.append_blob_committed_block_count == 2

    def test_an_empty_log_can_be_downloaded(self, service: Service, name: str) -> None:
        service.store.create_append_blob(name)
        with service.client(name, "r") as client:
            assert client.download_blob().readall() == b""

    def test_downloads_in_chunks(self, service: Service, name: str) -> None:
        data = os.urandom(1_000_000)
        service.store.put_block_blob(name, data)
        client = BlobClient.from_blob_url(service.url(name), max_single_get_size=70_000, max_chunk_get_size=99_999)
        assert client.download_blob(max_concurrency=3).readall() == data

    def test_stages_commits_and_appends(self, service: Service, name: str) -> None:
        with service.client(name) as client:
            client.stage_block("block-1", b"one ")
            client.stage_block("block-2", b"two")
            assert [block.size for block in client.get_block_list("uncommitted")[1]] == [4, 3]
            client.commit_block_list([BlobBlock("block-2"), BlobBlock("block-1")], metadata={"a": "b"})
            assert client.download_blob().readall() == b"twoone "
            assert client.get_blob_properties().metadata == {"a": "b"}
            client.delete_blob()
            client.create_append_blob()
            assert client.append_block(b"x")["blob_append_offset"] == "0"
            assert client.append_block(b"yz")["blob_append_offset"] == "1"
            client.set_blob_metadata({"complete": "failed"})
            assert client.get_blob_properties().metadata == {"complete": "failed"}
            client.delete_blob()
            assert not client.exists()

    def test_checks_what_it_sends_and_gets(self, service: Service, name: str) -> None:
        data = os.urandom(5_000_000)
        url = service.url(name)
        with BlobClient.from_blob_url(url, max_single_put_size=1_000_000, max_block_size=1_000_000) as client:
            client.upload_blob(data, validate_content=True)
            assert len(client.get_block_list()[0]) == 5
            assert client.download_blob(validate_content=True).readall() == data

    def test_refusals_are_the_errors_azure_gives(self, service: Service, name: str) -> None:
        with service.client(name) as client:
            with pytest.raises(ResourceNotFoundError) as missing:
                client.get_blob_properties()
            assert error_code(missing.value) == "BlobNotFound"
            with pytest.raises(HttpResponseError) as unknown:
                client.commit_block_list([BlobBlock("nowhere")])
            assert (unknown.value.status_code, error_code(unknown.value)) == (400, "InvalidBlockList")
            client.upload_blob(b"x")
            with pytest.raises(ResourceExistsError):
                client.upload_blob(b"y", overwrite=False)
            with pytest.raises(ResourceModifiedError):
                client.upload_blob(b"y", overwrite=True, etag='"0x0"', match_condition=MatchConditions.IfNotModified)
        with service.client(name, "r") as client, pytest.raises(HttpResponseError) as refused:
            client.upload_blob(b"y", overwrite=True)
        assert error_code(refused.value) == "AuthorizationPermissionMismatch"

    def test_an_expired_url_is_refused_and_a_fresh_one_is_not(self, service: Service, name: str) -> None:
        service.store.put_block_blob(name, b"x")
        client = service.client(name)
        service.time = NOW + timedelta(hours=1)
        with pytest.raises(ClientAuthenticationError) as caught:
            client.download_blob()
        assert error_code(caught.value) == "AuthenticationFailed"
        renewed = service.url(name, "r", service.time + timedelta(hours=1))
        assert BlobClient.from_blob_url(renewed).download_blob().readall() == b"x"


class TestHttp:
    @pytest.mark.parametrize(
        ("content", "crc64"),
        [(b"", "AAAAAAAAAAA="), (b"123456789", "iJh5CoYUi64="), (b"Hello World!", "peH8Xsgc5QI=")],
    )
    def test_crc64(self, service: Service, name: str, content: bytes, crc64: str) -> None:
        headers = {"x-ms-blob-type": "BlockBlob", "x-ms-content-crc64": crc64}
        reply = requests.put(service.url(name), content, headers=headers, timeout=5)
        assert (reply.status_code, reply.headers["x-ms-content-crc64"]) == (201, crc64)

    @pytest.mark.parametrize(
        ("wanted", "header", "expected"),
        [
            ("x-ms-range-get-content-md5", "Content-MD5", "2B+cG+LgiWS/nySxXw5JAA=="),
            ("x-ms-range-get-content-crc64", "x-ms-content-crc64", "QRjCNb9fPig="),
        ],
    )
    def test_the_checksum_of_a_range(
        self, service: Service, name: str, wanted: str, header: str, expected: str
    ) -> None:
        service.store.put_block_blob(name, b"0123456789")
        asked = {"x-ms-range": "bytes=3-5", wanted: "true"}
        reply = requests.get(service.url(name), headers=asked, timeout=5)
        assert (reply.status_code, reply.content, reply.headers[header]) == (206, b"345", expected)
        assert "Content-MD5" not in requests.get(service.url(name), headers={"range": "bytes=3-5"}, timeout=5).headers

    @pytest.mark.parametrize(("sent", "told"), [({}, "x-ms-content-crc64"), ({"Content-MD5": ""}, "Content-MD5")])
    def test_the_checksum_of_a_block(self, service: Service, name: str, sent: dict[str, str], told: str) -> None:
        headers = {key: base64.b64encode(hashlib.md5(b"x").digest()).decode() for key in sent}
        reply = requests.put(service.url(name) + "&comp=block&blockid=QUFB", b"x", headers=headers, timeout=5)
        assert reply.status_code == 201
        assert [key for key in ("x-ms-content-crc64", "Content-MD5") if key in reply.headers] == [told]

    def test_a_refusal_has_the_body_and_header_of_azure(self, service: Service, name: str) -> None:
        reply = requests.get(service.url(name), timeout=5)
        assert (reply.status_code, reply.headers["x-ms-error-code"]) == (404, "BlobNotFound")
        assert "<Error><Code>BlobNotFound</Code><Message>The specified blob does not exist." in reply.text
        assert reply.headers["x-ms-request-id"] in reply.text

    @pytest.mark.parametrize("query", ["", "sv=2021-08-06&sr=b&sp=r&se=2099-01-01T00%3A00%3A00Z&sig=AAAA"])
    def test_an_unsigned_or_forged_url_is_refused(self, service: Service, name: str, query: str) -> None:
        service.store.put_block_blob(name, b"x")
        reply = requests.get(f"http://127.0.0.1:{service.port}/acrblobs/{name}?{query}", timeout=5)
        assert (reply.status_code, reply.headers["x-ms-error-code"]) == (403, "AuthenticationFailed")
        assert "<Code>AuthenticationFailed</Code>" in reply.text

    def test_headers_of_a_blob(self, service: Service, name: str) -> None:
        service.store.put_block_blob(name, b"0123456789")
        reply = requests.head(service.url(name), timeout=5, headers={"x-ms-version": "2025-05-05"})
        expected = {
            "Content-Length": "10",
            "Accept-Ranges": "bytes",
            "Last-Modified": "Sun, 01 Jun 2025 12:00:00 GMT",
            "x-ms-blob-type": "BlockBlob",
            "x-ms-version": "2025-05-05",
            "ETag": service.store.properties(name).etag,
        }
        assert {key: reply.headers[key] for key in expected} == expected
        assert reply.headers["x-ms-request-id"]

    def test_put_blob_needs_a_type(self, service: Service, name: str) -> None:
        reply = requests.put(service.url(name), b"x", timeout=5)
        assert (reply.status_code, reply.headers["x-ms-error-code"]) == (400, "MissingRequiredHeader")

    def test_a_wrong_checksum_is_refused_and_nothing_is_stored(self, service: Service, name: str) -> None:
        headers = {"x-ms-blob-type": "BlockBlob", "Content-MD5": base64.b64encode(b"0" * 16).decode()}
        reply = requests.put(service.url(name), b"x", headers=headers, timeout=5)
        assert (reply.status_code, reply.headers["x-ms-error-code"]) == (400, "Md5Mismatch")
        assert not service.store.exists(name)

    @pytest.mark.parametrize("block_id", ["", "not base64!", base64.b64encode(b"x" * 65).decode()])
    def test_a_block_needs_a_base64_name(self, service: Service, name: str, block_id: str) -> None:
        url = service.url(name) + "&comp=block"
        reply = requests.put(url, b"x", params={"blockid": block_id}, timeout=5)
        assert (reply.status_code, reply.headers["x-ms-error-code"]) == (400, "InvalidBlockId")

    @pytest.mark.parametrize(
        "document",
        [
            b"",
            b"<BlockList><Latest>QUFB",
            b"<Other/>",
            b"<BlockList><Newest>QUFB</Newest></BlockList>",
            b'<!DOCTYPE x [<!ENTITY a "QUFB">]><BlockList><Latest>&a;</Latest></BlockList>',
        ],
    )
    def test_a_malformed_block_list_is_refused(self, service: Service, name: str, document: bytes) -> None:
        reply = requests.put(service.url(name) + "&comp=blocklist", document, timeout=5)
        assert (reply.status_code, reply.headers["x-ms-error-code"]) == (400, "InvalidXmlDocument")

    def test_not_modified_has_no_body(self, service: Service, name: str) -> None:
        etag = service.store.put_block_blob(name, b"x").etag
        reply = requests.get(service.url(name), headers={"If-None-Match": etag}, timeout=5)
        assert (reply.status_code, reply.content) == (304, b"")

    def test_unknown_components_are_refused(self, service: Service, name: str) -> None:
        reply = requests.put(service.url(name) + "&comp=lease", timeout=5)
        assert (reply.status_code, reply.headers["x-ms-error-code"]) == (400, "InvalidQueryParameterValue")

    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(st.binary(max_size=50), st.integers(0, 60), st.none() | st.integers(0, 60), st.booleans())
    def test_any_range_is_answered_as_http_says(
        self, service: Service, name: str, data: bytes, start: int, last: int | None, azure_header: bool
    ) -> None:
        service.store.put_block_blob(name, data)
        header = {"x-ms-range" if azure_header else "Range": f"bytes={start}-{'' if last is None else last}"}
        reply = requests.get(service.url(name), headers=header, timeout=5)
        if last is not None and last < start:
            assert (reply.status_code, reply.content) == (200, data)
        elif start >= len(data):
            assert (reply.status_code, reply.headers["x-ms-error-code"]) == (416, "InvalidRange")
            assert reply.headers["Content-Range"] == f"bytes */{len(data)}"
        else:
            expected = data[start:] if last is None else data[start : last + 1]
            assert (reply.status_code, reply.content) == (206, expected)
            end = start + len(expected) - 1
            assert reply.headers["Content-Range"] == f"bytes {start}-{end}/{len(data)}"
