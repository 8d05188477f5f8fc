"""The table of quick builds: lines for the shell, contexts."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from acr_emulator.acb.commands import scan_arguments_of, step_line
from acr_emulator.acb.contexts import clone_of, context_warning, folder_of, is_artifact, is_git, is_local, is_url
from acr_emulator.acb.docker import Finished
from acr_emulator.acb.errors import AcbError
from acr_emulator.acb.program.events import Line
from acr_emulator.acb.program.program import Program
from acr_emulator.acb.program.setup import Credential
from acr_emulator.acb.program.steps import Scan
from acr_emulator.acb.quick_build import PlannedBuild, plan_build
from acr_emulator.acb.references import ScannedImage
from acr_emulator.acb.task import Step, order_of
from build_arguments import parse_build_arguments
from fake_docker import docker_calls
from render_table import renderer_of
from tables import Case, Table

__all__ = ["BUILD"]

HOME_VOLUME = "vol"
HIDDEN = "***"
ELAPSED = re.compile(r"(?<=seconds: )[0-9.]+")
CONTEXT_TOPIC = "context"


def answer(case: Case) -> Mapping[str, Any]:
    """What the emulator makes of a case, in the form of `expected`."""
    try:
        build = parse_build_arguments(case["arguments"], case["registry"], case["credentials"])
        planned = plan_build(build, renderer_of(_render_case(case)).build)
    except AcbError as error:
        return {"error": str(error), "exit": 1}
    first, *others = planned.task.steps
    scan = scan_arguments_of(first, "acb_dep_scanner_*", HOME_VOLUME, [HIDDEN] * len(build.credentials))
    line = step_line(first, HOME_VOLUME)
    answers: dict[str, Any] = {
        "rendered": planned.rendered,
        "scan": " ".join(scan),
        "shell": line,
        "push": [image for step in others for image in step.push],
        "lines": _lines(planned, scan[-1]),
        "docker": docker_calls(line, with_errors=True),
    }
    context = scan[-1]
    if warning := context_warning(context):
        answers["warnings"] = [warning]
    if case["topic"] == CONTEXT_TOPIC:
        answers["context"] = _context(context)
    return answers


def _render_case(case: Case) -> Case:
    return {"command": "build", "options": {**case["render_options"], "registry": case["registry"]}}


def _context(context: str) -> dict[str, Any]:
    members: dict[str, Any] = {
        "artifact": is_artifact(context),
        "folder": folder_of(context),
        "git": is_git(context),
        "local": is_local(context),
        "url": is_url(context),
    }
    if is_git(context):
        clone = clone_of(context)
        members["clone"] = {"folder": clone.folder, "ref": clone.reference, "remote": clone.remote}
    return members


class _DryDocker:
    """Docker in a dry run: nothing happens."""

    def run(self, arguments: Sequence[str], standard_input: str = "") -> Finished:
        return Finished()


class _DryScanner:
    """The scanner in a dry run: it finds nothing."""

    def scan(self, line: object, step: Step) -> Scan:
        return Scan(())


def _no_digest(image: ScannedImage) -> str:
    raise AcbError("nothing is asked for in a dry run")


def _lines(planned: PlannedBuild, context: str) -> list[str]:
    """What is logged. In a dry run no shell reads the build's line, so a harmless one takes its place."""
    first, *others = planned.task.steps
    task = replace(planned.task, steps=(replace(first, build=shlex.quote(context)), *others))
    program = Program(
        task=task,
        order=order_of(task.steps),
        docker=_DryDocker(),
        scanner=_DryScanner(),
        remote_digest=_no_digest,
        home_volume=HOME_VOLUME,
        credentials=[
            Credential(credential.registry, credential.user, credential.password)
            for credential in sorted(planned.credentials, key=lambda credential: credential.registry)
        ],
    )
    lines = [event.text for event in program.run() if isinstance(event, Line)]
    start = [f"Using {HOME_VOLUME} as the home volume", "Rendered template:", planned.rendered]
    return [ELAPSED.sub("*", line) for line in [*start, *lines]]


BUILD = Table("build", "build.json", "cases", answer, lambda member: member != "docker_bash")
"""The emulator's `/bin/sh` is dash; where bash would do otherwise is left out."""
