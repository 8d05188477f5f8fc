"""What of a tree is sent: Docker's rules, and the paths and names that are decided before these. No I/O."""

from __future__ import annotations

from dataclasses import dataclass

from .dockerignore import DockerIgnore

__all__ = ["Selection"]


@dataclass(frozen=True)
class Selection:
    """What of a tree is sent.

    `ignore` are Docker's rules. `always` are paths sent even when a rule excludes them (the Dockerfile, the ignore
    file in use), `never` those not sent whatever the rules say. `left_out_names` are not sent, at any depth, unless
    they are among `always`: see `source.LEFT_OUT_NAMES`.
    """

    ignore: DockerIgnore
    always: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()
    left_out_names: frozenset[str] = frozenset()

    def holds_always(self, folder: str) -> bool:
        """Whether one of `always` lies in `folder`."""
        return any(path.startswith(folder + "/") for path in self.always)
