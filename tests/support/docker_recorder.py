"""What the agent calls docker with for a task that is sent to it: the emulator's acb, whose docker takes notes."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from acr_emulator.acb.build_line import BuildLine
from acr_emulator.acb.commands import step_line
from acr_emulator.acb.docker import Finished
from acr_emulator.acb.exec import load_task
from acr_emulator.acb.program.events import Line
from acr_emulator.acb.program.program import Program
from acr_emulator.acb.program.steps import Scan
from acr_emulator.acb.quick_build import QuickBuild, plan_build
from acr_emulator.acb.references import distinct_images
from acr_emulator.acb.rendering import Renderer, without_remarks
from acr_emulator.acb.task import Secret, Step, Task, TaskOptions, order_of
from acr_emulator.acb.variables import RenderOptions, render_data
from acr_emulator.executor.docker.build_command import BUILD, BUILDX
from acr_emulator.executor.docker.container import Container, read_container
from acr_emulator.executor.docker.flags import CommandLine

__all__ = ["RUN_ID", "BuildCall", "Recorded", "build_line", "carried_out", "images_of_plain_build", "task_text"]

RUN_ID = "cf1"
_REGISTRY = "myregistry.azurecr.io"
_DATE = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)


@dataclass(frozen=True)
class BuildCall:
    """A call of `docker build` or `docker buildx build`, in a container with this environment."""

    command: str
    line: CommandLine
    environment: Mapping[str, str]
    directory: str

    @classmethod
    def read(cls, arguments: Sequence[str]) -> BuildCall:
        """The one in a container that docker is called for with these arguments: `run ..`."""
        container = _container(arguments)
        line = (BUILD if container.image == "docker" else BUILDX).parse(container.command[1:])
        return cls(container.image, line, container.environment, container.directory)

    @property
    def build_arguments(self) -> dict[str, str]:
        """The values by name, as docker takes them: without a value in the line, from the environment."""
        return {
            name: value if equals else self.environment[name]
            for name, equals, value in (entry.partition("=") for entry in self.line.values("build-arg"))
        }

    @property
    def secrets(self) -> dict[str, str]:
        """The build secrets by ID."""
        entries = [dict(part.split("=", 1) for part in entry.split(",")) for entry in self.line.values("secret")]
        return {entry["id"]: self.environment[entry["env"]] for entry in entries}

    @property
    def other_variables(self) -> dict[str, str]:
        """What is in the environment besides the values of build arguments and secrets."""
        named = {entry for entry in self.line.values("build-arg") if "=" not in entry}
        named |= {entry.rpartition("env=")[2] for entry in self.line.values("secret")}
        return {name: value for name, value in self.environment.items() if name not in named}


@dataclass
class Recorded:
    """All that happened, in order. `timeouts` are seconds, by the step."""

    builds: list[BuildCall] = field(default_factory=list)
    pushed: list[str] = field(default_factory=list)
    scanned: list[BuildLine] = field(default_factory=list)
    timeouts: dict[str, int] = field(default_factory=dict)

    def run(self, arguments: Sequence[str], standard_input: str = "") -> Finished:
        """What a Docker does."""
        if arguments[0] != "run":
            return Finished()
        container = _container(arguments)
        command = (container.image, *container.command[:1])
        if command in (("docker", "build"), ("buildx", "build")):
            self.builds.append(BuildCall.read(arguments))
        if command == ("docker", "push"):
            self.pushed += container.command[1:]
        return Finished()

    def scan(self, line: BuildLine, _step: Step) -> Scan:
        """What a Scanner does."""
        self.scanned.append(line)
        return Scan(())


def task_text(request: Mapping[str, Any]) -> str:
    """The definition in an EncodedTaskRunRequest."""
    return b64decode(request["encodedTaskContent"]).decode()


def carried_out(text: str, values: Mapping[str, str]) -> Recorded:
    """Carry out a task with values for its template. Raises AcbError for what the agent refuses."""
    task = _loaded(text, values)
    recorded = Recorded()
    program = Program(task, order_of(task.steps), recorded, recorded, lambda _: "", "home")
    for event in program.run():
        step = re.match(
            r"Executing step ID: (\w+)\. Timeout\(sec\): (\d+)", event.text if isinstance(event, Line) else ""
        )
        if step:
            recorded.timeouts[step[1]] = int(step[2])
    return recorded


def build_line(text: str, values: Mapping[str, str], registry: str = _REGISTRY) -> str:
    """What the agent gives to its shell for a task's first step. Raises AcbError for what the agent refuses."""
    return step_line(_loaded(text, values, registry).steps[0], "home")


def images_of_plain_build(names: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """What the agent calls the images of a plain build: to docker, and when it pushes them."""
    build = QuickBuild(".", tags=tuple(names), registry=_REGISTRY)
    (step,) = plan_build(build, _renderer({}).build).task.steps
    return step.tags, distinct_images(step.tags)


def _container(arguments: Sequence[str]) -> Container:
    return read_container(arguments[1:], ("acb_default_network", "bridge"), ())


def _loaded(text: str, values: Mapping[str, str], registry: str = _REGISTRY) -> Task:
    options = TaskOptions(registry=registry)
    return load_task("acb.yaml", without_remarks(text), options, _renderer(values, registry).task, lambda _: None).task


def _renderer(values: Mapping[str, str], registry: str = _REGISTRY) -> Renderer:
    options = RenderOptions(run_id=RUN_ID, date=_DATE, registry=registry)
    return Renderer(render_data(options, None, [f"{name}={value}" for name, value in values.items()]), _DATE, _no_vault)


def _no_vault(secret: Secret) -> str:
    raise AssertionError(f"the task asks a key vault for {secret.id}")
