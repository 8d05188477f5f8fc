"""Getting the facts that the pre-flight checks look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from ...aside import start_aside
from ...client.errors import AcrError, NotFoundError
from ...client.pools import AgentPools
from ...client.registries import RegistryId
from ...health.facts import Unreadable
from ...health.reading.network import NO_NETWORK, NetworkFacts, read_network
from ..session import Session

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import AgentPool

__all__ = ["CreateSurroundings", "find_pool", "read_create_facts", "read_pools"]

T = TypeVar("T")


@dataclass(frozen=True)
class CreateSurroundings:
    """The regions that offer agent pools, the registry's pools and the wanted subnet."""

    regions: dict[str, str] | Unreadable
    pools: list[AgentPool] | Unreadable
    network: NetworkFacts = NO_NETWORK


def read_create_facts(session: Session, registry: RegistryId, subnet_id: str | None) -> CreateSurroundings:
    """All asked for side by side, in one round."""
    arm = session.arm
    regions = start_aside(lambda: _if_readable(AgentPools(arm).regions))
    pools = start_aside(lambda: read_pools(session, registry))
    network = read_network(arm, subnet_id, one_round=True) if subnet_id else NO_NETWORK
    return CreateSurroundings(regions.result(), pools.result(), network)


def read_pools(session: Session, registry: RegistryId) -> list[AgentPool] | Unreadable:
    """The registry's pools."""
    return _if_readable(lambda: AgentPools(session.arm).list(registry))


def find_pool(session: Session, registry: RegistryId, name: str) -> AgentPool | Unreadable | None:
    """The pool `name`, None if there is none."""
    return _if_readable(lambda: AgentPools(session.arm).find(registry, name))


def _if_readable(read: Callable[[], T]) -> T | Unreadable:
    """Whoever may change a pool need not be allowed to read everything that a check would like to know."""
    try:
        return read()
    except NotFoundError:
        raise
    except AcrError as error:
        return Unreadable(reason=error.message.partition("\n")[0].rstrip("."))
