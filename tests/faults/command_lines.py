"""The command lines that are tried, what each is asked for, and how one tells that it was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from evidence import Seen

from azext_acrpool.client.arm import as_json
from azext_acrpool.client.registries import Registry
from azext_acrpool.commands.autoscale.deployment import TASK_NAME, new_deployment
from azext_acrpool.commands.autoscale.interval import Interval
from azext_acrpool.scaling.policy import POLICY_TAG

__all__ = ["LINES", "MOUNTED_SECRET", "NEW_SCHEDULE", "OLD_PASSWORD", "PASSWORD", "SECRETS", "Aim", "CommandLine"]

OLD_PASSWORD = "hunter1-of-the-task"
PASSWORD = "hunter2-of-the-task"
BUILD_SECRET = "hunter2-of-the-build"
MOUNTED_SECRET = "hunter2-of-the-mount"
GIT_PASSWORD = "hunter2-of-git"
# What no command may show, whatever happens to it.
SECRETS = (OLD_PASSWORD, PASSWORD, BUILD_SECRET, MOUNTED_SECRET, GIT_PASSWORD)


# A timer with it starts nothing while a command is tried.
NEW_SCHEDULE = "0 0 2 1 *"


@dataclass(frozen=True)
class Aim:
    """What a command is asked for.

    `done` tells whether it was done. `changes`: it changes something, so that a failure must say what may have come of
    it. `prints_what_is_read`: its result is what Azure says, true or not. `runs` is how many runs it may queue;
    `follows`: none of them is active at its end. `keeps_count_of`: a pool that has its instances back at the end.
    `believes_absence`: it is to see something gone.
    """

    done: Callable[[Seen], bool]
    changes: bool = True
    prints_what_is_read: bool = False
    runs: int = 0
    follows: bool = False
    keeps_count_of: str = ""
    believes_absence: bool = False


@dataclass(frozen=True)
class CommandLine:
    """`arguments` of az, in which `{registry}`, `{context}` and others stand for what is different in each try.

    `before` are requests to ARM that are made first: method, path below the registry, body; `settled`: and what they
    begin has come to its end. `seconds` is how long the command may take by its own clock when a single thing goes
    wrong, and `hosts` are those that it may ask besides Azure's.
    """

    title: str
    arguments: str
    aim: Aim
    before: tuple[tuple[str, str, Any], ...] = ()
    settled: bool = False
    seconds: float = 900.0
    quiet: bool = False
    hosts: frozenset[str] = frozenset()

    @property
    def secrets(self) -> list[str]:
        """Those that it sends."""
        told = self.arguments.replace("{secret}", MOUNTED_SECRET)
        return [secret for secret in SECRETS if secret in told]

    @property
    def is_about_tasks(self) -> bool:
        """Whether it changes a task."""
        if self.arguments.startswith(("acr agentpool autoscale deploy", "acr agentpool autoscale undeploy")):
            return True
        return self.arguments.startswith("acr task ") and self.aim.changes and not self.aim.runs


def _succeeded(seen: Seen) -> bool:
    return any(run.status == "Succeeded" for run in seen.own_runs.values())


def _queued(seen: Seen) -> bool:
    return bool(seen.own_runs)


def _pool_is(name: str, count: int, *, tier: str = "S1", done: bool = True) -> Callable[[Seen], bool]:
    """Whether the pool is as asked; `done`: and the change has ended, if not in time for the command, then later."""

    def check(seen: Seen) -> bool:
        pool = seen.after.pools.get(name)
        return pool is not None and (pool.count, pool.tier) == (count, tier) and (not done or pool.state == "Succeeded")

    return check


def _gone(name: str) -> Callable[[Seen], bool]:
    return lambda seen: name not in seen.after.pools


def _going(name: str) -> Callable[[Seen], bool]:
    return lambda seen: name not in seen.after.pools or seen.after.pools[name].state == "Deleting"


def _idle(seen: Seen) -> bool:
    return not any(run.is_active and run.pool == "mypool" for run in seen.after.runs.values())


def _shows_pool(seen: Seen) -> bool:
    count = seen.before.pools["mypool"].count
    printed = seen.printed if isinstance(seen.printed, dict) else {}
    return (printed.get("name"), (printed.get("properties") or printed).get("count")) == ("mypool", count)


def _shows_number(seen: Seen) -> bool:
    count: object = seen.printed
    return count in ({"count": 0}, 0)


def _lists_pools(seen: Seen) -> bool:
    return isinstance(seen.printed, list) and {pool["name"] for pool in seen.printed} == set(seen.before.pools)


def _lists_runs(seen: Seen) -> bool:
    """As many as there were before or after: a run may have ended meanwhile."""
    counts = {sum(run.is_active for run in state.runs.values()) for state in (seen.before, seen.after)}
    return isinstance(seen.printed, list) and len(seen.printed) in counts


def _over(seen: Seen) -> bool:
    return not any(seen.after.runs[name].is_active for name in seen.before.runs)


def _shows_run(seen: Seen) -> bool:
    printed = seen.printed if isinstance(seen.printed, dict) else {}
    return printed.get("runId") == "cf1"


def _lists_all_runs(seen: Seen) -> bool:
    return isinstance(seen.printed, list) and {run["runId"] for run in seen.printed} == set(seen.before.runs)


def _archived(seen: Seen) -> bool:
    return seen.after.runs["cf1"].archived


def _cancelled(seen: Seen) -> bool:
    return {seen.after.runs[name].status for name in seen.before.runs} == {"Canceled"}


def _finds_health(seen: Seen) -> bool:
    return seen.printed is not None


def _task(name: str, holds: Callable[[Mapping[str, Any]], bool]) -> Callable[[Seen], bool]:
    return lambda seen: name in seen.after.tasks and holds(seen.after.tasks[name])


def _logins(task: Mapping[str, Any]) -> dict[str, str]:
    """The passwords of a task by login server."""
    logins = (task["properties"].get("credentials") or {}).get("customRegistries") or {}
    return {server: login["password"]["value"] for server, login in logins.items()}


def _timers(task: Mapping[str, Any]) -> dict[str, str]:
    """The schedules of a task's timers by name."""
    timers = (task["properties"].get("trigger") or {}).get("timerTriggers") or ()
    return {timer["name"]: timer["schedule"] for timer in timers}


def _policy_is(text: str | None) -> Callable[[Seen], bool]:
    """Whether the pool has this autoscale policy; None for none."""
    return lambda seen: "mypool" in seen.after.pools and seen.after.pools["mypool"].tags.get(POLICY_TAG) == text


def _scaled_or_contested(seen: Seen) -> bool:
    """Whether the pool has what its policy asks for, or the result says that somebody else was changing the pool."""
    printed = seen.printed if isinstance(seen.printed, list) else []
    told = [(each.get("action"), each.get("carriedOut"), each.get("problem")) for each in printed]
    return told == [("scaleOut", False, "")] or _pool_is("mypool", 2, done=False)(seen)


def _shows_policy(seen: Seen) -> bool:
    printed = seen.printed if isinstance(seen.printed, dict) else {}
    return (printed.get("enabled"), (printed.get("policy") or {}).get("maxCount")) == (True, 3)


def _deployed(seen: Seen) -> bool:
    """Whether the task is there, and its identity has its role unless the result says that it has not."""
    printed = seen.printed if isinstance(seen.printed, dict) else {}
    has_role = printed.get("hasRole", True)
    return has_role is True and _task(TASK_NAME, lambda task: bool(_timers(task)))(seen)


def _shows_deployment(seen: Seen) -> bool:
    printed = seen.printed if isinstance(seen.printed, dict) else {}
    return printed.get("deployed") is True


def _identity(task: Mapping[str, Any]) -> Any:
    return (task.get("identity") or {}).get("type")


_POOL = "-r {registry} -n mypool"
_TIMER = "-r {registry} -n mytask --timer-name"
_IDENTITY = (
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/myresourcegroup/providers"
    "/Microsoft.ManagedIdentity/userAssignedIdentities/one"
)
_BUILD = "acr build -r {registry} -t app:v1"
_GIT = "https://github.com/a/b.git#main"
_GIT_WITH_PASSWORD = f"https://me:{GIT_PASSWORD}@github.com/a/b.git#main"
_SECRETIVE = f"--secret id=npm,src={{secret}} --secret-build-arg PASSWORD={BUILD_SECRET}"
_FOLLOWED = Aim(_succeeded, runs=1, follows=True)
_LOGIN = f"--username me --password {PASSWORD}"
_READS = Aim(_shows_pool, changes=False, prints_what_is_read=True)
_WHEEL = "https://files.example/acrpool-0.1.0-py3-none-any.whl"
_SOME_REGISTRY = Registry("sub", "group", "name", "westus2")
_BUSY = {
    "type": "DockerBuildRequest",
    "imageNames": ["other:v1"],
    "dockerFilePath": "Dockerfile",
    "sourceLocation": _GIT,
    "platform": {"os": "Linux", "architecture": "amd64"},
    "agentPoolName": "mypool",
}
_RUN_THAT_ENDS = ("POST", "scheduleRun", _BUSY)
_SLOW = {
    "type": "EncodedTaskRunRequest",
    "encodedTaskContent": "c3RlcHM6CiAgLSBjbWQ6IGJhc2ggc2xlZXAgMzAwMAo=",
    "platform": {"os": "Linux", "architecture": "amd64"},
}
_RUN_THAT_GOES_ON = ("POST", "scheduleRun", _SLOW)
_LOG = Aim(_over, changes=False)
_AUTOSCALE = "acr agentpool autoscale"
_EMPTY = ("PATCH", "agentPools/mypool", {"properties": {"count": 0}, "tags": {POLICY_TAG: "v1; max=3; min=0"}})
_POLICY = ("PATCH", "agentPools/mypool", {"tags": {POLICY_TAG: "v1; max=3; min=2"}})
_DEPLOYED: dict[str, Any] = as_json(new_deployment(_SOME_REGISTRY, Interval(10), _WHEEL, "AzureCloud"))
_DEPLOYED["properties"]["trigger"]["timerTriggers"][0]["schedule"] = NEW_SCHEDULE
_DEPLOYMENT = ("PUT", f"tasks/{TASK_NAME}", _DEPLOYED)

LINES = (
    CommandLine("build", f"{_BUILD} --secret-build-arg PASSWORD={BUILD_SECRET} {{context}}", _FOLLOWED),
    CommandLine("build git", f"{_BUILD} {_GIT_WITH_PASSWORD}", _FOLLOWED, hosts=frozenset({"github.com"})),
    CommandLine("build no-wait", f"{_BUILD} --no-wait {{context}}", Aim(_queued, runs=1)),
    CommandLine("build on pool", f"{_BUILD} --agent-pool mypool --queue-timeout 60 {{context}}", _FOLLOWED),
    CommandLine(
        # It succeeds only if the pool's policy gives the pool an instance.
        "build on empty pool",
        f"{_BUILD} --agent-pool mypool --queue-timeout 300 {{context}}",
        _FOLLOWED,
        before=(_EMPTY,),
        settled=True,
        seconds=1500.0,
    ),
    CommandLine(
        "build with capacity",
        f"{_BUILD} --agent-pool mypool --ensure-capacity 2 {{context}}",
        Aim(_succeeded, runs=1, follows=True, keeps_count_of="mypool"),
        quiet=True,
        seconds=1500.0,
    ),
    CommandLine("build with BuildKit", f"{_BUILD} --logs none --cache registry {_SECRETIVE} {{context}}", _FOLLOWED),
    CommandLine("run", "acr run -r {registry} --cmd echo /dev/null", _FOLLOWED),
    CommandLine("task run", "acr task run -r {registry} -n mytask", _FOLLOWED),
    CommandLine(
        "create", "acr agentpool create -r {registry} -n newpool --tier S2", Aim(_pool_is("newpool", 1, tier="S2"))
    ),
    CommandLine(
        "create no-wait",
        "acr agentpool create -r {registry} -n newpool --tier S2 --no-wait",
        Aim(_pool_is("newpool", 1, tier="S2", done=False)),
    ),
    CommandLine("create there", f"acr agentpool create {_POOL} --count 3", Aim(_pool_is("mypool", 3))),
    CommandLine("update", f"acr agentpool update {_POOL} --count 3", Aim(_pool_is("mypool", 3))),
    CommandLine("delete", f"acr agentpool delete {_POOL} --yes", Aim(_gone("mypool"), believes_absence=True)),
    CommandLine(
        "delete no-wait", f"acr agentpool delete {_POOL} --yes --no-wait", Aim(_going("mypool"), believes_absence=True)
    ),
    CommandLine(
        "wait created",
        "acr agentpool wait -r {registry} -n newpool --created --timeout 120",
        Aim(_pool_is("newpool", 1), changes=False),
        before=(("PUT", "agentPools/newpool", {"location": "westus2", "properties": {"count": 1, "tier": "S1"}}),),
        seconds=210.0,
    ),
    CommandLine(
        "wait deleted",
        f"acr agentpool wait {_POOL} --deleted --timeout 120",
        Aim(_gone("mypool"), changes=False, believes_absence=True),
        before=(("DELETE", "agentPools/mypool", None),),
        seconds=210.0,
    ),
    CommandLine(
        "wait idle",
        f"acr agentpool wait {_POOL} --idle --timeout 120",
        Aim(_idle, changes=False, believes_absence=True),
        before=(("POST", "scheduleRun", _BUSY),),
        seconds=210.0,
    ),
    CommandLine("list", "acr agentpool list -r {registry}", Aim(_lists_pools, changes=False, prints_what_is_read=True)),
    CommandLine("show", f"acr agentpool show {_POOL}", _READS),
    CommandLine("show in group", f"acr agentpool show {_POOL} -g {{group}}", _READS),
    CommandLine(
        "show queue",
        f"acr agentpool show {_POOL} --queue-count",
        Aim(_shows_number, changes=False, prints_what_is_read=True),
    ),
    CommandLine(
        "list-runs",
        f"acr agentpool list-runs {_POOL}",
        Aim(_lists_runs, changes=False, prints_what_is_read=True),
        before=(("POST", "scheduleRun", _BUSY),),
    ),
    CommandLine(
        "check-health",
        f"acr agentpool check-health {_POOL}",
        Aim(_finds_health, changes=False, prints_what_is_read=True),
    ),
    CommandLine("autoscale enable", f"{_AUTOSCALE} enable {_POOL} --max-count 3", Aim(_policy_is("v1; max=3; min=0"))),
    CommandLine(
        "autoscale disable", f"{_AUTOSCALE} disable {_POOL}", Aim(_policy_is(None)), before=(_POLICY,), settled=True
    ),
    CommandLine(
        "autoscale show",
        f"{_AUTOSCALE} show {_POOL}",
        Aim(_shows_policy, changes=False, prints_what_is_read=True),
        before=(_POLICY, _RUN_THAT_ENDS),
    ),
    CommandLine(
        "autoscale run",
        f"{_AUTOSCALE} run {_POOL}",
        Aim(_scaled_or_contested, prints_what_is_read=True),
        before=(_POLICY,),
        settled=True,
    ),
    CommandLine(
        "autoscale deploy",
        f"{_AUTOSCALE} deploy -r {{registry}} --extension-source {_WHEEL}",
        # Its timer may start it, if time passes.
        Aim(_deployed, runs=1000),
    ),
    CommandLine(
        "autoscale undeploy",
        f"{_AUTOSCALE} undeploy -r {{registry}} --yes",
        Aim(lambda seen: TASK_NAME not in seen.after.tasks, believes_absence=True),
        before=(_DEPLOYMENT,),
    ),
    CommandLine(
        "autoscale status",
        f"{_AUTOSCALE} status -r {{registry}}",
        Aim(_shows_deployment, changes=False, prints_what_is_read=True, believes_absence=True),
        before=(_DEPLOYMENT,),
    ),
    CommandLine(
        "task create",
        "acr task create -r {registry} -n newtask --cmd echo -c /dev/null --agent-pool mypool",
        Aim(_task("newtask", lambda task: task["properties"].get("agentPoolName") == "mypool")),
    ),
    CommandLine(
        "task update",
        "acr task update -r {registry} -n mytask --status Disabled",
        Aim(_task("mytask", lambda task: task["properties"]["status"] == "Disabled")),
    ),
    CommandLine(
        "credential add",
        f"acr task credential add -r {{registry}} -n mytask --login-server new.example.com {_LOGIN}",
        Aim(_task("mytask", lambda task: _logins(task).get("new.example.com") == PASSWORD)),
    ),
    CommandLine(
        "credential update",
        f"acr task credential update -r {{registry}} -n mytask --login-server old.example.com {_LOGIN}",
        Aim(_task("mytask", lambda task: _logins(task).get("old.example.com") == PASSWORD)),
    ),
    CommandLine(
        "credential remove",
        "acr task credential remove -r {registry} -n mytask --login-server old.example.com",
        Aim(_task("mytask", lambda task: "old.example.com" not in _logins(task))),
    ),
    CommandLine("logs", "acr task logs -r {registry}", _LOG, before=(_RUN_THAT_ENDS,)),
    CommandLine(
        "logs none",
        "acr task logs -r {registry} --run-id cf1 --logs none --exit-status",
        Aim(_shows_run, changes=False, prints_what_is_read=True),
        before=(_RUN_THAT_ENDS,),
    ),
    CommandLine(
        "taskrun logs",
        "acr taskrun logs -r {registry} -n mytaskrun --exit-status",
        _LOG,
        before=(("PUT", "taskRuns/mytaskrun", {"properties": {"runRequest": _BUSY}}),),
    ),
    CommandLine(
        "task list-runs",
        "acr task list-runs -r {registry}",
        Aim(_lists_all_runs, changes=False, prints_what_is_read=True),
        before=(_RUN_THAT_ENDS, _RUN_THAT_GOES_ON),
    ),
    CommandLine(
        "show-run",
        "acr task show-run -r {registry} --run-id cf1",
        Aim(_shows_run, changes=False, prints_what_is_read=True),
        before=(_RUN_THAT_ENDS,),
    ),
    CommandLine(
        "update-run",
        "acr task update-run -r {registry} --run-id cf1 --no-archive false",
        Aim(_archived),
        before=(_RUN_THAT_ENDS,),
    ),
    CommandLine(
        "cancel-run",
        "acr task cancel-run -r {registry} --run-id cf1 cf2",
        Aim(_cancelled),
        before=(_RUN_THAT_GOES_ON, _RUN_THAT_GOES_ON),
    ),
    CommandLine(
        "timer add",
        f"acr task timer add {_TIMER} new --schedule {{schedule}} --enabled false",
        Aim(_task("mytask", lambda task: _timers(task).get("new") == NEW_SCHEDULE)),
    ),
    CommandLine(
        "timer update",
        f"acr task timer update {_TIMER} daily --schedule {{schedule}}",
        Aim(_task("mytask", lambda task: _timers(task).get("daily") == NEW_SCHEDULE)),
    ),
    CommandLine(
        "timer remove",
        f"acr task timer remove {_TIMER} daily",
        Aim(_task("mytask", lambda task: not _timers(task) and _logins(task)["old.example.com"] == OLD_PASSWORD)),
    ),
    CommandLine(
        "timer list",
        "acr task timer list -r {registry} -n mytask",
        Aim(lambda seen: bool(seen.printed), changes=False, prints_what_is_read=True),
    ),
    CommandLine(
        "identity assign",
        f"acr task identity assign -r {{registry}} -n mytask --identities {_IDENTITY}",
        Aim(_task("mytask", lambda task: _identity(task) == "UserAssigned")),
    ),
    CommandLine(
        "identity remove",
        "acr task identity remove -r {registry} -n mytask",
        Aim(_task("mytask", lambda task: _identity(task) is None)),
    ),
    CommandLine(
        "identity show",
        "acr task identity show -r {registry} -n mytask",
        Aim(lambda seen: bool(seen.printed), changes=False, prints_what_is_read=True),
    ),
)
