"""What the images of a build are called in a task, where nobody puts the registry before their names.

The agent does so for a plain build once it has rendered the names: unless they begin, as text, with the registry's own
name or with `library/` (util/prefixes.go in its source). Of a task it renders the whole text, which names each image
twice: to build, and to push.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ....references import TEMPLATE
from ..step_dockerfiles import DIRECTIVE, PIPELINE

__all__ = ["TaskImage", "named_for_task"]

_REGISTRY: Final = "{{.Run.Registry}}"
_HUB: Final = "library/"
_OF_REGISTRY: Final = re.compile(r"\{\{ *\.Run\.(Registry|RegistryName) *\}\}")
# A member of what a template sees is the same each time; a function may give another uuid, or another second.
_MEMBER: Final = re.compile(r"(?:\.[A-Za-z]\w*)+")


@dataclass(frozen=True)
class TaskImage:
    """An image's name as a template, and the `definition` that must stand somewhere before it, "" if it needs none."""

    name: str
    definition: str = ""


def named_for_task(name: str, login_server: str, number: int = 0) -> TaskImage:
    """The image that was called `name` when it was typed, the `number`th, of the registry `login_server`.

    >>> named_for_task("app:v1", "team.azurecr.io").name
    '{{.Run.Registry}}/app:v1'
    >>> named_for_task("team.azurecr.io/app", "team.azurecr.io").name
    'team.azurecr.io/app'
    """
    pipelines = [PIPELINE.sub(r"\1", action) for action in TEMPLATE.findall(name)]
    if all(map(_MEMBER.fullmatch, pipelines)) or any(map(DIRECTIVE.match, pipelines)):
        return TaskImage(name if _is_whole(name, login_server) else f"{_REGISTRY}/{name}")
    variable = f"$image{number}"
    is_whole = f'or (hasPrefix .Run.Registry {variable}) (hasPrefix "{_HUB}" {variable})'
    prefix = f"{{{{if not ({is_whole})}}}}{_REGISTRY}/{{{{end}}}}"
    return TaskImage(f"{prefix}{{{{{variable}}}}}", f"{{{{{variable} := {_printed(name)}}}}}")


def _is_whole(name: str, login_server: str) -> bool:
    known = {"Registry": login_server, "RegistryName": login_server.partition(".")[0]}
    filled_in = _OF_REGISTRY.sub(lambda template: known[template[1]] or template[0], name)
    return filled_in.startswith((login_server or _REGISTRY, _HUB))


def _printed(name: str) -> str:
    """A name as an expression of Go's templates; what has no value prints as nothing."""
    printed, end = [], 0
    for action in TEMPLATE.finditer(name):
        pipeline = PIPELINE.sub(r"\1", action[0])
        value = f'default "" {pipeline}' if _MEMBER.fullmatch(pipeline) else pipeline
        printed += [f'"{name[end : action.start()]}"', f"({value})"]
        end = action.end()
    printed.append(f'"{name[end:]}"')
    return f'printf "{"%v" * len(printed)}" {" ".join(printed)}'
