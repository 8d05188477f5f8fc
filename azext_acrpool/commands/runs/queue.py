"""Queueing a run on behalf of a command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from azure.cli.core import azclierror

from ...client.errors import RunUnconfirmedError
from ...client.patience import THROTTLED_BUDGET
from ...pool import Pool
from ...wording import az_command
from ..console.errors import CommandError, InterruptedCommandError
from ..session import Session
from .built_dockerfile import BuiltDockerfile
from .ending import FollowedRun
from .options import FollowOptions
from .pool import PoolCheck, RunPool

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import Run, RunRequest

    from ...client.registries import RegistryId
    from ...client.runs import Runs

__all__ = ["RunOrder", "Submission"]


@dataclass(frozen=True)
class RunOrder:
    """A request that queues one run, and the mark in it that proves a run to be of this request, "" if nothing does."""

    request: RunRequest
    mark: str = ""


@dataclass(frozen=True)
class Submission:
    """A run on its way: to which registry, on which agent pool (None for shared agents), and how it is followed.

    `queued` is what the user is told was queued: a run or a build. `pushes` are images that the run pushes, whether or
    not its request says so. `dockerfiles` are what its steps are built from, by their IDs,
    as far as that is known here.
    """

    session: Session
    registry: RegistryId
    pool: RunPool | None
    options: FollowOptions
    queued: str = "run"
    pushes: tuple[str, ...] = ()
    dockerfiles: Mapping[str, BuiltDockerfile] = field(default_factory=dict)

    @classmethod
    def begin(
        cls,
        session: Session,
        registry: RegistryId,
        pool_name: str | None,
        options: FollowOptions,
        *,
        queued: str = "run",
        pushes: tuple[str, ...] = (),
    ) -> Submission:
        """For a run on the pool called `pool_name`, on shared agents if that is None or empty."""
        pool = RunPool(session.arm, registry, pool_name) if pool_name else None
        return cls(session, registry, pool, options, queued, pushes)

    @cached_property
    def runs(self) -> Runs:
        """The registry's runs."""
        return self.session.runs(self.registry)

    @property
    def pool_check(self) -> PoolCheck | None:
        """The check of the pool; None for shared agents."""
        if self.pool is None:
            return None
        options, session = self.options, self.session
        return PoolCheck(
            self.pool,
            session.narrator,
            session.clock,
            will_wait=not options.no_wait,
            scales_up=options.ensure_capacity is not None,
        )

    def queue(
        self,
        order: RunOrder,
        pool: Pool | None,
        *,
        earlier: tuple[str, ...] = (),
        on_queued: Callable[[FollowedRun], None] = lambda _: None,
    ) -> FollowedRun:
        """Queue the run, once, and say so; `pool` is what was read of its pool last, `earlier` are attempts before it.

        Raises CommandError when it is not known whether there is a run. An interruption while the request is under way
        is put off until the run's ID is known and told, and comes after `on_queued` then.
        """
        followed: FollowedRun | None = None
        asked_at = self.session.clock.monotonic()  # pylint: disable=assignment-from-no-return

        def queued(run: Run) -> None:
            nonlocal followed
            followed = self._followed(run, asked_at, earlier)
            on_queued(followed)
            self._tell(followed, pool)

        try:
            run = self.runs.schedule(
                order.request,
                mark=order.mark,
                pushes=self.pushes,
                others=earlier,
                patience=min(THROTTLED_BUDGET, self.options.queue_timeout or THROTTLED_BUDGET),
                undisturbed=self.session.interrupts.deferred,
                on_queued=queued,
            )
        except RunUnconfirmedError as error:
            raise CommandError(azclierror.AzureConnectionError(str(error), self._how_to_look(error))) from error
        except KeyboardInterrupt:
            if followed is None:
                raise InterruptedCommandError(
                    "Interrupted while a run was being queued: it may be queued all the same.",
                    f"See whether there is a run before trying again: {self._list_command}",
                ) from None
            raise
        return followed or self._followed(run, asked_at, earlier)

    def _followed(self, run: Run, asked_at: float, earlier: tuple[str, ...]) -> FollowedRun:
        name, is_result = self.registry.name, self.options.returns_run
        return FollowedRun(run, self.runs, name, asked_at, is_result=is_result, earlier=earlier)

    def _tell(self, followed: FollowedRun, pool: Pool | None) -> None:
        narrator = self.session.narrator
        # In az's own words: scripts take the run's ID out of them, and some want to find it in one line only.
        narrator.log(f"Queued a {self.queued} with ID: {followed.run_id}")
        if self.pool is not None:
            narrator.say(f"Run {followed.run_id} goes to {pool or f'agent pool {self.pool.name}'}")

    def _how_to_look(self, error: RunUnconfirmedError) -> list[str]:
        def command(verb: str, run_id: str) -> str:
            return az_command(f"acr task {verb}", "-r", self.registry.name, "--run-id", run_id)

        return [
            *(f"See whether {each} is yours with: {command('logs', each)}" for each in error.candidates),
            *(f"If it is, cancel it with: {command('cancel-run', each)}" for each in error.candidates[:1]),
            f"See all runs before trying again: {self._list_command}",
        ]

    @property
    def _list_command(self) -> str:
        return az_command("acr task list-runs", "-r", self.registry.name, "-o", "table")
