"""The agent pool that a run is sent to: how to ask about it, and whether it has a chance to pick the run up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from azure.cli.core import azclierror

from ...client.active_runs import list_active_runs
from ...client.errors import AcrError, ForbiddenError, PoolNotFoundError, TransientError
from ...client.operations.operation import OperationKind
from ...client.pools import AgentPools, read_pool
from ...pool import Pool, agentpool_command
from ...scaling.errors import PolicyError
from ...scaling.policy import Policy
from ...scaling.tags import has_policy
from ...wording import listed
from ..console.errors import CommandError, ExitCode
from ..console.narrator import Narrator

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import AgentPool

    from ...client.active_runs import ActiveRun
    from ...client.arm import ArmClient
    from ...client.operations.operation import Operation
    from ...client.pools import AgentPoolChanges
    from ...client.registries import RegistryId
    from ...clock import Clock, Deadline

__all__ = ["PoolCheck", "RunPool"]


class RunPool:
    """The pool called `name`, at the service. All methods raise AcrErrors."""

    def __init__(self, arm: ArmClient, registry: RegistryId, name: str) -> None:
        self.arm = arm
        self.registry = registry
        self.name = name
        self._pools = AgentPools(arm)

    def until(self, deadline: Deadline) -> RunPool:
        """The same for somebody who waits no longer than that for any request: then OperationTimeoutError is raised."""
        return RunPool(self.arm.until(deadline), self.registry, self.name)

    def read(self) -> Pool:
        """The pool as it is now."""
        return read_pool(self._pools.get(self.registry, self.name), self.registry.name)

    def queued(self) -> int:
        """How many runs wait for it."""
        return self._pools.queue_count(self.registry, self.name).count or 0

    def active_runs(self) -> list[ActiveRun]:
        """The runs that wait for it or run on it, the oldest first."""
        return list_active_runs(self.arm, self.registry, self.name)

    def update(self, changes: AgentPoolChanges) -> Operation[AgentPool]:
        """Begin to change it."""
        return self._pools.update(self.registry, self.name, changes)

    def follow(self) -> Operation[AgentPool]:
        """The change that is under way, whoever began it."""
        return self._pools.follow(OperationKind.UPDATE, self.registry, self.name)

    def siblings(self) -> list[str]:
        """The names of all pools of the registry."""
        return sorted(str(pool.name) for pool in self._pools.list(self.registry))

    def az_command(self, verb: str, *arguments: str) -> str:
        """The command `az acr agentpool VERB` about it."""
        return agentpool_command(self.registry.name, self.name, verb, *arguments)


@dataclass(frozen=True)
class PoolCheck:
    """Whether `pool` takes a run, told before anything is sent.

    `will_wait`: somebody waits for the run; otherwise what speaks against it is only said. `scales_up`: the pool will
    be given instances before the run is queued. A pool with an autoscale policy is given some once it is.
    """

    pool: RunPool
    narrator: Narrator
    clock: Clock
    will_wait: bool
    scales_up: bool = False

    def require(self, read: Callable[[], Pool]) -> Pool | None:
        """What `read` says of the pool; None if it cannot be read. Raises CommandError if it cannot take the run.

        Not being allowed to read agent pools, or ARM failing, is no reason to refuse a run that the service may accept.
        """
        try:
            pool = read()
        except PoolNotFoundError:
            raise self._missing() from None
        except (ForbiddenError, TransientError) as error:
            self.narrator.say(f"Agent pool {self.pool.name} could not be checked: {error}")
            return None
        problem, remedy = self._problem(pool)
        if problem and self.will_wait:
            raise CommandError(azclierror.ValidationError(problem, remedy))
        if problem:
            self.narrator.say(f"{problem} {remedy}")
        elif not self.scales_up:
            self._say_state(pool)
        return pool

    def _problem(self, pool: Pool) -> tuple[str, str]:
        """Why no agent will take a run, and what to type; two empty strings when one may."""
        if pool.is_failed:
            return (
                f"Agent pool '{pool.name}' is in state Failed and takes no runs.",
                f"Delete it with `{pool.az_command('delete')}` and create it again, or use another pool.",
            )
        if pool.is_being_deleted:
            return f"Agent pool '{pool.name}' is being deleted.", "Use another pool."
        if pool.takes_runs or self.scales_up:
            return "", ""
        return self._emptiness(pool)

    def _emptiness(self, pool: Pool) -> tuple[str, str]:
        """Why nothing gives an empty pool instances, and what to type; two empty strings if its policy does."""
        why, remedy = "", f"Scale it up with: {pool.az_command('update', '--count', '1')}"
        try:
            policy = Policy.of(pool)
        except PolicyError as error:
            why, remedy = ", and its autoscale policy cannot be read", f"{error} {remedy}"
        else:
            if policy is not None and policy.bounds_at(self.clock.now()).maximum:
                return "", ""
            why = ", and its autoscale policy allows none at this hour" if policy else ""
        return f"Agent pool '{pool.name}' has no instances{why}: the run would stay queued.", remedy

    def _say_state(self, pool: Pool) -> None:
        if pool.is_changing:
            self.narrator.say(
                f"Agent pool {pool.name} is in state {pool.state}; the run may have to wait until that is done."
            )
        if pool.doubt:
            again = f"Repeat the change with: {pool.az_command('update', '--count', str(pool.count))}"
            if has_policy(pool):
                again = "Its autoscale policy repeats the change where that is needed."
            self.narrator.say(f"Agent pool {pool.name} is in state {pool.state}: {pool.doubt}. {again}")

    def _missing(self) -> CommandError:
        name, registry = self.pool.name, self.pool.registry.name
        try:
            others = self.pool.siblings()
        except AcrError:
            others = []
        known = f"It has: {listed(others)}." if others else "It has none."
        return CommandError(
            azclierror.ResourceNotFoundError(
                f"There is no agent pool '{name}' in registry '{registry}'. {known}",
                f"Create it with: {self.pool.az_command('create', '--tier', 'S2')}",
            ),
            ExitCode.NOT_FOUND,
        )
