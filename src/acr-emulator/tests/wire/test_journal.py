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
