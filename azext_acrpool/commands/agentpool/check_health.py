"""`az acr agentpool check-health`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...client.errors import RegistryNotFoundError
from ...client.registries import RegistryId, locate_registry
from ...clock import SystemClock
from ...health.checks import check_health as run_checks
from ...health.facts import Dockerfile, Missing
from ...health.pool.wanted import check_count, check_tier
from ...health.reading.facts import HealthSubject, fetch_facts
from ...pool import Pool
from ..console.errors import fail_usage, reports_errors
from ..runs.request import takes_options
from ..session import arm_client
from .facts import act_on
from .findings import report
from .subnets import find_subnet_id

__all__ = ["check_health"]


@dataclass(frozen=True)
class CheckHealthOptions:
    """The command line: an existing pool's name, or what a new pool shall be."""

    registry_name: str
    resource_group_name: str | None = None
    agent_pool_name: str | None = None
    tier: str | None = None
    count: int | None = None
    subnet_id: str | None = None
    vnet_name: str | None = None
    subnet: str | None = None
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


@reports_errors
@takes_options(CheckHealthOptions)
def check_health(cmd: Any, options: CheckHealthOptions) -> list[dict[str, Any]]:
    """What is wrong with a pool, or would be with a new one, and what mends it."""
    _check_usage(options)
    build_args = {str(argument["name"]): str(argument["value"]) for argument in options.arg or ()}
    dockerfile = _read_dockerfile(options.docker_file_path, build_args)
    arm = arm_client(cmd.cli_ctx)
    registry = locate_registry(arm, options.registry_name, options.resource_group_name)
    subject = HealthSubject(
        registry,
        pool_name=options.agent_pool_name or "",
        wanted=None if options.agent_pool_name else _wanted_pool(options, registry),
        dockerfile=dockerfile,
        caller=_caller(cmd.cli_ctx),
    )
    facts = fetch_facts(arm, subject, SystemClock())
    if isinstance(facts.registry, Missing):
        raise RegistryNotFoundError(registry.name, registry.subscription_id, registry.resource_group)
    return report(cmd, run_checks(facts))


def _check_usage(options: CheckHealthOptions) -> None:
    new = options.about_a_new_pool
    if options.agent_pool_name and new:
        fail_usage(
            f"--name asks about a pool that exists, {' and '.join(new)} about one that does not exist yet.",
            "Give --name alone, or leave it out to ask whether a new pool would work.",
        )
    act_on([*check_tier(options.tier or "S1"), *check_count(1 if options.count is None else options.count)])


def _wanted_pool(options: CheckHealthOptions, registry: RegistryId) -> Pool:
    subnet_id = find_subnet_id(registry, options.subnet_id, options.vnet_name, options.subnet)
    count = 1 if options.count is None else options.count
    return Pool("", registry.name, (options.tier or "S1").upper(), count, subnet_id=subnet_id)


def _read_dockerfile(path: str | None, build_args: Mapping[str, str]) -> Dockerfile | None:
    if path is None:
        return None
    try:
        return Dockerfile(path, Path(path).read_text(encoding="utf-8-sig"), build_args)
    except OSError as error:
        fail_usage(f"The Dockerfile '{path}' can't be read: {error.strerror}.", "Give the path of one with --file.")
    except UnicodeDecodeError:
        fail_usage(f"The Dockerfile '{path}' is not UTF-8 text.", "Give the path of one with --file.")


def _caller(cli_ctx: Any) -> str:
    """Who is logged in, if role assignments know them by that name."""
    from azure.cli.core._profile import Profile

    user = Profile(cli_ctx=cli_ctx).get_subscription().get("user") or {}
    name = str(user.get("name") or "")
    return "" if name in ("systemAssignedIdentity", "userAssignedIdentity") else name
