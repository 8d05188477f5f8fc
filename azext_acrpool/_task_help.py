"""Help texts of `az acr run` and of the `az acr task` commands."""

from __future__ import annotations

__all__ = ["TASK_HELPS"]

TASK_HELPS: dict[str, str] = {}

TASK_HELPS["acr run"] = """
type: command
short-summary: Run a multi-step task once, without creating it, and show its log.
long-summary: The exit code is 0 only if the run succeeded.
examples:
  - name: Run a command in a container.
    text: az acr run -r myregistry --cmd 'mcr.microsoft.com/acr/acr-cli:latest version' /dev/null
  - name: Run the task file of the current folder on a dedicated agent pool.
    text: az acr run -r myregistry --agent-pool mypool -f acb.yaml .
  - name: Run a task file from standard input, without a source.
    text: cat task.yaml | az acr run -r myregistry -f - /dev/null
  - name: Run a task file of a Git repository, with a value and a secret one.
    text: >
        az acr run -r myregistry -f task.yaml --set version=v1 --set-secret key=mykey
        https://github.com/Azure-Samples/acr-tasks.git
  - name: Queue a run and return it.
    text: az acr run -r myregistry --no-wait -f task.yaml oci://myregistry.azurecr.io/myartifact:mytag
"""

TASK_HELPS["acr task create"] = """
type: command
short-summary: Create a task, which runs on a schedule, on commits, on new base images, or when it is told to.
long-summary: |
    A task of the same name is replaced. The agent pool must exist. Cron expressions are checked, and the next three
    times shown, before anything is sent.
examples:
  - name: Build an image on a dedicated agent pool every day at 21:00 UTC.
    text: |
        az acr task create -r myregistry -n mytask --agent-pool mypool -t myimage:{{.Run.ID}} \\
            -c https://github.com/Azure-Samples/acr-build-helloworld-node.git#main -f Dockerfile \\
            --schedule "0 21 * * *" --commit-trigger-enabled false
  - name: Build an image on every commit and pull request.
    text: |
        az acr task create -r myregistry -n mytask -t myimage:{{.Run.ID}} -f Dockerfile \\
            -c https://github.com/myorg/myrepo.git --pull-request-trigger-enabled true --git-access-token mytoken
  - name: Run a command at the top of every hour from Monday to Friday, with a timer of your own naming.
    text: |
        az acr task create -r myregistry -n mytask --cmd '$Registry/myimage' -c /dev/null \\
            --schedule "hourly:0 * * * Mon-Fri"
  - name: Run a task file of a repository with a system-assigned and a user-assigned managed identity.
    text: >
        az acr task create -r myregistry -n mytask -f task.yaml --commit-trigger-enabled false
        -c https://github.com/Azure-Samples/acr-tasks.git --assign-identity [system]
        /subscriptions/<subscription>/resourceGroups/<group>/providers/Microsoft.ManagedIdentity/userAssignedIdentities/<id>
  - name: Create a task from standard input.
    text: cat task.yaml | az acr task create -r myregistry -n mytask -f - -c /dev/null
"""

TASK_HELPS["acr task update"] = """
type: command
short-summary: Change a task.
long-summary: What is not named stays as it is, the agent pool included.
examples:
  - name: Move a task to a dedicated agent pool.
    text: az acr task update -r myregistry -n mytask --agent-pool mypool
  - name: Take a task off its agent pool, so that it runs on agents shared by all registries.
    text: az acr task update -r myregistry -n mytask --agent-pool ""
  - name: Disable a task.
    text: az acr task update -r myregistry -n mytask --status Disabled
  - name: Change the Git repository and branch of a task.
    text: az acr task update -r myregistry -n mytask -c https://github.com/myorg/myrepo.git#release
"""

TASK_HELPS["acr task run"] = """
type: command
short-summary: Run a task now and show its log.
long-summary: The exit code is 0 only if the run succeeded.
examples:
  - name: Run a task, on its own agent pool if it has one.
    text: az acr task run -r myregistry -n mytask
  - name: Run a task on another agent pool than its own, this time.
    text: az acr task run -r myregistry -n mytask --agent-pool otherpool
  - name: Run a task on the files of the current folder.
    text: az acr task run -r myregistry -n mytask -c . -f Dockerfile
  - name: Run a task with another build argument, and return the finished run instead of its log.
    text: az acr task run -r myregistry -n mytask --arg VERSION=v2 --no-logs
"""

TASK_HELPS["acr task credential"] = """
type: group
short-summary: Manage how a task logs in to registries other than its own.
"""

TASK_HELPS["acr task credential add"] = """
type: command
short-summary: Let a task log in to another registry.
examples:
  - name: Add a user name and a password.
    text: >
        az acr task credential add -r myregistry -n mytask --login-server otherregistry.azurecr.io
        -u myuser -p mypassword
  - name: Add a user name and a password that are in a key vault, which the task's system-assigned identity reads.
    text: >
        az acr task credential add -r myregistry -n mytask --login-server otherregistry.azurecr.io
        -u https://myvault.vault.azure.net/secrets/user -p https://myvault.vault.azure.net/secrets/password
        --use-identity [system]
  - name: Log in with the task's system-assigned identity itself.
    text: >
        az acr task credential add -r myregistry -n mytask --login-server otherregistry.azurecr.io
        --use-identity [system]
"""

TASK_HELPS["acr task credential update"] = """
type: command
short-summary: Change how a task logs in to another registry.
examples:
  - name: Change the password.
    text: >
        az acr task credential update -r myregistry -n mytask --login-server otherregistry.azurecr.io
        -u myuser -p mynewpassword
"""

TASK_HELPS["acr task credential remove"] = """
type: command
short-summary: Do not let a task log in to another registry any more.
examples:
  - name: Remove a credential.
    text: az acr task credential remove -r myregistry -n mytask --login-server otherregistry.azurecr.io
"""
