"""The journal: every request is in it, secrets are not in its file, control requests are nowhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from acr_emulator.wire.journal import Entry, Journal, redact_body, redact_query
from emulated_azure import REGISTRY, EmulatedAzure


def test_a_request_and_its_reply() -> None:
    with EmulatedAzure() as azure:
        reply = azure.create_pool()
        azure.get("/_emulator/state")
        (entry,) = azure.get("/_emulator/journal").body
        assert entry == {
            "time": "2025-06-01T12:00:00+00:00",
            "method": "PUT",
            "path": f"{REGISTRY}/agentPools/pool1",
            "query": {"api-version": "2025-03-01-preview"},
            "status": 201,
            "request_bytes": len(json.dumps(entry["body"])),
            "response_bytes": len(reply.content),
            "seconds": 0.0,
            "body": {"location": "westus2", "properties": {"count": 1, "tier": "S1", "os": "Linux"}},
        }
        assert azure.delete("/_emulator/journal").status == 204
        assert azure.get("/_emulator/journal").body == []


def test_a_request_without_a_reply_is_there_with_status_0() -> None:
    with EmulatedAzure() as azure:
        azure.put("/_emulator/faults", [{"fault": {"reset": True}}])
        azure.get(REGISTRY)
        (entry,) = azure.get("/_emulator/journal").body
        assert (entry["method"], entry["status"]) == ("GET", 0)


def test_bodies_of_blobs_are_counted_but_not_kept() -> None:
    with EmulatedAzure() as azure:
        url = azure.post(f"{REGISTRY}/listBuildSourceUploadUrl").body["uploadUrl"]
        azure.request("PUT", url, headers={"authorization": "", "x-ms-blob-type": "BlockBlob"}, data=b'{"a": 1}')
        entry = azure.get("/_emulator/journal").body[-1]
        assert (entry["request_bytes"], entry["body"], entry["status"]) == (8, None, 201)
        assert entry["query"]["sig"] == "REDACTED"


def test_signed_parts_of_queries_are_hidden() -> None:
    assert redact_query("api-version=1&t=2&c=x&s=y&h=z&sig=q&$top=") == {
        "api-version": "1",
        "t": "2",
        "c": "REDACTED",
        "s": "REDACTED",
        "h": "REDACTED",
        "sig": "REDACTED",
        "$top": "",
    }


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"name": "A", "value": "1"}, {"name": "A", "value": "1"}),
        ({"name": "A", "value": "1", "isSecret": True}, {"name": "A", "value": "REDACTED", "isSecret": True}),
        ({"password": {"type": "Opaque", "value": "x"}}, {"password": {"type": "Opaque", "value": "REDACTED"}}),
        ({"contextAccessToken": "x"}, {"contextAccessToken": "REDACTED"}),
        ({"tokenType": "PAT", "token": "x"}, {"tokenType": "PAT", "token": "REDACTED"}),
        ([{"sourceLocation": "https://a/b?sig=x"}], [{"sourceLocation": "REDACTED"}]),
    ],
)
def test_values_that_look_secret_are_hidden(body: Any, expected: Any) -> None:
    assert redact_body(body) == expected


def test_the_file_hides_what_memory_keeps(tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    journal = Journal(file)
    body = {"name": "A", "value": "hunter2", "isSecret": True}
    journal.add(Entry("now", "POST", "/x", {}, 200, 1, 2, 0.0, body))
    journal.clear()
    journal.add(Entry("now", "GET", "/y", {}, 200, 1, 2, 0.0, body))
    journal.close()
    assert [entry.body for entry in journal.entries] == [body]
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [(line["path"], line["body"]["value"]) for line in lines] == [("/x", "REDACTED"), ("/y", "REDACTED")]


def entry(number: int, body: Any = None) -> Entry:
    return Entry("now", "GET", f"/{number}", {}, 200, 1, 2, 0.0, body)


def test_the_oldest_requests_are_dropped_when_there_are_too_many() -> None:
    journal = Journal(most_entries=3)
    for number in range(5):
        journal.add(entry(number))
    assert ([one.path for one in journal.entries], journal.dropped) == (["/2", "/3", "/4"], 2)
    journal.clear()
    assert (journal.entries, journal.dropped) == ([], 0)


def test_the_oldest_requests_are_dropped_when_they_are_too_large() -> None:
    journal = Journal(most_bytes=250)
    for number in range(3):
        journal.add(entry(number, "x" * 100))
    assert ([(one.path, one.body) for one in journal.entries], journal.dropped) == (
        [("/1", "x" * 100), ("/2", "x" * 100)],
        1,
    )


def test_the_file_has_what_memory_has_dropped(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl", most_entries=1)
    journal.add(entry(0))
    journal.add(entry(1))
    journal.close()
    lines = (tmp_path / "journal.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["path"] for line in lines] == ["/0", "/1"]


def test_whoever_reads_the_journal_is_told_what_is_missing() -> None:
    with EmulatedAzure() as azure:
        for _ in range(10_002):
            azure.emulator.journal.add(entry(0))
        read = azure.get("/_emulator/journal")
        assert (len(read.body), read.headers["x-emulator-dropped-requests"]) == (10_000, "2")


@pytest.mark.parametrize("body", [b"[" * 900 + b"]" * 900, b"{", b"[NaN]"])
def test_bodies_that_are_not_to_be_kept(body: bytes) -> None:
    with EmulatedAzure() as azure:
        azure.request("PUT", f"{REGISTRY}/agentPools/pool1", data=body, headers={"content-type": "application/json"})
        assert [one["body"] for one in azure.get("/_emulator/journal").body] == [None]
