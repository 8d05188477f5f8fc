"""The parts of a task: definition, identities, triggers."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from azure.mgmt.containerregistrytasks.models import IdentityProperties
from scripted_arm import scripted_arm
from scripted_transport import Reply
from task_azure import Azure, task_body

from azext_acrpool.client.errors import InvalidReplyError
from azext_acrpool.commands.runs.definition import encoded_definition, is_task_file
from azext_acrpool.commands.runs.request import OptionError
from azext_acrpool.commands.runs.run import RunOptions, file_below, run, run_request
from azext_acrpool.commands.tasks.create import create_task
from azext_acrpool.commands.tasks.identities import added_identity, assigned_identities, login_identity
from azext_acrpool.commands.tasks.triggers import SourceRepository

USER = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i"


def test_definition_of_a_command() -> None:
    text = b64decode(encoded_definition("bash echo", None, 60)).decode()
    assert text == (
        "version: v1.1.0\nsteps: \n  - cmd: bash echo\n    disableWorkingDirectoryOverride: true\n    timeout: 60\n"
    )


def test_definition_of_a_file_has_one_kind_of_line_end(tmp_path: Path) -> None:
    (tmp_path / "task.yaml").write_bytes("steps:\r\n  - cmd: grüß\r\n".encode())
    encoded = encoded_definition(None, str(tmp_path / "task.yaml"), 60)
    assert b64decode(encoded).decode() == "steps:\n  - cmd: grüß\n"


@pytest.mark.parametrize(
    ("content", "problem"), [(b"", "is empty"), (b"\xff\xfe", "is not text in UTF-8"), (None, "There is no task file")]
)
def test_definition_that_cannot_be_used(tmp_path: Path, content: bytes | None, problem: str) -> None:
    if content is not None:
        (tmp_path / "task.yaml").write_bytes(content)
    with pytest.raises(OptionError, match=problem):
        encoded_definition(None, str(tmp_path / "task.yaml"), None)


def test_definition_from_an_empty_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=BytesIO(b"")))
    with pytest.raises(OptionError, match="The task file standard input is empty"):
        encoded_definition(None, "-", None)


@pytest.mark.parametrize(
    ("file", "expected"), [("acb.yaml", True), ("a/b.yml", True), ("Dockerfile", False), ("x.Dockerfile", False)]
)
def test_task_files(file: str, expected: bool) -> None:
    assert is_task_file(file) is expected


@pytest.mark.parametrize(
    ("names", "body"),
    [
        ([], {"type": "SystemAssigned"}),
        (["[system]"], {"type": "SystemAssigned"}),
        ([USER], {"type": "UserAssigned", "userAssignedIdentities": {USER: {}}}),
        (["[system]", USER], {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {USER: {}}}),
        (["[all]", USER], {"type": "None"}),
    ],
)
def test_assigned_identities(names: list[str], body: dict[str, Any]) -> None:
    assert assigned_identities(names).as_dict(exclude_readonly=True) == body


@pytest.mark.parametrize(
    ("existing", "name", "kind"),
    [
        (None, "[system]", "SystemAssigned"),
        (None, USER, "UserAssigned"),
        ({"type": "None"}, "[system]", "SystemAssigned"),
        ({"type": "None"}, USER, "UserAssigned"),
        ({"type": "SystemAssigned"}, "[system]", None),
        ({"type": "SystemAssigned"}, USER, "SystemAssigned, UserAssigned"),
        ({"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {USER: {}}}, "[system]", None),
        ({"type": "UserAssigned", "userAssignedIdentities": {USER: {}}}, "[system]", "SystemAssigned, UserAssigned"),
        ({"type": "UserAssigned", "userAssignedIdentities": {USER: {}}}, USER.upper(), None),
        ({"type": "UserAssigned", "userAssignedIdentities": {USER: {}}}, USER + "2", "UserAssigned"),
    ],
)
def test_added_identity(existing: dict[str, Any] | None, name: str, kind: str | None) -> None:
    added = added_identity(None if existing is None else IdentityProperties(existing), name)
    assert (None if added is None else added.type) == kind


def test_identity_of_a_login() -> None:
    arm, _ = scripted_arm(Reply(200, {"properties": {"clientId": "id"}}), Reply(200, {}))
    assert login_identity(arm, USER) == "id"
    with pytest.raises(InvalidReplyError):
        login_identity(arm, USER)
    assert [login_identity(arm, name) for name in (None, "[system]", "None")] == [None, "[system]", "None"]
    for name in ("[caller]", "somebody", USER + "/../x", USER + "?a=b"):
        with pytest.raises(OptionError, match="is no identity"):
            login_identity(arm, name)


@pytest.mark.parametrize(
    ("url", "branch", "kind"),
    [
        ("https://GitHub.com/a/b.git#main", "main", "Github"),
        ("https://github.com/a/b.git#:folder", "", "Github"),
        ("https://dev.azure.com/o/p/_git/r#release:sub", "release", "VisualStudioTeamService"),
        (None, None, "VisualStudioTeamService"),
    ],
)
def test_source_repository(url: str | None, branch: str | None, kind: str) -> None:
    repository = SourceRepository(url, None)
    assert (repository.branch, repository.control_type) == (branch, kind)


@pytest.mark.parametrize("name", ["missing.yaml", "../outside.yaml", "/etc/hostname", "folder"])
def test_files_of_a_run_must_be_in_its_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "source" / "folder").mkdir(parents=True)
    (tmp_path / "outside.yaml").write_text("")
    with pytest.raises(SystemExit) as stop:
        file_below(tmp_path / "source", name)
    assert stop.value.code == 3


def test_standard_input_can_come_with_a_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=BytesIO(b"steps: []")))
    request = run_request(RunOptions(registry_name="r", source_location=".", file="-"))
    assert request.type == "EncodedTaskRunRequest"


def test_schedules_are_told_and_checked_before_anything_is_asked(azure: Azure, shown: Callable[[], str]) -> None:
    task = {"context_path": "/dev/null", "cmd_value": "bash"}
    azure.has_task(task_body())
    azure.call(create_task, schedule=["nightly:0 21 * * *"], **task)
    assert "Timer nightly (0 21 * * *) comes next at " in shown()
    assert azure.fails(create_task, schedule=["0 24 * * *"], **task) == 2
    assert "'24' is not a valid hour" in shown()
    assert azure.transport.requests == []


def test_run_without_a_source(azure: Azure) -> None:
    result = azure.call(run, source_location="/dev/null", cmd_value="bash", agent_pool_name="mypool", no_wait=True)
    assert result.run_id == "cf1"
    (body,) = azure.sent("POST")
    assert (body["type"], body["agentPoolName"]) == ("EncodedTaskRunRequest", "mypool")
    assert "sourceLocation" not in body
