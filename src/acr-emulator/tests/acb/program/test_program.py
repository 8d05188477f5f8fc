"""A run by acb: what it logs and calls when docker fails, and how time passes in it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from acr_emulator.acb.docker import Finished, Printed
from acr_emulator.acb.errors import AcbError
from acr_emulator.acb.program.events import Line, Pause
from acr_emulator.acb.program.program import Program
from acr_emulator.acb.program.scanning import DockerfileScanner
from acr_emulator.acb.program.setup import Credential
from acr_emulator.acb.references import ScannedImage
from acr_emulator.acb.task import TaskOptions, order_of, plan_task

START = [
    "Creating Docker network: acb_default_network, driver: 'bridge'",
    "Successfully set up Docker network: acb_default_network",
    "Setting up Docker configuration...",
    "Successfully set up Docker configuration",
    "Logging in to registry: r.azurecr.io",
    "Successfully logged into r.azurecr.io",
]
PINNED = f"sha256:{'5' * 64}"
EXECUTING = "Executing step ID: acb_step_0. Timeout(sec): 600, Working directory: '', Network: 'acb_default_network'"


class PlayedDocker:
    """Ends each call that contains one of some texts as that says, or its list says for successive calls."""

    def __init__(self, endings: dict[str, Finished | list[Finished]]) -> None:
        self.calls: list[str] = []
        self._endings = endings

    def run(self, arguments: Sequence[str], standard_input: str = "") -> Finished:
        call = " ".join(arguments)
        self.calls.append(call)
        for text, ending in self._endings.items():
            if text in call:
                return (ending.pop(0) if len(ending) > 1 else ending[0]) if isinstance(ending, list) else ending
        return Finished()


def program_of(task: str, docker: PlayedDocker, digests: dict[str, str] | None = None) -> Program:
    planned = plan_task(task, TaskOptions(registry="r.azurecr.io"))
    files = {"/workspace/Dockerfile": b"FROM alpine\n", "/workspace/none/Dockerfile": b"FROM scratch\n"}
    files["/workspace/b/src/Dockerfile"] = b"FROM scratch\n"
    files["/workspace/pinned/Dockerfile"] = f"FROM alpine@{PINNED}\n".encode()
    return Program(
        task=planned,
        order=order_of(planned.steps),
        docker=docker,
        scanner=DockerfileScanner(files.get, lambda folder, context: (f"{context} goes to {folder}",)),
        remote_digest=lambda image: (digests or {}).get(image.reference, ""),
        home_volume="vol",
        credentials=[Credential("r.azurecr.io", "bot", "pw")],
    )


def carried_out(program: Program) -> tuple[list[str], float]:
    """What is logged, an error at its end, and the seconds that pass."""
    lines: list[str] = []
    seconds = 0.0
    try:
        for event in program.run():
            if isinstance(event, Pause):
                seconds += event.seconds
            if isinstance(event, Line):
                lines.append(event.text)
    except AcbError as error:
        lines.append(str(error))
    return lines, seconds


FAILS = Finished(1, (Printed("no"),))


@pytest.mark.parametrize(
    ("endings", "end", "seconds"),
    [
        pytest.param(
            {"network create": FAILS},
            [START[0], "failed to create network: acb_default_network, err: exit status 1, msg: no\n"],
            0.0,
            id="network",
        ),
        pytest.param(
            {"acb_init_config": FAILS},
            [*START[:3], "failed to setup config, msg: no\n: exit status 1"],
            0.0,
            id="configuration",
        ),
        pytest.param(
            {"docker login": FAILS},
            [
                *START[:5],
                "failed to login, ran out of retries: failed to set docker credentials: no\n: exit status 1",
            ],
            0.25 + 0.5 + 1.0,
            id="login",
        ),
        pytest.param(
            {"network rm": FAILS},
            [
                *START,
                EXECUTING,
                "Launching container with name: acb_step_0",
                "Successfully executed container: acb_step_0",
                "Step ID: acb_step_0 marked as successful (elapsed time in seconds: 0.000000)",
                "failed to delete network: acb_default_network, err: exit status 1, msg: no",
                "",
            ],
            0.0,
            id="network-in-the-end",
        ),
        pytest.param(
            {"docker login": [FAILS, FAILS, Finished()], "alpine": Finished(3)},
            [
                *START,
                EXECUTING,
                "Launching container with name: acb_step_0",
                "Container failed during run: acb_step_0. No retries remaining.",
                "failed to run step ID: acb_step_0: exit status 3",
            ],
            0.25 + 0.5,
            id="login-at-the-third-attempt-then-a-step",
        ),
    ],
)
def test_the_first_failure_ends_the_run(
    endings: dict[str, Finished | list[Finished]], end: list[str], seconds: float
) -> None:
    docker = PlayedDocker(endings)
    assert carried_out(program_of("steps:\n  - cmd: alpine\n", docker)) == (end, seconds)
    assert docker.calls[-1] == "network rm acb_default_network", "what was made is removed in any case"


def test_a_push_that_is_refused_is_tried_again_with_growing_pauses() -> None:
    docker = PlayedDocker({"docker push": [FAILS, FAILS, Finished(0, (Printed("pushed"),))]})
    lines, seconds = carried_out(program_of("steps:\n  - {id: out, push: [r.azurecr.io/a:1]}\n", docker))
    assert lines[len(START) + 1 :] == [
        "Pushing image: r.azurecr.io/a:1, attempt 1",
        "no",
        "Pushing image: r.azurecr.io/a:1, attempt 2",
        "no",
        "Pushing image: r.azurecr.io/a:1, attempt 3",
        "pushed",
        "Successfully pushed image: r.azurecr.io/a:1",
        "Step ID: out marked as successful (elapsed time in seconds: 0.750000)",
    ]
    assert seconds == 0.75


def test_a_build_that_failed_and_is_ignored_still_has_to_have_its_image() -> None:
    docker = PlayedDocker({"docker build": Finished(1), "docker inspect": FAILS})
    task = "steps:\n  - {id: b, build: -t r.azurecr.io/a:1 ., ignoreErrors: true}\n"
    lines, _ = carried_out(program_of(task, docker))
    assert lines[-4:] == [
        "Step ID: b encountered an error: exit status 1, but is set to ignore errors. Continuing...",
        "Step ID: b marked as successful (elapsed time in seconds: 0.000000)",
        "Populating digests for step ID: b...",
        "failed to query digests, msg: no\n: exit status 1",
    ]


def test_a_builder_of_caches_that_does_not_start_is_only_told() -> None:
    docker = PlayedDocker({"buildx create": Finished(1), "docker inspect": Finished(0, (Printed('"[]"'),))})
    task = "steps:\n  - {id: b, build: -t r.azurecr.io/a:1 none, cache: enabled}\n"
    lines, seconds = carried_out(program_of(task, docker))
    again = "Container failed during run: acrbuildkitdcontainer, waiting 5 seconds before retrying..."
    assert lines[len(START) : len(START) + 11] == [
        "Task will use build cache, initializing buildkitd container",
        *["Launching container with name: acrbuildkitdcontainer", again] * 3,
        "Launching container with name: acrbuildkitdcontainer",
        "Container failed during run: acrbuildkitdcontainer. No retries remaining.",
        "buildx create --use failed with error: 'exit status 1'",
        "Executing step ID: b. Timeout(sec): 600, Working directory: '', Network: 'acb_default_network'",
    ]
    assert seconds == 15


@pytest.mark.parametrize(
    ("dockerfile", "digest"), [("", "sha256:remote"), ("-f pinned/Dockerfile ", PINNED)], ids=["by tag", "by digest"]
)
def test_digests_of_bases_come_from_their_registry_after_buildkit(dockerfile: str, digest: str) -> None:
    repository = "r.azurecr.io/a"
    docker = PlayedDocker({"docker inspect": Finished(0, (Printed(f'"["{repository}@sha256:local"]"'),))})
    task = f"steps:\n  - {{id: b, build: -t r.azurecr.io/a:1 {dockerfile}., env: [DOCKER_BUILDKIT=1]}}\n"
    events = program_of(task, docker, {"alpine:latest": "sha256:remote"}).run()
    lines: list[str] = []
    while True:
        try:
            event = next(events)
        except StopIteration as end:
            (entry,) = end.value
            break
        lines += [event.text] if isinstance(event, Line) else []
    assert lines[-3:] == [
        "Populating digests for step ID: b...",
        "Image was built using buildkit, fetching Digest from remote...",
        "Successfully populated digests for step ID: b",
    ]
    assert entry.image == ScannedImage("r.azurecr.io", "a", "1", "sha256:local", "r.azurecr.io/a:1")
    assert entry.runtime.digest == digest


def test_a_remote_context_is_built_in_the_folder_of_its_step() -> None:
    docker = PlayedDocker({})
    task = "steps:\n  - {id: b, build: 'https://github.com/a/b.git#main:src'}\n"
    lines, _ = carried_out(program_of(task, docker))
    assert "https://github.com/a/b.git#main:src goes to /workspace/b" in lines
    (build,) = (call for call in docker.calls if " docker build " in call)
    assert build.endswith(" --workdir /workspace/b/src docker build .")


def test_a_time_limit_covers_all_tries() -> None:
    docker = PlayedDocker({"alpine": Finished(1, (), 40.0)})
    task = "steps:\n  - {id: s, cmd: alpine, timeout: 60, retries: 5, retryDelay: 5}\n"
    lines, seconds = carried_out(program_of(task, docker))
    assert lines[-1] == "failed to run step ID: s: timed out"
    assert lines.count("Launching container with name: s") == 6
    assert seconds == pytest.approx(60 + 4 * 5, abs=1)


def test_steps_that_run_at_once_share_the_time() -> None:
    docker = PlayedDocker(
        {"slow": Finished(0, (Printed("a", 5.0),), 5.0), "quick": Finished(0, (Printed("b", 1.0), Printed("c", 6.0)))}
    )
    task = "steps:\n  - {id: one, cmd: slow, when: ['-']}\n  - {id: two, cmd: quick, when: ['-']}\n"
    lines, seconds = carried_out(program_of(task, docker))
    assert [line for line in lines if len(line) == 1] == ["b", "a", "c"]
    assert seconds == 10
    assert lines[-2:] == [
        "Step ID: one marked as successful (elapsed time in seconds: 10.000000)",
        "Step ID: two marked as successful (elapsed time in seconds: 7.000000)",
    ]


@pytest.mark.parametrize(
    ("build", "error"),
    [
        ("-t a {fill} .", "fork/exec /bin/sh: argument list too long"),
        ("-t {fill} .", "failed to scan dependencies: fork/exec /usr/local/bin/docker: argument list too long"),
    ],
    ids=["the shell's line", "a word for docker"],
)
def test_an_argument_that_linux_does_not_take_starts_nothing(build: str, error: str) -> None:
    docker = PlayedDocker({})
    is_word = build.startswith("-t {")
    fill = "x" * 2**17 if is_word else "--pull " * (2**17 // 7)
    program = program_of(f"steps:\n  - build: {build.format(fill=fill)}\n", docker)
    with pytest.raises(AcbError) as caught:
        list(program.run())
    assert str(caught.value) == f"failed to run step ID: acb_step_0: {error}"
    assert not [call for call in docker.calls if "docker build" in call]
