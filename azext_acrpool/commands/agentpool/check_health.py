"""`az acr agentpool check-health`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...client.errors import RegistryNotFoundError
from ...client.registries import RegistryId
from ...dockerfile.model import AskedBuild
from ...files import read_file
from ...health.checks import check_health as run_checks
from ...health.facts import Dockerfile, Missing
from ...health.preflight import check_count, check_tier
from ...health.reading.facts import HealthSubject, fetch_facts
from ...pool import Pool
from ...wording import printable
from ..command import command
from ..console.errors import UsageError
from ..console.narrator import Narrator
from ..console.result import Result
from ..session import RegistryOptions, Session
from .findings import act_on, report
from .options import SubnetOptions

__all__ = ["check_health"]


@dataclass(frozen=True, kw_only=True)
class CheckHealthOptions(RegistryOptions, SubnetOptions):
    """The command line: an existing pool's name, or what a new pool shall be."""

    agent_pool_name: str | None = None
    tier: str | None = None
    count: int | None = None
    docker_file_path: str | None = None
    arg: Sequence[Mapping[str, Any]] | None = None
    target: str | None = None
    buildkit: bool = False

    @property
    def about_a_new_pool(self) -> dict[str, Any]:
        """The options that only a new pool has, as typed."""
        options = {
            "--tier": self.tier,
            "--count": self.count,
            "--subnet-id": self.subnet_id,
            "--vnet-name": self.vnet_name,
            "--subnet": self.subnet,
        }
        return {name: value for name, value in options.items() if value is not None}


@command(CheckHealthOptions)
def check_health(session: Session, options: CheckHealthOptions) -> Result:
    """What is wrong with a pool, or would be with a new one, and what mends it."""
    _check_usage(options, session.narrator)
    dockerfile = _read_dockerfile(options)
    registry = session.locate_registry(options)
    subject = HealthSubject(
        registry,
        pool_name=options.agent_pool_name or "",
        wanted=None if options.agent_pool_name else _wanted_pool(options, registry),
        dockerfile=dockerfile,
        caller=session.user.name(),
        firewall_commands=session.settings.has_extension("azure-firewall"),
    )
    facts = fetch_facts(session.arm, subject, session.clock)
    if isinstance(facts.registry, Missing):
        raise RegistryNotFoundError(registry.name, registry.subscription_id, registry.resource_group)
    return report(
        run_checks(facts),
        registry=registry.name,
        pool=options.agent_pool_name or "",
        verbose=session.settings.is_verbose,
    )


def _check_usage(options: CheckHealthOptions, narrator: Narrator) -> None:
    about_a_build = {"--target": options.target, "--buildkit": options.buildkit}
    given = [option for option, value in about_a_build.items() if value]
    if options.docker_file_path is None and given:
        raise UsageError(f"{' and '.join(given)} without --file: it says which Dockerfile is built so.")
    new = options.about_a_new_pool
    if options.agent_pool_name and new:
        raise UsageError(
            f"--name asks about a pool that exists, {' and '.join(new)} about one that does not exist yet.",
            "Give --name alone, or leave it out to ask whether a new pool would work.",
        )
    count = 1 if options.count is None else options.count
    act_on([check_tier(options.tier or "S1"), check_count(count)], narrator)


def _wanted_pool(options: CheckHealthOptions, registry: RegistryId) -> Pool:
    count = 1 if options.count is None else options.count
    tier = (options.tier or "S1").upper()
    return Pool("", registry.name, tier, count, subnet_id=options.find_subnet_id(registry))


def _read_dockerfile(options: CheckHealthOptions) -> Dockerfile | None:
    path = options.docker_file_path
    if path is None:
        return None
    build = AskedBuild(
        arguments={str(argument["name"]): str(argument["value"]) for argument in options.arg or ()},
        target=options.target or "",
        buildkit=options.buildkit,
        secrets=None,
    )
    try:
        return Dockerfile(path, read_file(path), build)
    except OSError as error:
        raise UsageError(
            f"The Dockerfile '{printable(path)}' cannot be read: {error.strerror}.", "Give the path of one with --file."
        ) from error
