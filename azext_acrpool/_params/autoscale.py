"""Arguments of `az acr agentpool autoscale`."""

from __future__ import annotations

from typing import Any

from .agentpool import declare_no_wait, declare_pool_of_ids, declare_yes
from .common import Arguments, declare_registry

__all__ = ["ARGUMENTS"]


def _declare_policy(c: Any) -> None:
    from .._validators import each_one_line, whole_number, within
    from ..scaling.policy import MAX_COUNT, MAX_IDLE_MINUTES, MAX_VCPU_QUOTA

    # Names, as far as there are any, as in `az aks nodepool`.
    c.argument(
        "max_count",
        type=whole_number,
        help="Number of instances that the agent pool has at most.",
        validator=within("max_count", "--max-count", least=1, most=MAX_COUNT),
    )
    c.argument(
        "min_count",
        type=whole_number,
        help="Number of instances that the agent pool keeps when it has nothing to do. By default 0, which is free.",
        validator=within("min_count", "--min-count", least=0, most=MAX_COUNT),
    )
    c.argument(
        "idle_minutes",
        type=whole_number,
        help="Minutes for which no run is queued or runs before the agent pool is scaled in.",
        validator=within("idle_minutes", "--idle-minutes", least=1, most=MAX_IDLE_MINUTES),
    )
    c.argument(
        "runs_per_instance",
        type=whole_number,
        help="Number of queued and running runs that one instance is wanted for. More than 1 makes some of them wait.",
        validator=within("runs_per_instance", "--runs-per-instance", least=1, most=MAX_COUNT),
    )
    c.argument(
        "schedule",
        action="append",
        help="Hours in which the minimum or the maximum is another, as 'DAYS BEGIN-END TIMEZONE min=N max=N', for"
        " example 'Mon-Fri 07:30-18:00 Europe/Berlin min=1'. May be repeated; of those that hold at once, the last"
        " one counts.",
        validator=each_one_line("schedule", "--schedule"),
    )
    c.argument(
        "vcpu_quota",
        type=whole_number,
        help="Number of vCPUs that all agent pools of the registry may have together, if Azure has raised it."
        " The pool is not scaled out beyond it.",
        validator=within("vcpu_quota", "--vcpu-quota", least=1, most=MAX_VCPU_QUOTA),
    )


def _declare_run(c: Any) -> None:
    from .._validators import validate_pool_name, whole_number

    c.argument(
        "agent_pool_name",
        options_list=["--name", "-n"],
        help="Name of the agent pool. Without it, all agent pools of the registry that have a policy are evaluated.",
        validator=validate_pool_name,
    )
    c.argument("what_if", action="store_true", help="Show what would be done; do not do it.")
    c.argument("loop", action="store_true", help="Evaluate again and again, until interrupted.")
    c.argument(
        "interval",
        type=whole_number,
        help="Seconds from one evaluation to the next, with --loop: 10 or more, by default 60.",
    )


def _declare_deploy(c: Any) -> None:
    from .._validators import one_line

    c.argument(
        "every",
        help="Interval of the evaluations, from 5m to 24h, in whole parts of an hour or a day.",
        validator=one_line("every", "--every"),
    )
    c.argument(
        "extension_source",
        help="URL of the extension's wheel, from which the task installs it. It is kept secret if it may be one.",
        validator=one_line("extension_source", "--extension-source"),
    )


_ENABLE, _DISABLE, _SHOW, _RUN, _DEPLOY, _UNDEPLOY, _STATUS = (
    f"acr agentpool autoscale {verb}" for verb in ("enable", "disable", "show", "run", "deploy", "undeploy", "status")
)

ARGUMENTS = (
    Arguments((_ENABLE, _DISABLE, _SHOW), declare_pool_of_ids),
    Arguments((_ENABLE, _DISABLE), declare_no_wait),
    Arguments((_ENABLE,), _declare_policy),
    Arguments((_RUN, _DEPLOY, _UNDEPLOY, _STATUS), declare_registry),
    Arguments((_RUN,), _declare_run),
    Arguments((_DEPLOY,), _declare_deploy),
    Arguments((_UNDEPLOY,), declare_yes),
)
