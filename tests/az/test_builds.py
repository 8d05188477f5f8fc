"""`az acr build` as users type it: what is built, what is printed where, and the exit code that pipelines hang on."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from az_harness import Az, Emulator, finish, interrupt
from hello_context import NO_HELLO, write_hello_context

REGISTRY = ("--registry", "myregistry")
EMPTY = "Agent pool 'emptypool' has no instances: the run would stay queued."
SCALE_UP = "Scale it up with: az acr agentpool update -r myregistry -n emptypool --count 1"
REMOTE = "https://github.com/Azure-Samples/acr-build-helloworld-node.git#main"
POOLS = [
    {"name": "mypool", "count": 2},
    {"name": "emptypool", "count": 0},
    {"name": "brokenpool", "provisioningState": "Failed"},
]
WORLD = {
    "registries": [
        {"name": "myregistry", "agentPools": POOLS},
        {"name": "abacregistry", "roleAssignmentMode": "AbacRepositoryPermissions"},
    ]
}


@pytest.fixture(scope="module")
def emulator(emulators: Callable[..., Emulator]) -> Emulator:
    return emulators(world=WORLD)


@pytest.fixture
def context(tmp_path: Path) -> Path:
    return write_hello_context(tmp_path / "context")


def test_local_folder_on_a_pool(az: Az, emulator: Emulator, context: Path) -> None:
    done = az("acr", "build", *REGISTRY, "--agent-pool", "mypool", "-t", "hello:v1", str(context)).succeeded()
    assert "Successfully tagged myregistry.azurecr.io/hello:v1" in done.printed
    assert emulator.last_run_request()["agentPoolName"] == "mypool"
    # Data goes to stdout, narration to stderr.
    run_id = done.printed[-1].split()[2]
    assert done.printed[-1].startswith(f"Run ID: {run_id} was successful after ")
    assert f"WARNING: Queued a build with ID: {run_id}" in done.told
    assert f"Run {run_id} goes to agent pool mypool (2 instances)" in done.told


def test_az_own_line_with_the_runs_id_goes_where_az_logs(az: Az, context: Path) -> None:
    az = replace(az, environment={**az.environment, "AZURE_LOGGING_ENABLE_LOG_FILE": "yes"})
    build = ("acr", "build", *REGISTRY, "-t", "hello:v1", "--no-wait", "--only-show-errors", str(context))
    quiet = az(*build).succeeded()
    assert quiet.told == []
    log = (az.folder / ".azure" / "logs" / "az.log").read_text("utf-8")
    assert f" : Queued a build with ID: {quiet.json['runId']}\n" in log


def test_log_equals_what_the_service_wrote(az: Az, context: Path) -> None:
    done = az("acr", "build", *REGISTRY, "-t", "hello:v2", str(context)).succeeded()
    run_id = done.stdout.rpartition("Run ID: ")[2].split()[0]
    assert az("acr", "task", "logs", *REGISTRY, "--run-id", run_id).succeeded().stdout == done.stdout


@pytest.mark.parametrize("location", [REMOTE, "git@github.com:Azure-Samples/acr-build-helloworld-node.git"])
def test_remote_git_context(az: Az, emulator: Emulator, location: str) -> None:
    az("acr", "build", *REGISTRY, "--agent-pool", "mypool", "-t", "hello:v1", location).succeeded()
    assert emulator.last_run_request()["sourceLocation"] == location
    assert emulator.last_run_request()["dockerFilePath"] == "Dockerfile"


def test_oci_context(az: Az, emulator: Emulator) -> None:
    location = "oci://myregistry.azurecr.io/context:v1"
    az("acr", "build", *REGISTRY, "-t", "hello:v1", "-f", "sub/Dockerfile", location).succeeded()
    assert emulator.last_run_request()["sourceLocation"] == location
    assert emulator.last_run_request()["dockerFilePath"] == "sub/Dockerfile"


def test_tarball_context(az: Az, emulator: Emulator) -> None:
    # The emulator itself answers over HTTP here: any URL that is there will do.
    location = f"{emulator.url}/_emulator/state"
    az("acr", "build", *REGISTRY, "-t", "hello:v1", location).succeeded()
    assert emulator.last_run_request()["sourceLocation"] == location


def test_tarball_that_is_not_there(az: Az, emulator: Emulator) -> None:
    emulator.control("DELETE", "journal")
    location = f"{emulator.url}/_emulator/nothing.tar.gz"
    refused = az("acr", "build", *REGISTRY, "-t", "hello:v1", location).failed(3)
    assert f"ERROR: There is nothing at '{location}' (HTTP status 404)." in refused.told
    assert not emulator.requests("POST", "/scheduleRun")


def test_failed_build_exits_1_with_the_runs_error(az: Az, context: Path) -> None:
    (context / "hello.txt").unlink()
    failed = az("acr", "build", *REGISTRY, "--agent-pool", "mypool", "-t", "hello:v1", str(context)).failed(1)
    assert NO_HELLO in failed.printed
    run_id = failed.printed[-1].split()[2]
    assert f"ERROR: Run {run_id} ended as Failed: failed during run, err: exit status 1" in failed.told
    assert f"See its whole log with: az acr task logs -r myregistry --run-id {run_id}" in failed.told


@pytest.mark.parametrize("logs", [("--no-logs",), ("--logs", "stderr")], ids=str)
def test_failed_build_exits_1_and_is_the_result_where_its_log_is_not(
    az: Az, context: Path, logs: tuple[str, ...]
) -> None:
    (context / "Dockerfile").write_text("FROM scratch\nRUN exit 3\n")
    build = ("acr", "build", *REGISTRY, "-t", "hello:v1", *logs, str(context))
    failed = az(*build).failed(1)
    assert failed.json["status"] == "Failed"
    error = f"ERROR: Run {failed.json['runId']} ended as Failed: {failed.json['runErrorMessage']}"
    assert failed.told.count(error) == 1
    assert az(*build, "--query", "[status, runErrorMessage]", "-o", "tsv").failed(1).printed == [
        "Failed",
        failed.json["runErrorMessage"],
    ]


def test_no_logs_prints_the_finished_run(az: Az, context: Path) -> None:
    done = az("acr", "build", *REGISTRY, "-t", "hello:v1", "--no-logs", str(context)).succeeded()
    assert done.json["status"] == "Succeeded"
    assert done.json["outputImages"][0]["digest"].startswith("sha256:")


def test_no_wait_prints_the_queued_run(az: Az, context: Path) -> None:
    queued = az("acr", "build", *REGISTRY, "-t", "hello:v1", "--no-wait", str(context)).succeeded()
    assert queued.json["status"] == "Queued"


def test_pool_that_does_not_exist(az: Az, emulator: Emulator, context: Path) -> None:
    emulator.control("DELETE", "journal")
    missing = az("acr", "build", *REGISTRY, "--agent-pool", "nopool", "-t", "hello:v1", str(context)).failed(3)
    assert (
        "ERROR: There is no agent pool 'nopool' in registry 'myregistry'. It has: brokenpool, emptypool, mypool."
    ) in missing.told
    assert "Create it with: az acr agentpool create -r myregistry -n nopool --tier S2" in missing.told
    assert not emulator.requests("POST", "/scheduleRun")
    assert not [entry for entry in emulator.journal() if "acrblobs" in entry["path"]]


def test_pool_without_instances_is_an_error_at_once(az: Az, emulator: Emulator, context: Path) -> None:
    emulator.control("DELETE", "journal")
    build = ("acr", "build", *REGISTRY, "--agent-pool", "emptypool", "-t", "hello:v1", str(context))
    refused = az(*build).failed(1)
    assert f"ERROR: {EMPTY}" in refused.told
    assert SCALE_UP in refused.told
    assert not emulator.requests("POST", "/scheduleRun")


def test_pool_without_instances_is_a_warning_when_not_waiting(az: Az, context: Path) -> None:
    build = ("acr", "build", *REGISTRY, "--agent-pool", "emptypool", "-t", "hello:v1", str(context))
    queued = az(*build, "--no-wait").succeeded()
    assert queued.json["status"] == "Queued"
    assert f"{EMPTY} {SCALE_UP}" in queued.told


def test_failed_pool_is_named_instead_of_queueing_for_ever(az: Az, context: Path) -> None:
    refused = az("acr", "build", *REGISTRY, "--agent-pool", "brokenpool", "-t", "hello:v1", str(context)).failed(1)
    assert "ERROR: Agent pool 'brokenpool' is in state Failed and takes no runs." in refused.told


@pytest.mark.parametrize(
    ("location", "code", "what"),
    [
        ("nosuchfolder", 3, "does not exist."),
        ("ftp://example.com/context.tar.gz", 2, "has a scheme that the service cannot read."),
    ],
)
def test_source_that_is_none(az: Az, location: str, code: int, what: str) -> None:
    refused = az("acr", "build", *REGISTRY, "-t", "hello:v1", location).failed(code)
    assert f"ERROR: The source location '{location}' {what}" in refused.told


def test_build_arguments_reach_the_service_and_secrets_stay_out_of_the_debug_log(
    az: Az, emulator: Emulator, context: Path
) -> None:
    done = az(
        *("acr", "build", *REGISTRY, "-t", "hello:v1", "--build-arg", "WHO=all"),
        *("--secret-build-arg", "TOKEN=correct-horse", "--debug", str(context)),
    ).succeeded()
    arguments = emulator.last_run_request()["arguments"]
    assert [(argument["name"], argument["value"], argument["isSecret"]) for argument in arguments] == [
        ("WHO", "all", False),
        ("TOKEN", "correct-horse", True),
    ]
    first, *others = done.told
    # az's own, which it writes before it loads any extension.
    assert first.startswith("DEBUG: cli.knack.cli: Command arguments: ['acr', 'build', ")
    for line in (*others, *done.printed):
        assert "correct-horse" not in line
        assert "sig=" not in line


def test_options_that_az_own_lets_be_cut_short(az: Az, emulator: Emulator, context: Path) -> None:
    short = ("--build", "PUBLIC=1", "--secret-build-arg", "A=mark1", "--secret", "B=mark2", "--log", "logs:x")
    done = az("acr", "build", *REGISTRY, *short, "--debug", str(context)).succeeded()
    request = emulator.last_run_request()
    assert [argument["value"] for argument in request["arguments"]] == ["1", "mark1", "mark2"]
    assert (request["type"], request["logTemplate"]) == ("DockerBuildRequest", "logs:x")
    assert any(line.startswith("--secret is taken for --secret-build-arg: ") for line in done.told)
    assert "mark" not in "".join(line for line in done.told if "Command arguments: " not in line)


def test_ignored_files_are_not_sent(az: Az, context: Path) -> None:
    (context / ".dockerignore").write_text("# nothing but the Dockerfile\n/hello.txt\n")
    failed = az("acr", "build", *REGISTRY, "-t", "hello:v1", str(context)).failed(1)
    assert NO_HELLO in failed.printed


def test_dockerfile_outside_the_context(az: Az, context: Path, tmp_path: Path) -> None:
    (context / "Dockerfile").rename(tmp_path / "Other.Dockerfile")
    az("acr", "build", *REGISTRY, "-t", "hello:v1", "-f", "Other.Dockerfile", str(context)).succeeded()


def test_dockerfile_below_the_context(az: Az, emulator: Emulator, context: Path) -> None:
    (context / "docker").mkdir()
    (context / "Dockerfile").rename(context / "docker" / "Dockerfile.release")
    build = ("acr", "build", *REGISTRY, "-t", "hello:v1", "-f", "docker/Dockerfile.release", ".")
    az(*build, folder=context).succeeded()


def test_an_archive_as_the_context(az: Az, emulator: Emulator, context: Path) -> None:
    archive = az.folder / "context.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(context, ".")
    az("acr", "build", *REGISTRY, "-t", "hello:v1", "context.tar.gz").succeeded()
    assert emulator.requests("PUT", ".tar.gz")[-1]["request_bytes"] == archive.stat().st_size
    piped = az("acr", "build", *REGISTRY, "-t", "hello:v1", "-", stdin="FROM scratch\n").succeeded()
    assert "Successfully tagged myregistry.azurecr.io/hello:v1" in piped.printed


def test_dockerfile_that_is_missing(az: Az, context: Path) -> None:
    (context / "Dockerfile").unlink()
    refused = az("acr", "build", *REGISTRY, "-t", "hello:v1", str(context)).failed(3)
    assert (
        f"ERROR: There is no Dockerfile in '{context}'. Name one with --file, or '-' to read it from standard input."
    ) in refused.told


def test_same_tree_same_image(az: Az, context: Path) -> None:
    build = ("acr", "build", *REGISTRY, "-t", "hello:v1", "--no-logs", str(context))
    digests = {az(*build).succeeded().json["outputImages"][0]["digest"] for _ in range(2)}
    assert len(digests) == 1


def test_interrupt_cancels_the_run(real_az: Az, az: Az, context: Path) -> None:
    (context / "Dockerfile").write_text("FROM scratch\nRUN sleep 600\n")
    process = real_az.start("acr", "build", *REGISTRY, "-t", "hello:v1", str(context))
    assert process.stdout is not None
    for line in process.stdout:
        if "sleep 600" in line:
            break
    interrupt(process)
    cancelled = finish(process).failed(130)
    runs = az("acr", "task", "list-runs", *REGISTRY, "--top", "1").succeeded().json
    run_id = runs[0]["runId"]
    assert runs[0]["status"] == "Canceled"
    assert f"ERROR: Run {run_id} was cancelled." in cancelled.told


def test_an_interrupted_build_is_the_result_where_its_log_is_not(real_az: Az, context: Path) -> None:
    (context / "Dockerfile").write_text("FROM scratch\nRUN sleep 600\n")
    process = real_az.start("acr", "build", *REGISTRY, "-t", "hello:v1", "--no-logs", str(context))
    assert process.stderr is not None
    for line in process.stderr:
        if ": running after" in line:
            break
    interrupt(process)
    cancelled = finish(process).failed(130)
    assert cancelled.json["status"] == "Canceled"
    assert f"ERROR: Run {cancelled.json['runId']} was cancelled." in cancelled.told


def test_a_push_that_permissions_by_repository_refuse_is_told_before_the_upload(
    az: Az, plain_az: Az, emulator: Emulator, context: Path
) -> None:
    build = ("acr", "build", "--registry", "abacregistry", "-t", "hello:v1", str(context))
    # What Azure makes of it, which takes az's own to see.
    failed = plain_az(*build).failed(1)
    assert "when specifying push, at least one credential is required" in failed.printed
    emulator.control("DELETE", "journal")
    refused = az(*build).failed(2)
    assert 'Lend it yours with: --source-acr-auth-id "[caller]"' in refused.told
    assert not emulator.requests("POST")
    az(*build, "--source-acr-auth-id", "[caller]").succeeded()


def test_request_equals_az_own(az: Az, plain_az: Az, emulator: Emulator, context: Path) -> None:
    """Every option at least once: what reaches the service is what az's own command sends."""
    for options in (
        ("-t", "hello:v1", "-t", "hello:{{.Run.ID}}"),
        ("--no-push", "-t", "hello:v1"),
        (),
        ("-t", "hello:v1", "--platform", "linux/arm64/v8", "--target", "base", "--timeout", "900"),
        ("-t", "hello:v1", "--auth-mode", "Default"),
        ("-t", "hello:v1", "--auth-mode", "None"),
        ("-t", "hello:v1", "--source-acr-auth-id", "[caller]"),
        ("-t", "hello:v1", "--source-acr-auth-id", "none"),
        ("-t", "hello:v1", "--log-template", "logs:{{.Run.ID}}"),
        ("-t", "hello:v1", "--agent-pool", "mypool", "--build-arg", "A=b=c", "--secret-build-arg", "D=e"),
        ("-t", "hello:v1", "-f", "Dockerfile.other"),
    ):
        bodies = []
        for shell in (az, plain_az):
            shell("acr", "build", *REGISTRY, "--no-wait", *options, REMOTE).succeeded()
            bodies.append(json.dumps(emulator.last_run_request(), sort_keys=True))
        assert bodies[0] == bodies[1], options


def test_dry_run_lists_what_would_be_sent_and_sends_nothing(az: Az, emulator: Emulator, context: Path) -> None:
    (context / ".dockerignore").write_text("*.log\n")
    (context / "build.log").write_text("noise\n")
    (context / ".env").write_text("TOKEN=correct-horse\n")
    emulator.control("DELETE", "journal")
    dry = az("acr", "build", *REGISTRY, "--dry-run", "--verbose", "-o", "json", str(context)).succeeded()
    assert {file["path"]: file["rule"] for file in dry.json["files"]} == {
        ".dockerignore": "always sent",
        ".env": "no rule",
        "Dockerfile": "always sent",
        "hello.txt": "no rule",
    }
    assert dry.json["ignored"] == [{"path": "build.log", "rule": ".dockerignore:1: *.log"}]
    assert "Would send 4 files in 0 folders, 76 B before compression." in dry.told
    warning = "What looks like a secret is sent: '.env'. If it is one, add it to the ignore file."
    assert dry.json["warnings"] == [warning]
    assert f"WARNING: {warning}" in dry.told
    assert "correct-horse" not in dry.stdout + dry.stderr
    assert emulator.journal() == []


def test_a_link_out_of_the_context_is_told_before_anything_is_sent(az: Az, emulator: Emulator, context: Path) -> None:
    (context / "common").symlink_to("../common")
    emulator.control("DELETE", "journal")
    refused = az("acr", "build", *REGISTRY, "-t", "hello:v1", str(context)).failed(1)
    error = (
        "ERROR: 1 symbolic link cannot be sent: 'common' -> '../common'. The service refuses all of a context in which "
        "a link leads out of the folder. Replace such a link with what it leads to, or list it in .dockerignore if the "
        "build does not need it."
    )
    assert error in refused.told
    assert not [entry for entry in emulator.journal() if "acrblobs" in entry["path"]]
