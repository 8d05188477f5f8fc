"""`az acr agentpool autoscale deploy`: a task of the registry itself evaluates the policies of its agent pools."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from azure.cli.core import azclierror

from ...client.arm import with_query
from ...client.errors import AcrError, ForbiddenError, InvalidReplyError
from ...client.registries import REGISTRY_TYPE, Registry, has_agent_pools
from ...client.role_assignments import TASKS_CONTRIBUTOR, RoleAssignments
from ...health.facts import TASKS_BYPASS_API_VERSION, Facts, Missing, RegistryFacts
from ...health.reading.attempt import read_fact
from ...health.reading.documents import read_registry
from ...health.registry_access import let_tasks_through
from ...wording import az_command, counted, listed, printable
from ..command import command
from ..console.errors import CommandError, explain
from ..console.narrator import Narrator
from ..session import RegistryOptions, Session
from ..tasks.differences import differences
from ..tasks.schedules import Schedule, announce_schedules
from .deployed import (
    Deployment,
    autoscale_command,
    doubt_told,
    find_deployment,
    find_pools_with_policy,
    grant_command,
    has_role,
    require_own,
)
from .deployment import TASK_NAME, TIMER_NAME, has_secret, new_deployment, require_source
from .interval import PRICE_PER_VCPU_SECOND, RUN_SECONDS, RUN_VCPUS, Interval

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import Task

    from ...client.tasks import Tasks

__all__ = ["DeployOptions", "deploy_autoscale"]

# How often, and how many seconds apart, a task is looked at whose new identity the service does not show yet.
_LOOKS: Final = 5
_PAUSE: Final = 2.0
_RECIPES: Final = (
    "Have the policies evaluated from elsewhere, for which Azure Resource Manager alone has to be reached:"
    " docs/autoscale.md has recipes for a Container Apps job, GitHub Actions, Azure Pipelines and cron."
)


@dataclass(frozen=True, kw_only=True)
class DeployOptions(RegistryOptions):
    """The command line of `deploy`. `every` is an interval, as 10m."""

    extension_source: str
    every: str = "10m"


@command(DeployOptions)
def deploy_autoscale(session: Session, options: DeployOptions) -> dict[str, Any]:
    """Have the registry evaluate its pools' policies on a timer; what is there already becomes what is asked for.

    Raises CommandError, with the deployment as its result if only the role is missing.
    """
    interval = Interval.parse(options.every)
    require_source(options.extension_source)
    registry = session.find_registry(options)
    _require_pools(registry)
    _require_way_in(session, registry)
    tasks = session.tasks(registry)
    before = find_deployment(tasks)
    if before is not None:
        require_own(before, registry, "changed")
    pools = find_pools_with_policy(session, registry)
    wanted = new_deployment(registry, interval, options.extension_source, session.settings.cloud)
    with doubt_told(registry):
        deployed = Deployment(registry, _with_identity(session, tasks, tasks.create(TASK_NAME, wanted)))
        _tell_change(before, deployed, session.narrator)
        announce_schedules([Schedule(TIMER_NAME, interval.cron)], session.clock, session.narrator)
        _tell_cost(interval, session.narrator)
        _tell_pools(pools, registry, session.narrator)
        roles = _grant(session, deployed, pools)
    session.narrator.say(f"See how it does with: {autoscale_command(registry, 'status')}")
    return deployed.as_result(session.clock.now(), pools, roles)


def _require_pools(registry: Registry) -> None:
    if not has_agent_pools(registry.sku):
        upgrade = az_command("acr update", "-n", registry.name, "--sku", "Premium")
        raise CommandError(
            azclierror.ValidationError(
                f"Agent pools need a Premium registry; '{registry.name}' is {registry.sku}.", f"Upgrade it: {upgrade}"
            )
        )


def _require_way_in(session: Session, registry: Registry) -> None:
    """Refuse a registry that lets no shared agent in, which is where the task would run. Raises CommandError."""
    found = _read_access(registry, registry.raw)
    if found.firewalled and not found.admits_tasks:
        # The version that finds registries may not tell of the way through for tasks.
        url = with_query(registry.path, api_version=TASKS_BYPASS_API_VERSION)
        found = session.arm.ask("GET", url, lambda reply: _read_access(registry, reply.body))
    if not found.firewalled or found.admits_tasks:
        return
    facts = Facts(now=session.clock.now(), registry_id=registry, registry=found, pool=Missing(""))
    raise CommandError(
        azclierror.ValidationError(
            f"The firewall of registry '{registry.name}' is closed{_closed_by(found)}: shared agents, on which the"
            " task would run, are not let in. Nothing was deployed.",
            [_RECIPES, f"Or let tasks through the firewall with: {' && '.join(let_tasks_through(facts, found))}"],
        )
    )


def _read_access(registry: Registry, body: Any) -> RegistryFacts:
    """Raises InvalidReplyError."""
    found = read_fact(lambda: read_registry(body), f"{REGISTRY_TYPE}/read")
    if isinstance(found, RegistryFacts):
        return found
    raise InvalidReplyError(f"Whether registry '{registry.name}' lets shared agents in is not known: {found}")


def _closed_by(registry: RegistryFacts) -> str:
    if not registry.public_access:
        return " (public network access is disabled)"
    return f" (its default action is {printable(registry.default_action)})"


def _with_identity(session: Session, tasks: Tasks, created: Task) -> Task:
    """The task once it shows its identity, which is made after the task. Raises CommandError if it does not."""
    for _ in range(_LOOKS):
        if created.identity and created.identity.principal_id:
            return created
        session.clock.sleep(_PAUSE)
        created = tasks.get(TASK_NAME)
    raise CommandError(
        azclierror.AzureResponseError(
            f"Task '{TASK_NAME}' is there, but shows no identity that could be given a role: its runs fail.",
            "Deploy it again in some minutes.",
        )
    )


def _tell_change(before: Task | None, deployed: Deployment, narrator: Narrator) -> None:
    where = f"registry '{deployed.registry.name}'"
    if before is None:
        narrator.say(f"Task '{TASK_NAME}' of {where} evaluates the policies of its agent pools from now on.")
        return
    changed = differences(before, deployed.task, besides=())
    if has_secret(deployed.task):
        # Whether it is another than before, nobody is shown.
        changed.append("the secret part of the extension's source")
    if changed:
        narrator.say(f"Task '{TASK_NAME}' of {where} was changed: {listed(list(map(printable, changed)))}.")
    else:
        narrator.say(f"Task '{TASK_NAME}' of {where} is as asked for already.")


def _tell_cost(interval: Interval, narrator: Narrator) -> None:
    narrator.say(
        f"It comes {interval.runs_a_month:,} times in 30 days. At about {RUN_SECONDS} s with"
        f" {counted(RUN_VCPUS, 'vCPU')} each, that is about {interval.dollars_a_month:.2f} USD a month by the published"
        f" price ({PRICE_PER_VCPU_SECOND} USD per vCPU and second). What agent pools cost comes on top. A longer"
        " interval (--every) costs less: builds that acrpool sends start the scaling out themselves."
    )


def _tell_pools(pools: list[str], registry: Registry, narrator: Narrator) -> None:
    if not pools:
        enable = autoscale_command(registry, "enable", "-n", "POOL", "--max-count", "N")
        narrator.warn(
            f"No agent pool of registry '{registry.name}' has a policy: there is nothing to evaluate. Give one a policy"
            f" with: {enable}"
        )


def _grant(session: Session, deployed: Deployment, pools: list[str]) -> bool | None:
    """Give the task's identity its role on this registry, unless it has that or another one there.

    Returns whether it can do what it is for, None if it has another role. Raises CommandError if that cannot be done.
    """
    registry, principal_id = deployed.registry, deployed.principal_id
    roles = RoleAssignments(session.arm, registry, session.clock, tell=session.narrator.say)
    try:
        held = roles.of(principal_id)
    except ForbiddenError:
        # Whoever may assign roles may see them, too: the assignment will say what is lacking.
        held = []
    except AcrError as error:
        raise _not_granted(session, deployed, pools, error) from error
    known = has_role(held, registry)
    if known:
        return True
    if known is None:
        session.narrator.say(
            "Its identity has a role on this registry already, which is left as it is. What the role has to allow says"
            " docs/autoscale.md."
        )
        return None
    try:
        roles.assign(principal_id, TASKS_CONTRIBUTOR)
    except AcrError as error:
        raise _not_granted(session, deployed, pools, error) from error
    session.narrator.say(
        f"Its identity has the role '{TASKS_CONTRIBUTOR.name}' on this registry now, and nowhere else. It may take some"
        " minutes until that holds; runs fail until then."
    )
    return True


def _not_granted(session: Session, deployed: Deployment, pools: list[str], error: AcrError) -> CommandError:
    registry = deployed.registry
    ending = explain(error)
    who = "somebody who may assign roles types" if isinstance(error, ForbiddenError) else "you have typed"
    return CommandError(
        type(ending.error)(
            f"Task '{TASK_NAME}' is there, but its identity was not given its role on registry '{registry.name}', so"
            f" that its runs fail. {ending.error.error_msg}",
            [
                f"It works once {who}: {grant_command(registry, deployed.principal_id)}",
                f"Or remove it with: {autoscale_command(registry, 'undeploy')}",
            ],
        ),
        ending.exit_code,
        result=deployed.as_result(session.clock.now(), pools, roles=False),
    )
