"""What the builds of a task would fail for, if the files of its source are those that are here.

A task is made from a checkout of its repository more often than not. Whether it is one is not known, so that nothing of
this is an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ...wording import is_plain, printable
from ..runs.build_lines import SOME_VALUE, UNKNOWN
from ..runs.definition import decoded
from ..runs.dockerfiles import asked_build, doubts
from ..runs.run_files import read_values
from ..runs.step_dockerfiles import StepDockerfiles, step_dockerfiles
from ..runs.step_doubts import dockerfile_here, folder_of_source, step_doubts
from .step_kinds import StepKind, kind_of

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import TaskStepProperties, TaskStepUpdateParameters

__all__ = ["changed_task_doubts", "task_doubts"]

_AS_HERE: Final = " as it is here"
_WITH_BUILDKIT: Final = "Only a task file has BuildKit: a build step with env: [DOCKER_BUILDKIT=1]."


def task_doubts(step: TaskStepProperties | TaskStepUpdateParameters, platform: str, here: Path) -> Iterator[str]:
    """A line for each reason, for a task of this step. `platform` is as docker names it, `here` the current folder."""
    yield from _doubts(kind_of(step), step.as_dict(), platform, here)


def changed_task_doubts(
    step: TaskStepProperties, change: TaskStepUpdateParameters, platform: str, here: Path
) -> Iterator[str]:
    """The same for a task whose step is changed: what is not named stays as it was."""
    changes = {name: value for name, value in change.as_dict().items() if value is not None}
    yield from _doubts(kind_of(change), {**step.as_dict(), **changes}, platform, here)


def _doubts(kind: StepKind | None, step: Mapping[str, Any], platform: str, here: Path) -> Iterator[str]:
    folder = folder_of_source(str(step.get("contextPath") or ""), here)
    if folder is None:
        return
    if kind is StepKind.DOCKER:
        yield from _of_dockerfile(step, platform, folder)
    elif kind is StepKind.FILE:
        steps = _steps(step, *(_text_of(folder, step.get(name)) for name in ("taskFilePath", "valuesFilePath")))
        yield from step_doubts(folder, steps, platform, remark=_AS_HERE)
    elif kind is StepKind.ENCODED:
        steps = _steps(step, *(decoded(step.get(name)) for name in ("encodedTaskContent", "encodedValuesContent")))
        yield from step_doubts(folder, steps, platform, of_remote=not step.get("contextPath"), remark=_AS_HERE)


def _of_dockerfile(step: Mapping[str, Any], platform: str, folder: Path) -> Iterator[str]:
    # It takes a while to import, and few tasks have a Dockerfile here.
    from ...dockerfile.review import review_dockerfile

    found = dockerfile_here(folder, str(step.get("dockerFilePath") or "Dockerfile"))
    target = str(step.get("target") or "")
    if found is None or not is_plain(target):
        return
    path, content = found
    arguments = [_known(argument, SOME_VALUE) for argument in step.get("arguments") or ()]
    build = replace(asked_build(arguments, target=target), platform=platform)
    for doubt in doubts(review_dockerfile(content, build), _WITH_BUILDKIT):
        yield f"The task would fail with '{printable(path)}'{_AS_HERE}: {doubt}"


def _steps(step: Mapping[str, Any], text: str, values_text: str) -> StepDockerfiles:
    given = (_known(value, UNKNOWN) for value in step.get("values") or ())
    return step_dockerfiles(text, {**read_values(values_text), **{value["name"]: value["value"] for value in given}})


def _known(item: Mapping[str, Any], unknown: str) -> dict[str, Any]:
    """An argument or a value of a task; the service does not tell those that are secret."""
    value = item.get("value")
    return {
        "name": str(item["name"]),
        "value": unknown if value is None else str(value),
        "isSecret": bool(item.get("isSecret")),
    }


def _text_of(folder: Path, path: object) -> str:
    found = dockerfile_here(folder, str(path)) if path else None
    return found[1].decode("utf-8", "replace") if found else ""
