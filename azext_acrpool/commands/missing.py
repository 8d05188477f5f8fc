"""What is said of something that is not there: which part of its path is missing, and what the user did not type."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..client.errors import AcrError, NotFoundError, RegistryNotFoundError
from ..client.registries import locate_registry, missing_above
from ..wording import az_command, quoted
from .console.errors import CommandError, ExitCode, explain, recommend_for_registry
from .given import is_filled_in
from .session import Session

__all__ = ["missing_explained"]


@contextmanager
def missing_explained(session: Session, options: Any) -> Iterator[None]:
    """Make what ends the command inside because something is not there say what, and what to type.

    `options` are the command's; of interest are those that name its registry, if it has them.
    """
    try:
        yield
    except NotFoundError as error:
        raise _Place(session, options).explain(error) from error
    except CommandError as ending:
        if ending.exit_code is ExitCode.NOT_FOUND:
            ending.error.recommendations.extend(_Place(session, options).defaults)
        raise


class _Place:
    """Where a command looked: in which registry, of which resource group."""

    def __init__(self, session: Session, options: Any) -> None:
        self._session = session
        self._registry: str = getattr(options, "registry_name", None) or ""
        self._group: str = getattr(options, "resource_group_name", None) or ""

    @property
    def defaults(self) -> list[str]:
        """What to type instead of what az filled in."""
        if not is_filled_in(self._registry):
            return []
        change = az_command("config set", "defaults.acr=REGISTRY")
        origin = f"Registry '{self._registry}' comes from az's defaults."
        return [f"{origin} Name another with -r, or set the default with: {change}"]

    def explain(self, error: NotFoundError) -> CommandError:
        """How the command ends that this error ends."""
        missing = error.missing if isinstance(error, RegistryNotFoundError) else missing_above(error)
        if not missing or not self._registry:
            ending = explain(error)
            ending.error.recommendations.extend(self.defaults)
            return ending
        found = RegistryNotFoundError(
            self._registry,
            self._session.arm.subscription_id,
            self._group or None,
            missing=missing,
            correlation_id=error.correlation_id,
        )
        found.message = found.describe(_with_origin(self._registry), _with_origin(self._group))
        return explain(found, self._recommend(found))

    def _recommend(self, error: RegistryNotFoundError) -> list[str]:
        group = "" if error.missing == "subscription" else self._find_group()
        if not group:
            return [*recommend_for_registry(error), *self.defaults]
        there = f"Registry '{self._registry}' is in resource group '{group}'."
        again = f"{there} Type the command again with: -g {quoted(group)}"
        default = f"Or set the default with: {az_command('config set', f'defaults.group={group}')}"
        return [again, *([default] if is_filled_in(self._group) else [])]

    def _find_group(self) -> str:
        """The resource group that the registry is in, if it was looked for in another and can be found now."""
        if not self._group:
            return ""
        try:
            return locate_registry(self._session.arm, self._registry).resource_group
        except AcrError:
            return ""


def _with_origin(name: str) -> str:
    return f"'{name}' (from az's defaults)" if is_filled_in(name) else f"'{name}'"
