"""`az acr run`: the definition and the files that a run goes with."""

from __future__ import annotations

import errno
import os
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from run_azure import Azure

from azext_acrpool.commands.console.errors import UsageError
from azext_acrpool.commands.runs.named_files import file_below
from azext_acrpool.commands.runs.run import run
from azext_acrpool.commands.runs.source import SourceMissingError
from azext_acrpool.commands.session import Settings
from azext_acrpool.context import BuildContext
from azext_acrpool.context.pack.listing import list_context


@pytest.mark.parametrize("name", ["missing.yaml", "../outside.yaml", "/no/such/file", "folder"])
def test_files_of_a_run_must_be_in_its_folder(azure: Azure, tmp_path: Path, name: str) -> None:
    source = tmp_path / "source"
    (source / "folder").mkdir(parents=True)
    (tmp_path / "outside.yaml").write_text("")
    with pytest.raises(SourceMissingError):
        file_below(source, name)
    finished = azure.call(run, source_location=str(source), file=name)
    assert finished.exit_code == 3
    assert finished.told == [
        f"There is no file '{name}' in the source location '{source}'.",
        "Name a file by its path below the source location.",
    ]
    assert not azure.uploads


def test_standard_input_can_come_with_a_source(azure: Azure, context: str) -> None:
    azure.session.stdin = b"steps: []"
    assert azure.call(run, source_location=context, file="-", no_wait=True).exit_code == 0
    assert azure.request["type"] == "EncodedTaskRunRequest"
    assert b64decode(azure.request["encodedTaskContent"]) == b"steps: []"
    assert azure.request["sourceLocation"] == "source/x.tar.gz"


def test_run_without_a_source(azure: Azure) -> None:
    finished = azure.call(run, source_location="/dev/null", cmd_value="bash", agent_pool_name="mypool", no_wait=True)
    assert finished.result.run_id == "cf1"
    assert finished.told == ["WARNING: Queued a run with ID: cf1", "Run cf1 goes to agent pool mypool (2 instances)"]
    assert (azure.request["type"], azure.request["agentPoolName"]) == ("EncodedTaskRunRequest", "mypool")
    assert "sourceLocation" not in azure.request


def test_a_run_is_followed_as_a_build_is(azure: Azure) -> None:
    azure.run.statuses = [(0, "Queued"), (20, "Failed")]
    finished = azure.call(run, source_location="/dev/null", cmd_value="bash")
    assert (finished.exit_code, finished.stdout) == (1, "Step 1\n")
    assert finished.told[-2:] == [
        "Run cf1 ended as Failed.",
        "See its whole log with: az acr task logs -r myregistry --run-id cf1",
    ]


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b"])
def test_what_cannot_be_a_path_is_not_in_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceMissingError):
        file_below(tmp_path, name)


def test_links_in_a_circle_are_no_file(tmp_path: Path) -> None:
    (tmp_path / "circle").symlink_to("circle")
    with pytest.raises(UsageError) as caught:
        file_below(tmp_path, "circle")
    assert str(caught.value) == (
        f"'circle' in the source location '{tmp_path}' cannot be used: {os.strerror(errno.ELOOP)}."
    )


STEPS = "version: v1.1.0\nsteps:\n  - build: -t hello:v1 .\n"


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`src` in the current folder, with a task file and another one beside it."""
    folder = tmp_path / "src"
    (folder / "sub").mkdir(parents=True)
    for path in ("src/sub/task.yaml", "src/acb.yaml", "outside.yaml", "acb.yaml"):
        (tmp_path / path).write_text(f"{STEPS}# {path}\n")
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.mark.parametrize(
    ("file", "sent"),
    [
        ("sub/task.yaml", "sub/task.yaml"),
        ("./sub/task.yaml", "./sub/task.yaml"),
        ("src/sub/task.yaml", "sub/task.yaml"),
        ("src/../src/sub/task.yaml", "sub/task.yaml"),
        ("{source}/sub/task.yaml", "sub/task.yaml"),
        ("link/task.yaml", "sub/task.yaml"),
        # The one in the source, as with az's own.
        ("acb.yaml", "acb.yaml"),
        (None, "acb.yaml"),
    ],
)
def test_a_task_file_of_the_source_is_found_however_it_is_typed(
    azure: Azure, source: Path, file: str | None, sent: str
) -> None:
    Path("link").symlink_to("src/sub")
    typed = file and file.format(source=source)
    assert azure.call(run, source_location="src", file=typed, no_wait=True).exit_code == 0
    assert (azure.request["type"], azure.request["taskFilePath"]) == ("FileTaskRunRequest", sent)


def test_a_task_file_outside_the_source_is_sent_along(azure: Azure, source: Path) -> None:
    (source / "values.yaml").write_text("name: x\n")
    finished = azure.call(run, source_location="src", file="outside.yaml", values="values.yaml", no_wait=True)
    assert finished.exit_code == 0
    assert azure.request["type"] == "EncodedTaskRunRequest"
    assert b64decode(azure.request["encodedTaskContent"]).decode() == f"{STEPS}# outside.yaml\n"
    assert b64decode(azure.request["encodedValuesContent"]) == b"name: x\n"
    assert azure.request["sourceLocation"] == "source/x.tar.gz"


def test_without_a_source_values_are_a_local_file(azure: Azure, source: Path) -> None:
    (source / "values.yaml").write_text("name: x\n")
    call: dict[str, Any] = {"source_location": "/dev/null", "file": "outside.yaml", "no_wait": True}
    missing = azure.call(run, values="values.yaml", **call)
    assert missing.exit_code == 2
    assert missing.told == [
        "There is no file with values 'values.yaml'. Where the task file is sent along, --values names a local file."
    ]
    assert azure.call(run, values="src/values.yaml", **call).exit_code == 0
    assert b64decode(azure.request["encodedValuesContent"]) == b"name: x\n"


@pytest.mark.parametrize("location", [None, "", "/dev/null", "/DEV/NULL", "nul", "NUL"])
def test_a_command_needs_no_source(azure: Azure, location: str | None) -> None:
    assert azure.call(run, source_location=location, cmd_value="bash", no_wait=True).exit_code == 0
    assert azure.request["type"] == "EncodedTaskRunRequest"
    assert "sourceLocation" not in azure.request


@pytest.mark.usefixtures("source")
def test_a_folder_may_be_called_as_windows_calls_nothing(azure: Azure) -> None:
    Path("nul").mkdir()
    Path("nul/acb.yaml").write_text(STEPS)
    assert azure.call(run, source_location="nul", no_wait=True).exit_code == 0
    assert azure.request["sourceLocation"] == "source/x.tar.gz"


@pytest.mark.parametrize("file", [None, "acb.yaml", "-"])
def test_a_task_file_needs_to_be_told_from_where_it_takes_its_files(azure: Azure, file: str | None) -> None:
    finished = azure.call(run, file=file)
    assert finished.exit_code == 2
    assert finished.told == [
        "The source location is missing: the folder or URL that holds the task file.",
        "Give '.' for the current folder, or /dev/null for a task file (--file) that needs no source.",
    ]


def listed(azure: Azure) -> set[str]:
    """The files of the context that was uploaded."""
    (context,) = azure.contexts
    assert isinstance(context, BuildContext)
    return {file.path for file in list_context(context, reasons=False).files}


def test_what_a_task_builds_from_is_sent_though_it_is_ignored(azure: Azure, source: Path) -> None:
    for name in ("Dockerfile", "one.Dockerfile", "two.Dockerfile", "three.Dockerfile"):
        (source / name).write_text("FROM scratch\n")
    (source / "real.yaml").write_text(
        STEPS + "".join(f"  - build: -f {{{{.Values.{name}}}}}.Dockerfile .\n" for name in ("which", "other"))
    )
    (source / "values.yaml").write_text("which: one\nother: one\n")
    (source / "task.yaml").symlink_to("real.yaml")
    (source / ".dockerignore").write_text("*\n")
    finished = azure.call(
        run,
        source_location="src",
        file="task.yaml",
        values="values.yaml",
        set_value=[{"name": "other", "value": "two", "isSecret": False}],
        no_wait=True,
    )
    assert finished.exit_code == 0
    assert listed(azure) == {
        *(".dockerignore", "task.yaml", "real.yaml", "values.yaml"),
        *("Dockerfile", "one.Dockerfile", "two.Dockerfile"),
    }


@pytest.mark.parametrize(
    ("links", "file", "sent"),
    [
        ({"t.yaml": "mid.yaml", "mid.yaml": "sub/task.yaml"}, "t.yaml", {"t.yaml", "mid.yaml", "sub/task.yaml"}),
        ({"l": "sub"}, "l/task.yaml", {"l", "sub/task.yaml"}),
        ({"t.yaml": "l/task.yaml", "l": "./sub/../sub/"}, "t.yaml", {"t.yaml", "l", "sub/task.yaml"}),
        ({"sub/t": "../k/task.yaml", "k": "l", "l": "sub"}, "sub/t", {"sub/t", "k", "l", "sub/task.yaml"}),
    ],
)
def test_every_link_on_the_way_to_a_task_file_is_sent(
    azure: Azure, source: Path, links: dict[str, str], file: str, sent: set[str]
) -> None:
    for name, target in links.items():
        (source / name).symlink_to(target)
    (source / ".dockerignore").write_text("*\n")
    assert azure.call(run, source_location="src", file=file, no_wait=True).exit_code == 0
    assert listed(azure) == {".dockerignore", *sent}
    assert azure.request["taskFilePath"] == file


def test_every_link_on_the_way_to_a_dockerfile_is_sent(azure: Azure, source: Path) -> None:
    (source / "sub/Dockerfile").write_text("FROM scratch\n")
    (source / "l").symlink_to("sub")
    (source / "acb.yaml").write_text("steps:\n  - build: l\n")
    (source / ".dockerignore").write_text("*\n")
    assert azure.call(run, source_location="src", no_wait=True).exit_code == 0
    assert listed(azure) == {".dockerignore", "acb.yaml", "l", "sub/Dockerfile"}


def test_an_ignored_dockerfile_that_leads_out_of_the_folder_is_not_sent(azure: Azure, source: Path) -> None:
    (source.parent / "Dockerfile").write_text("FROM scratch\n")
    (source / "Dockerfile").symlink_to("../Dockerfile")
    (source / "acb.yaml").write_text("steps:\n  - cmd: bash\n")
    (source / ".dockerignore").write_text("Dockerfile\n")
    assert azure.call(run, source_location="src", no_wait=True).exit_code == 0
    assert "Dockerfile" not in listed(azure)


@pytest.mark.parametrize("target", ["../outside.yaml", "{folder}/outside.yaml", "l/outside.yaml"])
@pytest.mark.parametrize("linked", ["acb.yaml", "values.yaml"])
def test_what_lies_behind_a_link_out_of_the_folder_is_sent_along(
    azure: Azure, source: Path, target: str, linked: str
) -> None:
    (source / "values.yaml").write_text("name: x\n")
    (source / "l").symlink_to("..")
    (source / linked).unlink()
    (source / linked).symlink_to(target.format(folder=source.parent))
    (source / ".dockerignore").write_text("l\n")
    finished = azure.call(run, source_location="src", values="values.yaml", no_wait=True)
    assert finished.exit_code == 0
    told = f"'{linked}' leads out of the folder: what it leads to is sent along, the link is not sent."
    assert told in finished.told
    assert azure.request["type"] == "EncodedTaskRunRequest"
    texts = {"acb.yaml": azure.request["encodedTaskContent"], "values.yaml": azure.request["encodedValuesContent"]}
    assert b64decode(texts[linked]).decode() == f"{STEPS}# outside.yaml\n"
    assert linked not in listed(azure)
    assert azure.request["sourceLocation"] == "source/x.tar.gz"


def test_what_cannot_be_told_of_a_task_is_told_to_those_who_ask(azure: Azure, source: Path) -> None:
    (source / "acb.yaml").write_text("steps:\n  - build: -f {{.Run.OS}}.Dockerfile .\n")
    told = (
        "Which Dockerfiles the task's steps build from cannot be told before the service has filled in its templates. "
        "One that the ignore file excludes is sent only if the task names it plainly."
    )
    assert told not in azure.call(run, source_location="src", no_wait=True).told
    azure.session.settings = Settings(is_verbose=True)
    assert told in azure.call(run, source_location="src", no_wait=True).told


@pytest.mark.parametrize(
    ("identity", "told"),
    [
        (
            None,
            [
                (
                    "Registry 'myregistry' has per-repository permissions (ABAC), of which a run has none by itself: it"
                    ' can neither pull nor push there. Lend it yours with --source-acr-auth-id "[caller]".'
                )
            ],
        ),
        ("none", []),
        ("[caller]", []),
    ],
)
def test_a_run_without_permissions_by_repository_is_told_so(
    azure: Azure, identity: str | None, told: list[str]
) -> None:
    azure.registry["properties"]["roleAssignmentMode"] = "AbacRepositoryPermissions"
    options = {"source_location": "/dev/null", "cmd_value": "bash", "source_acr_auth_id": identity, "no_wait": True}
    assert azure.call(run, **options).told == [*told, "WARNING: Queued a run with ID: cf1"]


def test_an_empty_command_is_told(azure: Azure, source: Path) -> None:
    assert source.is_dir()
    finished = azure.call(run, source_location="/dev/null", cmd_value="", no_wait=True)
    assert finished.exit_code == 0
    assert finished.told[0] == "--cmd is empty: the task file 'acb.yaml' is run."
