"""What of a tree is sent: Docker's rules, and the paths and names that are decided before these. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from .dockerignore import DockerIgnore

__all__ = ["Selection"]


@dataclass(frozen=True)
class Selection:
    """What of a tree is sent.

    `ignore` are Docker's rules. `always` are paths sent even when a rule excludes them (the Dockerfile, the ignore
    file in use), `never` those not sent whatever the rules say. `left_out_names` are not sent, at any depth, unless
    they are among `always`: see `source.LEFT_OUT_NAMES`. `rules_of_our_own` are the first of `ignore`, which stand in
    for names that exceptions spell.
    """

    ignore: DockerIgnore
    always: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()
    left_out_names: frozenset[str] = frozenset()
    rules_of_our_own: int = 0

    def sends(self, path: str) -> bool:
        """Whether a file at `path`, slash-separated and below the context's root, is sent."""
        if path in self.always or path in self.never:
            return path not in self.never
        return self.left_out_names.isdisjoint(path.split("/")) and not self.ignore.excludes(path)

    def is_left_out(self, path: str) -> bool:
        """Whether no rule of the user excludes `path`, which is excluded, but one of ours."""
        if not self.rules_of_our_own:
            return False
        ours, users = self._ours_and_users
        return ours.excludes(path) and not users.excludes(path)

    @cached_property
    def _ours_and_users(self) -> tuple[DockerIgnore, DockerIgnore]:
        rules = self.ignore.rules
        return DockerIgnore(rules[: self.rules_of_our_own]), DockerIgnore(rules[self.rules_of_our_own :])

    def holds_always(self, folder: str) -> bool:
        """Whether one of `always` lies in `folder`."""
        return any(path.startswith(folder + "/") for path in self.always)
