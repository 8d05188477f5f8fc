"""Queueing a run on behalf of a command."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from azure.cli.core import azclierror

from ...client.errors import RunUnconfirmedError
from ...pool import Pool
from ...wording import az_command
from ..console.errors import CommandError, InterruptedCommandError
from ..session import Session
from .ending import FollowedRun, leave_interrupted
from .options import FollowOptions
from .pool import PoolCheck, RunPool

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import RunRequest

    from ...client.registries import RegistryId
    from ...client.runs import Runs

__all__ = ["Submission"]


@dataclass(frozen=True)
class Submission:
    """A run on its way: to which registry, on which agent pool (None for shared agents), and how it is followed."""

    session: Session
    registry: RegistryId
    pool: RunPool | None
    options: FollowOptions

    @classmethod
    def begin(cls, session: Session, registry: RegistryId, pool_name: str | None, options: FollowOptions) -> Submission:
        """For a run on the pool called `pool_name`, on shared agents if that is None or empty."""
        pool = RunPool(session.arm, registry, pool_name) if pool_name else None
        return cls(session, registry, pool, options)

    @cached_property
    def runs(self) -> Runs:
        """The registry's runs."""
        return self.session.runs(self.registry)

    @property
    def pool_check(self) -> PoolCheck | None:
        """The check of the pool; None for shared agents."""
        if self.pool is None:
            return None
        options = self.options
        return PoolCheck(self.pool, self.session.narrator, not options.no_wait, options.ensure_capacity is not None)

    def queue(self, request: RunRequest, pool: Pool | None) -> FollowedRun:
        """Queue the run, once, and say so; `pool` is what was read of its pool last.

        Raises CommandError when it is not known whether there is a run. An interruption meanwhile is put off until the
        run's ID is known and told, and then does to the run what the options say.
        """
        followed: FollowedRun | None = None
        try:
            with self.session.interrupts.deferred():
                scheduled = self.runs.schedule(request)
                followed = FollowedRun(scheduled.run, self.runs, self.registry.name, scheduled.found_again)
                self._tell(followed, pool)
        except RunUnconfirmedError as error:
            raise CommandError(azclierror.AzureConnectionError(str(error), self._how_to_look)) from error
        except KeyboardInterrupt:
            if followed is None:
                raise InterruptedCommandError(
                    "Interrupted while a run was being queued: it may be queued all the same.", self._how_to_look
                ) from None
            raise leave_interrupted(followed, self.session, self.options.interrupt_action) from None
        return followed

    def _tell(self, followed: FollowedRun, pool: Pool | None) -> None:
        say = self.session.narrator.say
        if followed.found_again:
            say(
                f"The reply to the request that queues the run was lost. Run {followed.run_id} is the only one queued "
                "since then that fits, and is taken for it."
            )
        if self.pool is None:
            say(f"Queued run {followed.run_id}")
        else:
            say(f"Queued run {followed.run_id} on {pool or f'agent pool {self.pool.name}'}")

    @property
    def _how_to_look(self) -> str:
        command = az_command("acr task list-runs", "-r", self.registry.name, "-o", "table")
        return f"See whether there is a run before trying again: {command}"
