"""Command lines of `az acr run` and `az acr task` that az's own and ours must send the same requests for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000000"
GROUP = f"{SUBSCRIPTION}/resourceGroups/myresourcegroup"
REGISTRY = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/myregistry"
TASK = f"{REGISTRY}/tasks/mytask"
IDENTITY = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/myidentity"
OTHER_IDENTITY = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/otheridentity"
CLIENT_ID = "11111111-2222-3333-4444-555555555555"

WORLD: dict[str, Any] = {
    "registries": [
        {
            "name": name,
            "resourceGroup": "myresourcegroup",
            "location": "westus2",
            "sku": "Premium",
            "roleAssignmentMode": mode,
            # az's own sends a number of CPUs along with a pool, and the pool of a task's run; a registry that refuses
            # that would hide the rest.
            "allowCpuWithPool": True,
            "allowPoolInTaskRun": True,
            "agentPools": [{"name": pool, "tier": "S1", "count": 1} for pool in ("myagentpool", "otherpool")],
        }
        for name, mode in (("myregistry", "LegacyRegistryPermissions"), ("abacregistry", "AbacRepositoryPermissions"))
    ],
    "resources": [
        {"id": identity, "location": "westus2", "properties": {"clientId": CLIENT_ID, "principalId": CLIENT_ID}}
        for identity in (IDENTITY, OTHER_IDENTITY)
    ],
}

GIT = "https://github.com/Azure-Samples/acr-build-helloworld-node.git"
AZURE_REPOS = "https://dev.azure.com/org/project/_git/repo"
OCI = "oci://myregistry.azurecr.io/context:v1"

ABSENT = "(absent)"

# Where ours is meant to differ: what is sent at this place by az's own, and by ours. docs/tasks.md says the same.
Differences = dict[str, tuple[Any, Any]]
POOL_WITHOUT_CPU: Differences = {"properties.agentConfiguration.cpu": (2, ABSENT)}
POOL_KEPT: Differences = {"properties.agentPoolName": (ABSENT, "myagentpool")}
POOL_AS_THE_TASKS: Differences = {"agentPoolName": ("MyAgentPool", ABSENT)}
POOL_TAKEN_AWAY: Differences = {"properties.agentPoolName": ("", None)}
PUSH_AS_IT_IS: Differences = {"properties.step.isPushEnabled": (True, ABSENT)}
TRIGGER_ADDED: Differences = {
    "properties.trigger": ({}, ABSENT),
    "properties.trigger.baseImageTrigger.name": (ABSENT, "defaultBaseimageTriggerName"),
    "properties.trigger.baseImageTrigger.status": (ABSENT, "Enabled"),
    "properties.trigger.baseImageTrigger.baseImageTriggerType": (ABSENT, "All"),
}
STATUS_KEPT: Differences = {"properties.trigger.timerTriggers[0].status": (ABSENT, "Enabled")}
BOTH_KINDS = ("UserAssigned", "SystemAssigned, UserAssigned")
LAST_OF_USERS: Differences = {
    "identity.type": ("UserAssigned", "None"),
    f"identity.userAssignedIdentities.{IDENTITY}": (None, ABSENT),
}
STDIN_BESIDE_SOURCE: Differences = {
    "type": ("FileTaskRunRequest", "EncodedTaskRunRequest"),
    "taskFilePath": ("-", ABSENT),
    "encodedTaskContent": (ABSENT, "c3RlcHM6CiAgLSBjbWQ6IGJhc2gK"),
}
VALUES_SENT_ALONG: Differences = {"encodedValuesContent": (ABSENT, "c3RlcHM6CiAgLSBjbWQ6IGJhc2gK")}
VALUES_OF_TASK: Differences = {
    "properties.step.encodedValuesContent": (ABSENT, "c3RlcHM6CiAgLSBjbWQ6IGJhc2gK"),
}

# What ours says when it refuses.
CPU_OF_POOL = (
    "--cpu cannot be used with an agent pool: runs on agent pool '{}' get the CPUs of its tier, and the service refuses"
    " a number beside it."
)
NO_IDENTITY = (
    "'[caller]' is no identity: --source-acr-auth-id is [system], none or the resource ID of a user-assigned managed"
    " identity."
)
NO_FIVE_FIELDS = "'@daily' has 1 field instead of five: minute, hour, day of month, month, day of week."
NO_DOCKERFILE = (
    "{} cannot be used without a source (--context /dev/null): what runs is a command or a task file, and no Dockerfile"
    " is built."
)
NO_BUILD_STEP = "{} cannot be used with a task file: its build steps say such things themselves."
OF_SYSTEM_TASK = (
    "{} cannot be used with the system task 'quicktask', which has no step, triggers, agents and identities of its own."
)
OLD_DEFINITION = (
    "--file - cannot be used with the run of a task whose definition is in the task itself: that is what would run."
)
NO_TIMERS = "Task 'quicktask' cannot have timers: it is a system task, which runs nothing by itself."
NO_SUCH_TIMER = "Task 'mytask' has no timer 'other'. It has: daily, weekly."
NO_RUN = "Could not find a run with the ID 'cf99' in registry 'myregistry'."
NO_LOGIN = "Nothing to log in with: give --username and --password, --use-identity, or all of them."
RUNNING = "RUNNING"


@dataclass(frozen=True)
class CommandLine:
    """A command line, the task `mytask` that there is beforehand, and how ours is meant to differ.

    `refused`: ours refuses with exit code 2 or 3 what az's own sends, and says this. `both_refuse`: neither sends
    anything. RUNNING stands for a run that is under way.
    `sends`: az's own ends in a traceback where ours sends this. `spared`: ours sees that there is nothing to send.
    """

    arguments: tuple[str, ...]
    task: dict[str, Any] | None = None
    stdin: str = ""
    differences: Differences = field(default_factory=dict)
    refused: str = ""
    both_refuse: bool = False
    sends: dict[str, Any] = field(default_factory=dict)
    spared: bool = False

    def __str__(self) -> str:
        return " ".join(self.arguments[1:])

    @property
    def named(self) -> tuple[str, ...]:
        """The command line with what every command needs."""
        command = 3 if self.arguments[1] in ("task", "taskrun") else 2
        command += self.arguments[2] in ("credential", "timer", "identity")
        given = () if "-r" in self.arguments or "--registry" in self.arguments else ("-r", "myregistry")
        is_named = self.arguments[1] == "run" or self.is_about_runs or {"-n", "--name"} & {*self.arguments}
        name = () if is_named else ("-n", "mytask")
        return (*self.arguments[:command], *given, *name, *self.arguments[command:])

    @property
    def is_about_newest_run(self) -> bool:
        """Whether it looks for the newest run."""
        return self.arguments[1:3] == ("task", "logs") and "--run-id" not in self.arguments

    @property
    def is_about_runs(self) -> bool:
        """Whether it asks for runs that there are."""
        return self.arguments[1:3] == ("task", "logs") or self.arguments[2].endswith(("-run", "-runs"))


def task(step: dict[str, Any], **properties: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "status": "Enabled",
        "platform": {"os": "linux", "architecture": "amd64"},
        "timeout": 3600,
        "step": step,
        "trigger": {
            "baseImageTrigger": {
                "baseImageTriggerType": "Runtime",
                "status": "Enabled",
                "name": "defaultBaseimageTriggerName",
            }
        },
        "credentials": {},
        **properties,
    }
    identity = body.pop("identity", None)
    return {"location": "westus2", "properties": body, **({"identity": identity} if identity else {})}


DOCKER_STEP = {
    "type": "Docker",
    "contextPath": f"{GIT}#main",
    "contextAccessToken": "oldtoken",
    "imageNames": ["app:v1"],
    "isPushEnabled": True,
    "noCache": False,
    "dockerFilePath": "Dockerfile",
    "arguments": [],
}
DOCKER = task(DOCKER_STEP)
FILE = task({"type": "FileTask", "contextPath": GIT, "taskFilePath": "task.yaml", "values": []})
ENCODED = task({"type": "EncodedTask", "encodedTaskContent": "c3RlcHM6Cg==", "values": []})
ON_POOL = task(DOCKER_STEP, agentPoolName="myagentpool")
TRIGGERED = task(
    DOCKER_STEP,
    trigger={
        "sourceTriggers": [
            {
                "name": "mysource",
                "status": "Enabled",
                "sourceTriggerEvents": ["commit"],
                "sourceRepository": {
                    "sourceControlType": "Github",
                    "repositoryUrl": f"{GIT}#main",
                    "branch": "main",
                    "sourceControlAuthProperties": {"tokenType": "PAT", "token": "oldtoken", "scope": "repo"},
                },
            }
        ]
    },
)
QUICK = {"location": "westus2", "properties": {"status": "Enabled", "isSystemTask": True}}
WITH_SYSTEM_IDENTITY = task(DOCKER_STEP, identity={"type": "SystemAssigned"})
WITH_USER_IDENTITY = task(DOCKER_STEP, identity={"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {}}})
WITH_CREDENTIAL = task(
    DOCKER_STEP,
    credentials={
        "customRegistries": {
            "other.azurecr.io": {
                "userName": {"type": "Opaque", "value": "me"},
                "password": {"type": "Opaque", "value": "oldpassword"},
            }
        }
    },
)
CREDENTIAL_ON_POOL = task(
    DOCKER_STEP, agentPoolName="myagentpool", credentials=WITH_CREDENTIAL["properties"]["credentials"]
)


TIMERS = [
    {"name": "daily", "schedule": "0 21 * * *", "status": "Enabled"},
    {"name": "weekly", "schedule": "0 9 * * Mon", "status": "Disabled"},
]
TIMED = task(DOCKER_STEP, trigger={**DOCKER["properties"]["trigger"], "timerTriggers": TIMERS})
TIMED_ON_POOL = task(DOCKER_STEP, agentPoolName="myagentpool", trigger=TIMED["properties"]["trigger"])
ONLY_TIMED = task({"type": "EncodedTask", "encodedTaskContent": "c3RlcHM6Cg=="}, trigger={"timerTriggers": TIMERS[:1]})
WITHOUT_TRIGGER = task(DOCKER_STEP, trigger={})
BOTH = {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {IDENTITY: {}, OTHER_IDENTITY: {}}}
WITH_BOTH_IDENTITIES = task(DOCKER_STEP, identity=BOTH)
IDENTITY_ON_POOL = task(DOCKER_STEP, agentPoolName="myagentpool", identity={"type": "SystemAssigned"})


def source_trigger(
    branch: str, *, events: tuple[str, ...], status: str = "Enabled", token: str = "oldtoken"
) -> dict[str, Any]:
    """Where a request says this of the task's source trigger. az 2.91.0 cannot send a set, in which it puts events."""
    place = "properties.trigger.sourceTriggers[0]"
    repository = f"{place}.sourceRepository"
    sent: dict[str, Any] = {f"{place}.sourceTriggerEvents[{number}]": event for number, event in enumerate(events)}
    return {
        **(sent or {f"{place}.sourceTriggerEvents": []}),
        f"{place}.name": "mysource",
        f"{place}.status": status,
        f"{repository}.branch": branch,
        f"{repository}.repositoryUrl": f"{GIT}#{branch}",
        f"{repository}.sourceControlType": "Github",
        f"{repository}.sourceControlAuthProperties.token": token,
        f"{repository}.sourceControlAuthProperties.tokenType": "PAT",
    }


def create(*arguments: str, **rest: Any) -> CommandLine:
    return CommandLine(("acr", "task", "create", *arguments), **rest)


def update(body: dict[str, Any], *arguments: str, **rest: Any) -> CommandLine:
    return CommandLine(("acr", "task", "update", *arguments), task=body, **rest)


def start(body: dict[str, Any], *arguments: str, **rest: Any) -> CommandLine:
    return CommandLine(("acr", "task", "run", "--no-wait", *arguments), task=body, **rest)


def run(*arguments: str, **rest: Any) -> CommandLine:
    return CommandLine(("acr", "run", "--no-wait", *arguments), **rest)


def credential(verb: str, body: dict[str, Any], *arguments: str, **rest: Any) -> CommandLine:
    server = () if "--login-server" in arguments else ("--login-server", "other.azurecr.io")
    return CommandLine(("acr", "task", "credential", verb, *server, *arguments), task=body, **rest)


BUILD = ("-c", f"{GIT}#main", "-f", "Dockerfile", "-t", "app:v1", "--commit-trigger-enabled", "false")
COMMAND = ("-c", "/dev/null", "--cmd", "bash echo hello")
YAML = "steps:\n  - cmd: bash\n"

CREATED = [
    # The how-to's.
    create(
        *("--registry", "MyRegistry", "--name", "mytask", "--agent-pool", "myagentpool", "--image", "myimage:mytag"),
        *("--schedule", "0 21 * * *", "--file", "Dockerfile", "--context", f"{GIT}#main"),
        *("--commit-trigger-enabled", "false"),
        differences=POOL_WITHOUT_CPU,
    ),
    create(*COMMAND),
    create(*COMMAND, "-r", "myregistry.azurecr.io"),
    create(*COMMAND, "-g", "myresourcegroup", "--timeout", "600", "--status", "Disabled"),
    create(*COMMAND, "--cpu", "2"),
    create(*COMMAND, "--cpu", "2", "--agent-pool", "myagentpool", refused=CPU_OF_POOL.format("myagentpool")),
    create(
        *COMMAND, "--agent-pool", "otherpool", "--log-template", "acr/logs:{{.Run.ID}}", differences=POOL_WITHOUT_CPU
    ),
    create("-c", "/dev/null", "-f", "-", "--schedule", "0 */1 * * *", stdin=YAML),
    create("-c", "/DEV/null", "-f", "local.yaml", "--set", "a=b=c", "--set", "empty", "--set-secret", "key=s3cret"),
    create("-c", "/dev/null", "--cmd", "a", "-f", "local.yaml", both_refuse=True),
    create("-c", "/dev/null", "-f", "missing.yaml", both_refuse=True),
    create(*BUILD, "--base-image-trigger-enabled", "false", "--arg", "A=b", "--arg", "HOST_VARIABLE"),
    create(*BUILD, "--secret-arg", "TOKEN=s3cret", "--target", "final", "--no-push", "true", "--no-cache", "true"),
    create(*BUILD, "-t", "app:latest", "--platform", "Windows/amd64"),
    create(*BUILD, "--platform", "linux/arm/v7", "--auth-mode", "None"),
    create(*BUILD, "--platform", "plan9", both_refuse=True),
    create(*BUILD, "--base-image-trigger-name", "images", "--base-image-trigger-type", "All"),
    create(
        *(*BUILD, "--update-trigger-endpoint", "https://hooks.example/x", "--update-trigger-payload-type", "Token"),
    ),
    create(*BUILD, "--schedule", "daily:0 12 * * Mon-Fri", "--schedule", "30 9 1 * *", "--schedule", " x : 0 1 * * *"),
    create("-c", GIT, "-f", "Dockerfile", "-t", "app:v1", both_refuse=True),
    create("-c", GIT, "-f", "Dockerfile", "-t", "app:v1", "--git-access-token", "s3cret"),
    create(
        *("-c", f"{GIT}#release:sub", "-f", "Dockerfile", "-t", "app:v1", "--git-access-token", "s3cret"),
        *("--pull-request-trigger-enabled", "true", "--source-trigger-name", "source", "--auth-mode", "Default"),
    ),
    create(
        *("-c", f"{AZURE_REPOS}#main", "-f", "task.yaml", "--git-access-token", "s3cret"),
        *("--commit-trigger-enabled", "false", "--pull-request-trigger-enabled", "true", "--values", "values.yaml"),
    ),
    create("-c", OCI, "-f", "task.yaml", "--set-secret", "key"),
    create("-c", f"{GIT}#main", "--commit-trigger-enabled", "false", both_refuse=True),
    create("-f", "Dockerfile", both_refuse=True),
    create(*COMMAND, "--assign-identity"),
    create(*COMMAND, "--assign-identity", "[system]", IDENTITY),
    create(*COMMAND, "--assign-identity", IDENTITY, OTHER_IDENTITY),
    create(*COMMAND, "--assign-identity", "[all]"),
    create(*COMMAND, "--source-acr-auth-id", "[system]"),
    create(*COMMAND, "--source-acr-auth-id", IDENTITY, "--assign-identity", "[system]"),
    create(*COMMAND, "--source-acr-auth-id", "none", "--auth-mode", "Default"),
    create(*COMMAND, "--source-acr-auth-id", "[system]", "--auth-mode", "None", both_refuse=True),
    create(*COMMAND, "--source-acr-auth-id", "somebody", both_refuse=True),
    create(*COMMAND, "-r", "abacregistry", "--source-acr-auth-id", "[system]", "--auth-mode", "None"),
    create(*COMMAND, "--source-acr-auth-id", "[caller]", refused=NO_IDENTITY),
    create(*COMMAND, "-r", "abacregistry"),
    create("-n", "quicktask", "--is-system-task", "--log-template", "acr/logs:{{.Run.ID}}", "--timeout", "700"),
    create(*COMMAND, "--is-system-task"),
    create("-c", "/dev/null", "-f", "local.yaml", "--values", "values.yaml", differences=VALUES_OF_TASK),
    create("-c", "/dev/null", "-f", "Dockerfile", "-t", "app:v1", refused=NO_DOCKERFILE.format("--image")),
    create("-c", OCI, "-f", "task.yaml", "--target", "final", refused=NO_BUILD_STEP.format("--target")),
    create(
        *("-n", "quicktask", "--is-system-task", "--agent-pool", "myagentpool"),
        refused=OF_SYSTEM_TASK.format("--agent-pool"),
    ),
    create(*COMMAND, "--schedule", "0 25 * * *", refused="'25' is not a valid hour: 0 to 23."),
    create(*COMMAND, "--schedule", "@daily", refused=NO_FIVE_FIELDS),
]

UPDATED = [
    update(DOCKER, differences=PUSH_AS_IT_IS),
    update(DOCKER, "--status", "Disabled", "--timeout", "900", "--cpu", "2", differences=PUSH_AS_IT_IS),
    update(
        DOCKER, "--platform", "linux/arm64", "--log-template", "l:v", "--auth-mode", "None", differences=PUSH_AS_IT_IS
    ),
    update(DOCKER, "-t", "app:v2", "-t", "app:v3", "--no-cache", "true", "--no-push", "true"),
    update(DOCKER, "--no-push", "false", "-f", "docker/Dockerfile", "--target", "final"),
    update(DOCKER, "--arg", "A=b", "--secret-arg", "T=s3cret", "--git-access-token", "new", differences=PUSH_AS_IT_IS),
    update(DOCKER, "-c", f"{AZURE_REPOS}#release", differences=PUSH_AS_IT_IS),
    update(DOCKER, "-f", "task.yaml", "--values", "v.yaml", "--set", "a=b", "--set-secret", "k=s3cret"),
    update(DOCKER, "-c", "/dev/null", "--cmd", "bash"),
    update(DOCKER, "-c", "/dev/null", "-f", "-", "--timeout", "500", stdin=YAML),
    update(
        DOCKER,
        "--cmd",
        "bash",
        refused="--cmd needs --context /dev/null: the task has a source, whose files it runs.",
    ),
    update(
        *(DOCKER, "--base-image-trigger-enabled", "false", "--base-image-trigger-type", "All"),
        *("--update-trigger-endpoint", "https://hooks.example/x", "--update-trigger-payload-type", "Token"),
        differences=PUSH_AS_IT_IS,
    ),
    update(
        *(TRIGGERED, "--pull-request-trigger-enabled", "true"),
        sends=source_trigger("main", events=("commit", "pullrequest")),
    ),
    update(TRIGGERED, "--commit-trigger-enabled", "false", sends=source_trigger("main", status="Disabled", events=())),
    update(
        *(TRIGGERED, "-c", f"{GIT}#release", "--commit-trigger-enabled", "true", "--git-access-token", "s3cret"),
        sends=source_trigger("release", token="s3cret", events=("commit",)),
    ),
    update(TRIGGERED, "--agent-pool", "myagentpool", sends=source_trigger("main", events=("commit",))),
    update(
        *(task(DOCKER_STEP, trigger={}), "--base-image-trigger-enabled", "true", "--base-image-trigger-type", "All"),
        differences={**PUSH_AS_IT_IS, **TRIGGER_ADDED},
    ),
    update(
        *(DOCKER, "--commit-trigger-enabled", "true"),
        sends={
            **source_trigger("main", events=("commit",)),
            "properties.trigger.sourceTriggers[0].name": "defaultSourceTriggerName",
        },
    ),
    update(FILE, "--no-cache", "true", refused=NO_BUILD_STEP.format("--no-cache")),
    update(ENCODED, "-c", GIT, refused="--file is missing: the Dockerfile or task file in the new context."),
    update(DOCKER, "--agent-pool", "myagentpool", differences=PUSH_AS_IT_IS),
    update(DOCKER, "--agent-pool", "otherpool", "--cpu", "2", refused=CPU_OF_POOL.format("otherpool")),
    update(ON_POOL, "--cpu", "2", refused=CPU_OF_POOL.format("myagentpool")),
    update(ON_POOL, "--agent-pool", "", "--cpu", "2", differences={**PUSH_AS_IT_IS, **POOL_TAKEN_AWAY}),
    update(ON_POOL, "--timeout", "900", differences={**PUSH_AS_IT_IS, **POOL_KEPT}),
    update(FILE, "--set", "a=b"),
    update(FILE, "-f", "Dockerfile", "-t", "app:v1"),
    update(ENCODED, "--status", "Disabled"),
    update(ENCODED, "--cmd", "bash", "--timeout", "500", "--set-secret", "k=s3cret"),
    update(ENCODED, "--timeout", "500", both_refuse=True),
    update(ENCODED, "-c", GIT, "-f", "Dockerfile", "--no-push", "true"),
    update(ENCODED, "--source-acr-auth-id", "[system]"),
    update(WITH_SYSTEM_IDENTITY, "--source-acr-auth-id", "[system]", differences=PUSH_AS_IT_IS),
    update(WITH_SYSTEM_IDENTITY, "--source-acr-auth-id", IDENTITY, "--no-push", "false"),
    update(WITH_USER_IDENTITY, "--source-acr-auth-id", IDENTITY, differences=PUSH_AS_IT_IS),
    update(WITH_USER_IDENTITY, "--source-acr-auth-id", "[system]", "--no-push", "false"),
    update(WITH_USER_IDENTITY, "--source-acr-auth-id", "none", differences=PUSH_AS_IT_IS),
    CommandLine(("acr", "task", "update", "-n", "quicktask", "--status", "Disabled", "--timeout", "900"), task=QUICK),
    CommandLine(
        ("acr", "task", "update", "-g", "MyResourceGroup", "-t", "a:b"), task=DOCKER, differences=PUSH_AS_IT_IS
    ),
]

STARTED = [
    start(DOCKER, "--registry", "MyRegistry", "--name", "mytask"),
    start(DOCKER, "--agent-pool", "otherpool", "--log-template", "acr/logs:{{.Run.ID}}"),
    start(ON_POOL, "-g", "myresourcegroup"),
    start(ON_POOL, "--agent-pool", "otherpool", "--no-format", "--no-logs"),
    start(ON_POOL, "--agent-pool", "MyAgentPool", differences=POOL_AS_THE_TASKS),
    start(DOCKER, "--arg", "A=b", "--secret-arg", "T=s3cret", "--target", "final"),
    start(FILE, "--set", "a=b", "--set-secret", "k=s3cret", "--update-trigger-token", "payload"),
    start(DOCKER, "-c", f"{GIT}#release", "-f", "Other.Dockerfile"),
    start(DOCKER, "-c", ".", "-f", "Dockerfile"),
    start(FILE, "-c", ".", "-f", "local.yaml"),
    start(DOCKER, "-c", "/dev/null"),
    start(ENCODED, "-f", "-", "-c", "/dev/null", stdin=YAML, refused=OLD_DEFINITION),
]

RUNS = [
    run("--cmd", "bash echo hello", "/dev/null"),
    run("--cmd", "bash", "--timeout", "600", "--agent-pool", "myagentpool", "/dev/null"),
    run("-f", "-", "/dev/null", stdin=YAML),
    run("-f", "local.yaml", "--set", "a=b", "--set-secret", "k=s3cret", "/dev/null"),
    run("-f", "missing.yaml", "/dev/null", both_refuse=True),
    run("--cmd", "bash", "-f", "local.yaml", "/dev/null", both_refuse=True),
    run("-f", "local.yaml", "--values", "values.yaml", "--platform", "linux/arm64/v8", "."),
    run("."),
    run("--log-template", "l:v", "--auth-mode", "Default", "--no-format", "--no-logs", GIT),
    run("-f", "task.yaml", "--source-acr-auth-id", "[caller]", OCI),
    run("--source-acr-auth-id", "none", "-g", "myresourcegroup", "--platform", "windows", f"{GIT}#main"),
    run("--cmd", "bash", "--auth-mode", "None", "--source-acr-auth-id", "[caller]", "/dev/null", both_refuse=True),
    run("-r", "abacregistry", "--cmd", "bash", "--source-acr-auth-id", "[caller]", "/dev/null"),
    run("--cmd", "bash", ".", refused="--cmd runs without a source: leave the source location out, or give /dev/null."),
    run("-f", "-", GIT, stdin=YAML, differences=STDIN_BESIDE_SOURCE),
    run("./nowhere", both_refuse=True),
    run("-f", "local.yaml", "--values", "values.yaml", "/dev/null", differences=VALUES_SENT_ALONG),
]

VAULT = "https://myvault.vault.azure.net/secrets"
LOGINS = [
    credential("add", DOCKER, "-u", "me", "-p", "s3cret"),
    credential("add", DOCKER, "--username", f"{VAULT}/user", "--password", f"{VAULT}/p", "--use-identity", "[system]"),
    credential("add", DOCKER, "-u", "me", "-p", f"{VAULT}/p", "--login-server", "docker.io", "-g", "myresourcegroup"),
    credential("add", DOCKER, "--use-identity", CLIENT_ID),
    credential("add", DOCKER, refused=NO_LOGIN),
    credential("update", WITH_CREDENTIAL, refused=NO_LOGIN),
    credential("add", WITH_CREDENTIAL, "-u", "me", "-p", "s3cret", both_refuse=True),
    credential("add", ON_POOL, "-u", "me", "-p", "s3cret", differences=POOL_KEPT),
    credential("update", WITH_CREDENTIAL, "-u", "me", "-p", "n3w", "-g", "myresourcegroup"),
    credential("update", CREDENTIAL_ON_POOL, "--use-identity", "[system]", differences=POOL_KEPT),
    credential("update", DOCKER, "-u", "me", "-p", "n3w", both_refuse=True),
    credential("remove", WITH_CREDENTIAL, "-g", "myresourcegroup"),
    credential("remove", CREDENTIAL_ON_POOL, differences=POOL_KEPT),
    credential("remove", DOCKER, spared=True),
]


def timer(verb: str, body: dict[str, Any], *arguments: str, **rest: Any) -> CommandLine:
    return CommandLine(("acr", "task", "timer", verb, *arguments), task=body, **rest)


def identity(verb: str, body: dict[str, Any], *arguments: str, **rest: Any) -> CommandLine:
    return CommandLine(("acr", "task", "identity", verb, *arguments), task=body, **rest)


def of_run(verb: str, *arguments: str, **rest: Any) -> CommandLine:
    return CommandLine(("acr", "task", verb, *arguments), task=DOCKER, **rest)


NIGHTLY = ("--timer-name", "nightly", "--schedule", "0 1 * * *")
SCHEDULED = [
    timer("add", DOCKER, *NIGHTLY),
    timer("add", WITHOUT_TRIGGER, *NIGHTLY, "--enabled", "false"),
    timer("add", TIMED, *NIGHTLY, "--enabled", "-g", "myresourcegroup"),
    timer("add", ENCODED, *NIGHTLY, "--enabled", "true"),
    timer("add", ON_POOL, *NIGHTLY, differences=POOL_KEPT),
    timer("add", TIMED_ON_POOL, *NIGHTLY, differences=POOL_KEPT),
    timer("add", TIMED, "--timer-name", "weekly", "--schedule", "0 1 * * *"),
    timer("add", TIMED, "--timer-name", "daily", "--schedule", "0 21 * * *", spared=True),
    timer(
        *("add", DOCKER, "--timer-name", "nightly", "--schedule", "0 25 * * *"),
        refused="'25' is not a valid hour: 0 to 23.",
    ),
    timer("add", QUICK, "-n", "quicktask", *NIGHTLY, refused=NO_TIMERS),
    timer("update", TIMED, "--timer-name", "daily", "--schedule", "30 21 * * *", differences=STATUS_KEPT),
    timer("update", TIMED, "--timer-name", "weekly", "--enabled", "-g", "myresourcegroup"),
    timer("update", TIMED, "--timer-name", "daily", "--enabled", "false", "--schedule", "0 3 * * *"),
    timer("update", TIMED_ON_POOL, "--timer-name", "daily", "--enabled", "false", differences=POOL_KEPT),
    timer("update", TIMED, "--timer-name", "daily", "--schedule", "at noon", refused="'at noon' has 2 fields "),
    timer("update", TIMED, "--timer-name", "other", "--enabled", refused=NO_SUCH_TIMER),
    timer("update", TIMED, "--timer-name", "daily", spared=True),
    timer("remove", TIMED, "--timer-name", "weekly"),
    timer("remove", ONLY_TIMED, "--timer-name", "daily", "-g", "myresourcegroup"),
    timer("remove", TIMED_ON_POOL, "--timer-name", "daily"),
    timer("remove", TIMED, "--timer-name", "other", both_refuse=True),
    timer("remove", WITHOUT_TRIGGER, "--timer-name", "daily", both_refuse=True),
]

IDENTIFIED = [
    identity("assign", DOCKER),
    identity("assign", DOCKER, "--identities", "[system]"),
    identity("assign", DOCKER, "--identities", IDENTITY, "-g", "myresourcegroup"),
    identity("assign", ENCODED, "--identities", IDENTITY, OTHER_IDENTITY),
    identity("assign", DOCKER, "--identities", "[system]", IDENTITY),
    identity("assign", ON_POOL, "--identities", differences=POOL_KEPT),
    identity("assign", WITH_SYSTEM_IDENTITY, spared=True),
    identity("assign", WITH_USER_IDENTITY, "--identities", OTHER_IDENTITY),
    identity("assign", WITH_USER_IDENTITY),
    identity("assign", WITH_SYSTEM_IDENTITY, "--identities", IDENTITY),
    identity("assign", WITH_BOTH_IDENTITIES, "--identities", OTHER_IDENTITY),
    identity("assign", WITH_BOTH_IDENTITIES, "--identities", "[all]"),
    identity("assign", WITH_BOTH_IDENTITIES, "--identities", "[all]", IDENTITY),
    identity("assign", IDENTITY_ON_POOL, "--identities", IDENTITY, differences=POOL_KEPT),
    identity("assign", DOCKER, "--identities", "[all]", spared=True),
    identity("assign", DOCKER, "--identities", "somebody", refused="'somebody' is no identity: "),
    identity("remove", WITH_SYSTEM_IDENTITY, sends={"identity.type": "None"}),
    identity("remove", WITH_USER_IDENTITY, "--identities", IDENTITY, differences=LAST_OF_USERS),
    identity("remove", WITH_BOTH_IDENTITIES, "--identities", "[system]"),
    identity("remove", WITH_BOTH_IDENTITIES),
    identity("remove", WITH_BOTH_IDENTITIES, "--identities", "[all]", "-g", "myresourcegroup"),
    identity(
        *("remove", WITH_BOTH_IDENTITIES, "--identities", IDENTITY),
        differences={
            "identity.type": BOTH_KINDS,
            f"identity.userAssignedIdentities.{OTHER_IDENTITY}": (ABSENT, {}),
        },
    ),
    identity("remove", IDENTITY_ON_POOL, "--identities", "[all]", differences=POOL_KEPT),
    identity("remove", DOCKER, spared=True),
    identity("remove", WITH_USER_IDENTITY, "--identities", "[all]", IDENTITY, both_refuse=True),
]

# Of a registry with the run cf1, which has ended and is not archived.
CHANGED_RUNS = [
    of_run("update-run", "--run-id", "cf1", "--no-archive", "false"),
    of_run("update-run", "--run-id", "cf1", "--no-archive", "-g", "myresourcegroup", spared=True),
    of_run("update-run", "--run-id", "cf1", spared=True),
    of_run("update-run", "--run-id", "cf99", "--no-archive", refused=NO_RUN),
    of_run("cancel-run", "--run-id", RUNNING, "-g", "myresourcegroup"),
]

COMMAND_LINES = [*CREATED, *UPDATED, *STARTED, *RUNS, *LOGINS, *SCHEDULED, *IDENTIFIED, *CHANGED_RUNS]

# What RUNNING is.
SLOW_RUN = {
    "type": "EncodedTaskRunRequest",
    "encodedTaskContent": "c3RlcHM6CiAgLSBjbWQ6IGJhc2ggc2xlZXAgMzAwMAo=",
    "platform": {"os": "linux"},
}
DIGEST = f"app@sha256:{'0' * 64}"
# The run cf1 is its run.
TASK_RUN = {
    "properties": {
        "runRequest": {
            "type": "EncodedTaskRunRequest",
            "encodedTaskContent": "c3RlcHM6CiAgLSBjbWQ6IGJhc2gK",
            "platform": {"os": "linux"},
        }
    }
}
# Command lines that change nothing.
READING = [
    of_run("list-runs"),
    of_run("list-runs", "--top", "3", "-g", "myresourcegroup"),
    of_run("list-runs", "-n", "mytask", "--run-status", "Failed"),
    of_run("list-runs", "--image", DIGEST, "--name", "mytask"),
    of_run("list-runs", "--run-status", "queued", "--top", "100"),
    of_run("show-run", "--run-id", "cf1", "-g", "myresourcegroup"),
    of_run("logs", "--run-id", "cf1", "-g", "myresourcegroup"),
    of_run("logs", "--no-format"),
    of_run("logs", "-n", "mytask"),
    of_run("logs", "--image", DIGEST),
    of_run("logs", "--name", "other", "--run-id", "cf1"),
    CommandLine(("acr", "taskrun", "logs", "-n", "mytaskrun", "--no-format", "-g", "myresourcegroup")),
    timer("list", TIMED, "-g", "myresourcegroup"),
    identity("show", WITH_BOTH_IDENTITIES, "-g", "myresourcegroup"),
]
