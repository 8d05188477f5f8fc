"""YAML read strictly: no key twice, no dates, nothing that JSON cannot say, and the line of what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

import yaml

__all__ = ["read_yaml"]

LARGEST_FILE = 4 * 1024 * 1024
MOST_MERGED = 10_000
"""Keys of one mapping with those that `<<` brings: each level of merges may multiply them."""

TIMESTAMP = "tag:yaml.org,2002:timestamp"


class _Loader(yaml.SafeLoader):
    """A time stays the text that it is: ARM's bodies hold texts."""

    yaml_implicit_resolvers = {  # noqa: RUF012 (PyYAML's own name and form)
        first: [(tag, pattern) for tag, pattern in resolvers if tag != TIMESTAMP]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        super().flatten_mapping(node)
        if len(node.value) > MOST_MERGED:
            raise yaml.constructor.ConstructorError(
                problem=f"more than {MOST_MERGED} keys in one mapping, with those merged by '<<'",
                problem_mark=node.start_mark,
            )

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                if key.value in keys:
                    raise yaml.constructor.ConstructorError(
                        problem=f"the key '{key.value}' is there twice", problem_mark=key.start_mark
                    )
                keys.add(key.value)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path, make_error: Callable[[str], Exception]) -> Any:
    """The document in the file, None for an empty one.

    What cannot be read raises what `make_error` makes of a message that names the line, not the file.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise make_error(str(error.strerror)) from error
    if len(content) > LARGEST_FILE:
        raise make_error(f"is larger than {LARGEST_FILE // 1024 // 1024} MiB")
    try:
        return yaml.load(content.decode("utf-8-sig"), _Loader)  # noqa: S506 (a SafeLoader)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"line {line}: not UTF-8 (byte 0x{content[error.start]:02x}). Save the file as UTF-8."
        raise make_error(message) from error
    except yaml.MarkedYAMLError as error:
        raise make_error(f"{_place(error)}not valid YAML: {error.problem or error.context}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise make_error(f"not valid YAML: {str(error).splitlines()[0]}") from error
    except RecursionError as error:
        raise make_error("not valid YAML: nested too deeply") from error


def _place(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    return "" if mark is None else f"line {mark.line + 1}, column {mark.column + 1}: "
