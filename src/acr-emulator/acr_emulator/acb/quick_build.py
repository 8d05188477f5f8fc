"""`acb build`: a build without a task file, up to where it runs (cmd/acb/commands/build, builder/task_creator.go)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .build_line import parse_build_line, with_prefixed_tags
from .credentials import RegistryCredential, check_vaults, parse_credential
from .errors import AcbError
from .task import Step, Task, TaskOptions, complete_task

__all__ = ["PlannedBuild", "QuickBuild", "plan_build"]

BUILD_SECONDS = 8 * 60 * 60
PUSH_SECONDS = 60 * 60
ISOLATIONS = ("", "hyperv", "process", "default")


@dataclass(frozen=True)
class QuickBuild:
    """What acb is told of a build. `credentials` are objects of JSON; an empty text is what is not given."""

    context: str
    dockerfile: str = "Dockerfile"
    tags: tuple[str, ...] = ()
    build_arguments: tuple[str, ...] = ()
    secret_build_arguments: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    target: str = ""
    platform: str = ""
    isolation: str = ""
    pulls: bool = False
    ignores_cache: bool = False
    pushes: bool = False
    registry: str = ""
    credentials: tuple[str, ...] = ()
    working_directory: str = ""

    def check(self) -> None:
        """Refuse what acb refuses before it logs anything. Raises AcbError."""
        if not self.context:
            raise AcbError("build requires exactly 1 argument, see build --help")
        if self.isolation not in ISOLATIONS:
            raise AcbError(f"invalid isolation: {self.isolation}")
        if self.pushes and not self.credentials:
            raise AcbError("when specifying push, at least one credential is required")

    def line(self) -> str:
        """The arguments for `docker build`: joined by blanks, quoted by nobody, still a template."""
        words = [f"--isolation={self.isolation}"] if self.isolation else []
        words += ["--pull"] * self.pulls
        words += [f"--label {label}" for label in self.labels]
        words += ["--no-cache"] * self.ignores_cache
        words += [f"-f {self.dockerfile}"] if self.dockerfile else []
        words += [f"-t {tag}" for tag in self.tags]
        words += [f"--build-arg {argument}" for argument in (*self.build_arguments, *self.secret_build_arguments)]
        words += [f"--target {self.target}"] if self.target else []
        words += [f"--platform {self.platform}"] if self.platform else []
        return " ".join([*words, self.context])


@dataclass(frozen=True)
class PlannedBuild:
    """A build ready to run: its task, its line after rendering, and the credentials by registry, the last of each."""

    task: Task
    rendered: str
    credentials: tuple[RegistryCredential, ...]


def plan_build(build: QuickBuild, render: Callable[[str], str]) -> PlannedBuild:
    """The task of a build. `render` fills in its line. Raises AcbError with the text that `acb build` ends with."""
    build.check()
    rendered = render(build.line())
    credentials = [parse_credential(text) for text in build.credentials]
    line = with_prefixed_tags(rendered, build.registry, [credential.registry for credential in credentials])
    steps = [Step(id="build", build=line, timeout=BUILD_SECONDS)]
    if build.pushes:
        tags = parse_build_line(line).tags
        steps.append(Step(id="push", push=tags, timeout=PUSH_SECONDS, when=("build",)))
    options = TaskOptions(registry=build.registry, working_directory=build.working_directory)
    task = complete_task(Task(steps=tuple(steps), is_quick_build=True), options)
    check_vaults(credentials)
    by_registry = {credential.registry: credential for credential in credentials}
    return PlannedBuild(task, rendered, tuple(by_registry.values()))
