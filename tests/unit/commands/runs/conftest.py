"""What the tests of `az acr build` share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from build_azure import Azure, Credential
from run_fakes import ServedRun

from azext_acrpool.client.arm import ArmClient
from azext_acrpool.commands.runs import build as build_module
from azext_acrpool.commands.runs import context as context_upload
from azext_acrpool.commands.runs import provided_source as run_source
from azext_acrpool.commands.runs import queue_watch
from azext_acrpool.context import ArchiveStats, Progress
from azext_acrpool.context.send.upload import UploadResult
from azext_acrpool.testing import JumpingClock


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch) -> Azure:
    clock = JumpingClock()
    run = ServedRun(
        clock, statuses=[(0, "Queued"), (5, "Running"), (20, "Succeeded")], log=[(6, b"Step 1\r\n")], complete_at=20
    )
    azure = Azure(clock, run)
    arm = ArmClient.from_credential(Credential(), "sub", base_url="https://arm.example", transport=azure.transport)

    def upload(context: Any, target: Callable[[], Any], options: Any) -> UploadResult:
        azure.uploads.append(target().upload_url)
        return UploadResult("source/x.tar.gz", ArchiveStats(1, 0, 0, 10, 5), Progress(files=1))

    monkeypatch.setattr(build_module, "arm_client", lambda _: arm)
    monkeypatch.setattr(build_module, "SystemClock", lambda: clock)
    monkeypatch.setattr(queue_watch, "start_thread", lambda work: work())
    monkeypatch.setattr(run_source, "head_status", lambda _: 200)
    monkeypatch.setattr(context_upload, "upload", upload)
    monkeypatch.setattr("azext_acrpool.client.blobs.BlobReader", lambda **_: run)
    return azure


@pytest.fixture
def context(tmp_path: Path) -> str:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    return str(tmp_path)
