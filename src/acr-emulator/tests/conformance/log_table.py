"""The table of whole runs: what the log holds, line by line, with a docker that pretends."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from acr_emulator.acb.aliases import uses_aliases
from acr_emulator.acb.credentials import parse_credential
from acr_emulator.acb.docker import Finished, Printed
from acr_emulator.acb.errors import AcbError, AcbPanicError
from acr_emulator.acb.exec import ALIAS_NOTICE, load_task
from acr_emulator.acb.program.events import Line
from acr_emulator.acb.program.program import Program
from acr_emulator.acb.program.scanning import DockerfileScanner
from acr_emulator.acb.program.setup import Credential
from acr_emulator.acb.program.summary import dependencies_as_json
from acr_emulator.acb.quick_build import plan_build
from acr_emulator.acb.references import ScannedImage
from acr_emulator.acb.rendering import without_remarks
from acr_emulator.acb.run_line import WORKSPACE
from acr_emulator.acb.task import TaskOptions, order_of
from build_arguments import parse_build_arguments
from render_table import renderer_of
from tables import Case, Table

__all__ = ["LOG"]

PRINTED = {
    "acb scan": "",
    "docker login": "",
    "docker push": "(docker push prints) {}",
    "docker build": "(docker build prints)",
    "buildx build": "(docker build prints)",
    "buildx create": "(buildx create prints)",
    "docker pull": "(container  prints)",
}
"""What the docker that pretends prints for a command; {} is its last word."""

GENERATED = re.compile(r"(?<=_)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
VOLATILE = re.compile(r"(?<=sha256:)[0-9a-f]{64}|(?<=seconds: )[0-9.]+")
HOME_VOLUME = "vol"
TASK_FILE = "/acb.yaml"
RENDER_OPTIONS = {
    "-r": "registry",
    "--id": "id",
    "--name": "name",
    "--commit": "commit",
    "--branch": "branch",
    "--repository": "repository",
    "--git-tag": "git_tag",
    "--triggered-by": "triggered_by",
}
"""What templates see of them, by the names of the table of templates."""
OPTIONS = (*RENDER_OPTIONS, "--credential", "--set", "--env", "--network", "--working-directory")
"""Of both commands, or of `acb exec`."""


class PretendedDocker:
    """A docker that ends with the exit codes it is told, by command or by step; a list is for successive tries."""

    def __init__(self, codes: Mapping[str, Any]) -> None:
        self.calls: list[list[str]] = []
        self._codes = codes
        self._tries: Counter[str] = Counter()

    def run(self, arguments: Sequence[str], standard_input: str = "") -> Finished:
        self.calls.append([GENERATED.sub("*", word) for word in arguments])
        name = arguments[arguments.index("--name") + 1] if "--name" in arguments else ""
        words = " ".join(arguments)
        if arguments[0] == "network":
            return self._finished([f"network {arguments[1]}"], arguments[-1])
        if name.startswith("acb_init_config_"):
            return self._finished(["config"], "")
        if arguments[0] == "rm":
            return Finished()
        if " docker inspect " in words:
            return self._inspect(arguments[-1])
        for command, prints in PRINTED.items():
            if f" {command} " in f"{words} ":
                return self._finished([command, *command.split()[::-1]], prints.format(arguments[-1]), name)
        return self._finished(["run"], f"(container {name} prints)", name)

    def _inspect(self, reference: str) -> Finished:
        path, slash, last = reference.partition("@")[0].rpartition("/")
        repository = f"{path}{slash}{last.partition(':')[0]}"
        finished = self._finished(["inspect", "docker inspect"], f'"["{repository}@sha256:{"0" * 64}"]"')
        if finished.exit_code or reference in self._codes.get("inspect_missing", ()):
            return Finished(1, (Printed(f"Error: No such object: {reference}"),))
        return finished

    def _finished(self, commands: Sequence[str], text: str, step: str | None = None) -> Finished:
        steps = {f"steps {name}": codes for name, codes in self._codes.get("steps", {}).items()}
        key = next((key for key in (f"steps {step}", *commands) if key in {**steps, **self._codes}), "")
        code = {**self._codes, **steps}.get(key, 0)
        if isinstance(code, list):
            self._tries[key] += 1
            code = code[min(self._tries[key], len(code)) - 1]
        return Finished(code, (Printed(text),) if text else ())


def answer(case: Case) -> Mapping[str, Any]:
    """What the emulator makes of a case, in the form of `expected`."""
    docker = PretendedDocker(case["docker"])
    lines: list[Line] = []
    files: dict[str, str] = {}
    exit_code = 0
    try:
        _run(_program(case, docker, files, lines), lines)
    except AcbError as error:
        exit_code = 2 if isinstance(error, AcbPanicError) else 1
        lines += [Line(text, is_stamped=False) for text in str(error).split("\n")]
    return {
        "exit": exit_code,
        "lines": [
            {"by": "agent" if line.is_stamped else "output", "text": VOLATILE.sub("*", line.text)} for line in lines
        ],
        "calls": _with_sorted_end(docker.calls),
        **({"secret_files": files} if files else {}),
    }


def _run(program: Program, lines: list[Line]) -> None:
    """Run a program to its end, noting what it logs."""
    events = program.run()
    while True:
        try:
            event = next(events)
        except StopIteration as end:
            dependencies = end.value
            break
        if isinstance(event, Line):
            lines.append(event)
    if dependencies:
        lines += [Line("The following dependencies were found:"), Line("")]
        lines.append(Line(dependencies_as_json(dependencies), is_stamped=False))


def _program(case: Case, docker: PretendedDocker, files: dict[str, str], lines: list[Line]) -> Program:
    words, options = _split_options(case["arguments"])
    registry = "".join(options["-r"][-1:])
    credentials = tuple(options["--credential"])
    given = {name: "".join(options[option][-1:]) for option, name in RENDER_OPTIONS.items()}
    known = {credential.registry: credential for credential in map(parse_credential, credentials)}
    render = renderer_of({**case, "options": {**given, "homevol": HOME_VOLUME}, "set": options["--set"]})
    if case["command"] == "build":
        directory = [f"--working-directory={path}" for path in options["--working-directory"]]
        build = parse_build_arguments([*directory, *words], registry, credentials)
        build.check()
        lines.append(Line(f"Using {HOME_VOLUME} as the home volume"))
        task = plan_build(build, render.build).task
    else:
        task_options = TaskOptions(
            registry=registry,
            task_name="".join(options["--name"]),
            working_directory="".join(options["--working-directory"]),
            network="".join(options["--network"]),
            environment=tuple(options["--env"]),
        )
        text = without_remarks(case["task"])
        lines += [Line(ALIAS_NOTICE)] * uses_aliases(text)
        task = load_task(TASK_FILE, text, task_options, render.task, lambda _: None).task
        lines += map(Line, task.notices)
    contents = {f"{WORKSPACE}/{path}": text.encode() for path, text in case["files"].items()}
    return Program(
        task=task,
        order=order_of(task.steps),
        docker=docker,
        scanner=DockerfileScanner(contents.get, _fetch_nothing),
        remote_digest=_no_digest,
        home_volume=HOME_VOLUME,
        credentials=[
            Credential(credential.registry, credential.user, credential.password) for credential in known.values()
        ],
        scanner_credentials=[json.dumps(json.loads(text), separators=(",", ":")) for text in credentials],
        files=files,
    )


def _split_options(arguments: Sequence[str]) -> tuple[list[str], dict[str, list[str]]]:
    """The words that are a build's own, and the values of the options that both commands have."""
    options: dict[str, list[str]] = {name: [] for name in OPTIONS}
    words: list[str] = []
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word in options:
            options[word].append(rest.pop(0))
        else:
            words.append(word)
    return words, options


def _fetch_nothing(folder: str, context: str) -> tuple[str, ...]:
    raise AcbError(f"the table has no network to fetch {context}")


def _no_digest(image: ScannedImage) -> str:
    raise AcbError(f"the table has no network to ask for {image.reference}")


def _with_sorted_end(calls: list[list[str]]) -> list[list[str]]:
    """The calls, with the containers that are removed in the end by name."""
    first = next((index for index, call in enumerate(calls) if call[:2] == ["rm", "-f"]), len(calls))
    last = next((index for index, call in enumerate(calls) if index > first and call[0] != "rm"), len(calls))
    return [*calls[:first], *sorted(calls[first:last]), *calls[last:]]


LOG = Table("log", "build.json", "logs", answer)
