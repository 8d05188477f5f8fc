"""Whether a run sent to an agent pool has a chance to be picked up, told before anything is sent."""

from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from azure.cli.core import azclierror

from ...client.errors import AcrError, ForbiddenError, PoolNotFoundError, TransientError
from ...client.pools import AgentPools
from ...client.registries import RegistryId
from ..console.errors import ExitCode, fail
from ..console.narrator import Narrator
from .options import FollowOptions

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import AgentPool

__all__ = ["PoolCheck", "PoolForRun", "RunPool", "find_pool_for_run", "require_usable_pool"]


@dataclass(frozen=True)
class PoolForRun:
    """An agent pool as far as a run cares.

    ``pool`` is None when the pool does not exist (then ``others`` names the registry's pools) or could not be read
    (then ``unreadable`` says why).
    """

    name: str
    pool: "AgentPool | None" = None
    others: tuple[str, ...] = ()
    unreadable: str = ""

    def __str__(self) -> str:
        """For messages: name and number of instances."""
        if self.pool is None:
            return f"agent pool {self.name}"
        count = self.pool.count or 0
        return f"agent pool {self.name} ({count} {'instance' if count == 1 else 'instances'})"


def find_pool_for_run(pools: AgentPools, registry: RegistryId, name: str) -> PoolForRun:
    """Read what ``require_usable_pool`` needs.

    Not being allowed to read agent pools, or ARM failing, is no reason to refuse a run that the service may accept.
    """
    try:
        return PoolForRun(name, pools.get(registry, name))
    except PoolNotFoundError:
        return PoolForRun(name, others=_names(pools, registry))
    except (ForbiddenError, TransientError) as error:
        return PoolForRun(name, unreadable=str(error))


@dataclass(frozen=True)
class RunPool:
    """The agent pool that a run is sent to, and how to ask about it."""

    pools: AgentPools
    registry: RegistryId
    name: str


def require_usable_pool(
    found: PoolForRun, registry: RegistryId, narrator: Narrator, *, will_wait: bool, scales_up: bool = False
) -> None:
    """End the process if the pool cannot take a run; say so only, when nobody waits for the run (``will_wait``).

    ``scales_up``: the pool will be given instances before the run is queued.
    """
    if found.unreadable:
        narrator.say(f"Agent pool {found.name} could not be checked: {found.unreadable}")
        return
    if found.pool is None:
        _fail_missing(found, registry)
    state = str(getattr(found.pool.provisioning_state, "value", found.pool.provisioning_state) or "")
    problem, remedy = _problem(found.pool, found.name, state, registry)
    if scales_up and state not in ("Failed", "Deleting"):
        return
    if problem and will_wait:
        fail(azclierror.ValidationError(problem, remedy), ExitCode.FAILED)
    if problem:
        narrator.say(f"{problem} {remedy}")
    elif state in ("Creating", "Updating"):
        narrator.say(f"Agent pool {found.name} is in state {state}; the run may have to wait until that is done.")


@dataclass(frozen=True)
class PoolCheck:
    """The check of the agent pool that a run is sent to; ``name`` is empty or None when none is asked for.

    ``will_wait`` and ``scales_up`` as for ``require_usable_pool``.
    """

    pools: AgentPools
    registry: RegistryId
    name: str | None
    narrator: Narrator
    will_wait: bool
    scales_up: bool = False

    @classmethod
    def for_run(
        cls, pools: AgentPools, registry: RegistryId, name: str | None, narrator: Narrator, options: FollowOptions
    ) -> "PoolCheck":
        """The check for a run that is followed as ``options`` say."""
        return cls(pools, registry, name, narrator, not options.no_wait, options.ensure_capacity is not None)

    @property
    def target(self) -> RunPool | None:
        """The pool, for whoever queues and follows the run; None for shared agents."""
        return RunPool(self.pools, self.registry, self.name) if self.name else None

    def find(self) -> PoolForRun | None:
        """Read the pool. Says and ends nothing: it may run beside other work."""
        return find_pool_for_run(self.pools, self.registry, self.name) if self.name else None

    def require(self, found: "Future[PoolForRun | None]") -> PoolForRun | None:
        """Wait for what ``find`` found and end the process if the pool cannot take the run."""
        pool = found.result()
        if pool is not None:
            require_usable_pool(pool, self.registry, self.narrator, will_wait=self.will_wait, scales_up=self.scales_up)
        return pool


def _problem(pool: "AgentPool", name: str, state: str, registry: RegistryId) -> tuple[str, str]:
    """Why no agent will take a run, and what to type; two empty strings when one may."""
    where = f"--registry {registry.name} --name {name}"
    if state == "Failed":
        return (
            f"Agent pool '{name}' is in state Failed and takes no runs.",
            f"Delete it with `az acr agentpool delete {where}` and create it again, or use another pool.",
        )
    if state == "Deleting":
        return f"Agent pool '{name}' is being deleted.", "Use another pool."
    if pool.count == 0:
        return (
            f"Agent pool '{name}' has no instances: the run would stay queued.",
            f"Scale it up with: az acr agentpool update {where} --count 1",
        )
    return "", ""


def _fail_missing(found: PoolForRun, registry: RegistryId) -> NoReturn:
    known = f"It has: {', '.join(found.others)}." if found.others else "It has none."
    create = f"az acr agentpool create --registry {registry.name} --name {found.name} --tier S2"
    fail(
        azclierror.ResourceNotFoundError(
            f"There is no agent pool '{found.name}' in registry '{registry.name}'. {known}", f"Create it with: {create}"
        ),
        ExitCode.NOT_FOUND,
    )


def _names(pools: AgentPools, registry: RegistryId) -> tuple[str, ...]:
    try:
        return tuple(sorted(str(pool.name) for pool in pools.list(registry)))
    except AcrError:
        return ()
