"""Getting the facts that the pre-flight checks look at, and acting on what they find."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from azure.cli.core import azclierror
from knack.log import get_logger

from ...client.arm import ArmClient
from ...client.errors import AcrError, NotFoundError
from ...client.pools import AgentPools
from ...client.providers import read_regions
from ...client.registries import RegistryId
from ...health.findings import Finding, Severity
from ...health.pool.wanted import USAGE_CODES
from ...health.reading.network import NO_NETWORK, NetworkFacts, read_network
from ..console.errors import ExitCode, fail

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import AgentPool

__all__ = ["CreateSurroundings", "act_on", "read_create_facts", "read_pools"]

logger = get_logger(__name__)
T = TypeVar("T")


def read_pools(arm: ArmClient, registry: RegistryId) -> list[AgentPool] | None:
    """The registry's pools, None (and a warning) if they cannot be read."""
    return _if_readable("the registry's agent pools", lambda: AgentPools(arm).list(registry))


@dataclass(frozen=True)
class CreateSurroundings:
    """The regions that offer agent pools, the registry's pools (None: could not be read) and the wanted subnet."""

    regions: dict[str, str] | None
    pools: list[AgentPool] | None
    network: NetworkFacts = NO_NETWORK


def read_create_facts(arm: ArmClient, registry: RegistryId, subnet_id: str | None) -> CreateSurroundings:
    """All asked for side by side, in one round."""
    with ThreadPoolExecutor(max_workers=8) as executor:
        regions = executor.submit(
            _if_readable,
            "which regions offer agent pools",
            lambda: read_regions(arm, "Microsoft.ContainerRegistry", "registries/agentPools"),
        )
        pools = executor.submit(read_pools, arm, registry)
        network = read_network(arm, subnet_id, executor, one_round=True) if subnet_id else NO_NETWORK
        return CreateSurroundings(regions.result(), pools.result(), network)


def _if_readable(what: str, read: Callable[[], T]) -> T | None:
    try:
        return read()
    except NotFoundError:
        raise
    except AcrError as error:
        # Whoever may create a pool need not be allowed to read everything that a check would like to know.
        logger.warning("Could not read %s, so what depends on it is not checked: %s", what, error.message)
        return None


def act_on(findings: Sequence[Finding]) -> None:
    """Print the warnings and what could not be checked; end the process if there are errors."""
    for finding in findings:
        if finding.severity is Severity.WARNING:
            logger.warning("%s %s", finding.message, finding.recommendation)
            for command in finding.fix:
                logger.warning("    %s", command)
        elif finding.severity is Severity.NOT_CHECKED:
            logger.warning("%s: %s", finding.check, finding.message)
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if not errors:
        return
    message = "\n".join(finding.message for finding in errors)
    recommendations = [text for finding in errors for text in (finding.recommendation, *finding.fix) if text]
    if all(finding.code in USAGE_CODES for finding in errors):
        fail(azclierror.InvalidArgumentValueError(message, recommendations), ExitCode.USAGE)
    fail(azclierror.ValidationError(message, recommendations), ExitCode.FAILED)
