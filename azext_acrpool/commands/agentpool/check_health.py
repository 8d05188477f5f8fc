"""`az acr agentpool check-health`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...client.errors import RegistryNotFoundError
from ...client.registries import RegistryId
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
    build_args = {str(argument["name"]): str(argument["value"]) for argument in options.arg or ()}
    dockerfile = _read_dockerfile(options.docker_file_path, build_args)
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


def _read_dockerfile(path: str | None, build_args: Mapping[str, str]) -> Dockerfile | None:
    if path is None:
        return None
    shown, advice = printable(path), "Give the path of one with --file."
    try:
        return Dockerfile(path, read_file(path).decode("utf-8-sig"), build_args)
    except OSError as error:
        raise UsageError(f"The Dockerfile '{shown}' cannot be read: {error.strerror}.", advice) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"The Dockerfile '{shown}' is not UTF-8 text.", advice) from error
