"""Help texts of the commands."""

from __future__ import annotations

from knack.help_files import helps

from .autoscale import AUTOSCALE_HELP

__all__ = ["helps"]

helps.update(AUTOSCALE_HELP)

helps["acr agentpool"] = """
type: group
short-summary: Manage dedicated agent pools, on which an Azure Container Registry runs builds and tasks.
"""

helps["acr agentpool create"] = """
type: command
short-summary: Create an agent pool.
long-summary: |
    Needs a Premium registry in a region that offers agent pools, and takes 5 to 13 minutes. What would make it fail is
    looked for first. A pool that exists already gets the count (1 if none is given) and the tags that are asked for;
    without --tags it keeps its own. If it is as asked, the command succeeds at once. Tier, os and subnet of an existing
    pool cannot be changed.
examples:
  - name: Create an agent pool with one instance of the smallest tier.
    text: az acr agentpool create -n mypool -r myregistry
  - name: Create an agent pool with two instances of 4 vCPUs each, and do not wait for it.
    text: az acr agentpool create -n mypool -r myregistry --tier S2 --count 2 --no-wait
  - name: Create an agent pool in a subnet of a network in the registry's resource group.
    text: az acr agentpool create -n mypool -r myregistry --vnet-name myvnet --subnet mysubnet
  - name: Create an agent pool in a subnet of a network in another resource group.
    text: >
        az acr agentpool create -n mypool -r myregistry --vnet-resource-group hub --vnet-name myvnet --subnet mysubnet
  - name: Create an agent pool in a subnet anywhere.
    text: >
        az acr agentpool create -n mypool -r myregistry --subnet-id
        /subscriptions/<subscription>/resourceGroups/<group>/providers/Microsoft.Network/virtualNetworks/<vnet>/subnets/<subnet>
"""

helps["acr agentpool update"] = """
type: command
short-summary: Scale an agent pool, or set its tags.
long-summary: |
    Tags replace all that the pool has. If the pool is as asked already, the command succeeds at once. A pool in state
    Failed cannot be changed, only deleted.
examples:
  - name: Scale an agent pool to five instances.
    text: az acr agentpool update -n mypool -r myregistry --count 5
  - name: Scale an agent pool to zero, so that it costs nothing.
    text: az acr agentpool update -n mypool -r myregistry --count 0
  - name: Tag an agent pool.
    text: az acr agentpool update -n mypool -r myregistry --tags team=build env=test
"""

helps["acr agentpool delete"] = """
type: command
short-summary: Delete an agent pool.
long-summary: |
    Names the tasks and the active runs that use the pool before it asks. When the command returns, the pool is gone; a
    pool that does not exist is a success.
examples:
  - name: Delete an agent pool.
    text: az acr agentpool delete -n mypool -r myregistry
  - name: Delete an agent pool in a script.
    text: az acr agentpool delete -n mypool -r myregistry --yes
"""

helps["acr agentpool check-health"] = """
type: command
short-summary: Find out whether an agent pool works, or a new one would, and what mends it.
long-summary: |
    Looks at the registry, its region, quota and firewall, at the pool, its queue and its runs, at the subnet with its
    rules and routes, and at your permissions; with --file, at a Dockerfile, which the agents must be able to read and
    whose base images the pool must be able to pull. What you may not read is reported as not checked. On a terminal the
    result is a table, the worst first and a line each, unless --output or --query is given, and below it the commands
    that mend what was found, in their order; --verbose shows all that was checked, and whole. --output json has
    everything: `fix` holds the commands, each once and where it is first needed. The exit code is 1 if there is an
    error, 0 otherwise.
examples:
  - name: Find out why runs wait for an agent pool.
    text: az acr agentpool check-health -n mypool -r myregistry
  - name: Find out whether a new agent pool would work in a subnet.
    text: az acr agentpool check-health -r myregistry --tier S2 --count 2 --vnet-name myvnet --subnet mysubnet
  - name: Find out whether an agent pool can build a Dockerfile, and pull its base images.
    text: az acr agentpool check-health -n mypool -r myregistry --file Dockerfile
  - name: List the commands that mend what is wrong with an agent pool.
    text: az acr agentpool check-health -n mypool -r myregistry --query "[?severity=='error'].fix[]" -o tsv
"""

helps["acr agentpool list"] = """
type: command
short-summary: List the agent pools of a registry, or of all registries in the subscription.
examples:
  - name: List the agent pools of a registry in a table.
    text: az acr agentpool list -r myregistry -o table
  - name: List the agent pools of all registries in the subscription.
    text: az acr agentpool list -o table
"""

helps["acr agentpool show"] = """
type: command
short-summary: Show an agent pool, or how many runs are queued for it.
examples:
  - name: Show an agent pool in a table.
    text: az acr agentpool show -n mypool -r myregistry -o table
  - name: Show how many runs are queued for an agent pool.
    text: az acr agentpool show -n mypool -r myregistry --queue-count
"""

helps["acr agentpool wait"] = """
type: command
short-summary: Wait until an agent pool is created, updated, deleted or idle.
long-summary: |
    Resumes the wait for an operation that was begun with --no-wait, or elsewhere, or that Ctrl-C left to go on. Of
    several conditions, the first that holds ends the wait. The agent pool need not exist yet, but somebody must create
    it within a minute. Nothing is printed. Exit codes: 0 a condition holds; 1 the agent pool is Failed or Canceled, or
    cannot be read; 2 usage; 3 there is no such agent pool or registry; 124 --timeout has passed; 130 interrupted.
examples:
  - name: Wait for an agent pool whose creation has begun.
    text: az acr agentpool wait -n mypool -r myregistry --created
  - name: Wait until the last run on an agent pool has ended, so that it can be scaled down.
    text: az acr agentpool wait -n mypool -r myregistry --idle --timeout 7200
  - name: Wait until an agent pool is gone, looking every 30 seconds.
    text: az acr agentpool wait -n mypool -r myregistry --deleted --interval 30
  - name: Wait until an agent pool says that it has two instances.
    text: az acr agentpool wait -n mypool -r myregistry --custom "to_string(count) == '2'"
"""

helps["acr agentpool list-runs"] = """
type: command
short-summary: List the queued and active runs of an agent pool, the oldest first.
long-summary: |
    Each run has two members more than in `az acr task list-runs`: waitedSeconds until an agent took it, or until now,
    and runningSeconds since then.
examples:
  - name: Show which runs wait for an agent pool, and which run on it for how long.
    text: az acr agentpool list-runs -n mypool -r myregistry -o table
  - name: List the runs that have waited for more than ten minutes.
    text: az acr agentpool list-runs -n mypool -r myregistry --query "[?status=='Queued' && waitedSeconds>`600`].runId"
"""

helps["acr build"] = """
type: command
short-summary: Build a container image in Azure and show its log.
long-summary: |
    The exit code is that of the run, whatever its log says: 0 it succeeded, 1 it failed or what became of it is not
    known, 4 it was cancelled, 124 it exceeded --timeout or --queue-timeout, 130 the command was interrupted, which
    cancels the run. 2 and 3 say that the command line is wrong, or names what is not there.
    With --buildkit, --cache or --secret the build is sent as a task that builds with BuildKit; all other options mean
    the same, and so does the result. Values of build arguments are then taken as they are: no shell reads them.
examples:
  - name: Build the current folder and push the image.
    text: az acr build -r myregistry -t sample/hello-world:{{.Run.ID}} .
  - name: Build on a dedicated agent pool.
    text: az acr build -r myregistry -t sample/hello-world:v1 --agent-pool mypool .
  - name: Build without pushing the image.
    text: az acr build -r myregistry -t sample/hello-world:v1 --no-push .
  - name: Build on a pool that is usually empty, and wait ten minutes at most for an agent.
    text: >
        az acr build -r myregistry -t sample/hello-world:v1 --agent-pool mypool --ensure-capacity 1
        --queue-timeout 600 .
  - name: Print the digest of the image, with the log on stderr.
    text: >
        az acr build -r myregistry -t sample/hello-world:v1 --logs stderr --query outputImages[0].digest -o tsv .
  - name: Build in GitHub Actions, with folded steps, and an annotation at the line of the Dockerfile that fails.
    text: az acr build -r myregistry -t sample/hello-world:v1 --annotate github .
  - name: Show the log, and write run ID, status and image digest into a file.
    text: az acr build -r myregistry -t sample/hello-world:v1 --metadata-file build.json .
  - name: Build, and queue the build again, at most twice, if the service or a registry fails for a moment.
    text: az acr build -r myregistry -t sample/hello-world:v1 --retry-infra 2 .
  - name: Queue a build and return its run.
    text: az acr build -r myregistry -t sample/hello-world:v1 --no-wait .
  - name: Push in a registry whose permissions are by repository (ABAC), with your own.
    text: az acr build -r myregistry -t sample/hello-world:v1 --source-acr-auth-id "[caller]" .
  - name: Build a folder of a branch of a Git repository for another platform.
    text: >
        az acr build -r myregistry -t sample/hello-world:v1 --platform linux/arm/v7
        https://github.com/Azure-Samples/acr-build-helloworld-node.git#main
  - name: Build what is committed, from an archive on standard input.
    text: git archive HEAD | az acr build -r myregistry -t sample/hello-world:v1 -
  - name: Build an OCI artifact.
    text: az acr build -r myregistry -t sample/hello-world:v1 oci://myregistry.azurecr.io/myartifact:mytag
  - name: Build a Dockerfile that needs BuildKit.
    text: az acr build -r myregistry -t sample/hello-world:v1 --buildkit .
  - name: Build with BuildKit, and keep the layers beside the image for the next build.
    text: az acr build -r myregistry -t sample/hello-world:{{.Run.ID}} --cache registry .
  - name: Build with a secret from a file, and one from an environment variable.
    text: >
        az acr build -r myregistry -t sample/hello-world:v1 --secret id=npmrc,src=.npmrc
        --secret id=token,env=API_TOKEN .
"""

helps["acr run"] = """
type: command
short-summary: Run a multi-step task once, without creating it, and show its log.
long-summary: The exit code is 0 only if the run succeeded.
examples:
  - name: Run a command in a container.
    text: az acr run -r myregistry --cmd 'mcr.microsoft.com/acr/acr-cli:latest version'
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

helps["acr task create"] = """
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

helps["acr task update"] = """
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

helps["acr task run"] = """
type: command
short-summary: Run a task now and show its log.
long-summary: The exit code is 0 only if the run succeeded.
examples:
  - name: Run a task, on its own agent pool if it has one.
    text: az acr task run -r myregistry -n mytask
  - name: Run a task on its agent pool, which is given an instance for the run if it has none.
    text: az acr task run -r myregistry -n mytask --ensure-capacity 1
  - name: Run a task on the files of the current folder.
    text: az acr task run -r myregistry -n mytask -c . -f Dockerfile
  - name: Run a task with another build argument, and return the finished run instead of its log.
    text: az acr task run -r myregistry -n mytask --arg VERSION=v2 --no-logs
"""

helps["acr task logs"] = """
type: command
short-summary: Show the log of a run, and follow the run until it is over.
long-summary: |
    Without --run-id it is the run that was created last: of the registry, of a task (--name), or of those that pushed
    an image (--image). The exit code says whether the log could be shown; with --exit-status it is the run's.
    To interrupt the command leaves the run alone.
examples:
  - name: Show the log of the last run of the registry.
    text: az acr task logs -r myregistry
  - name: Show the log of the last run of a task.
    text: az acr task logs -r myregistry -n mytask
  - name: Show the log of the last run that pushed an image.
    text: az acr task logs -r myregistry --image hello:v1
  - name: Follow a run, and fail if it does.
    text: az acr task logs -r myregistry --run-id cf1 --exit-status
  - name: Wait for the end of a run, and show the digest of the image that it made.
    text: >
        az acr task logs -r myregistry --run-id cf1 --logs none --exit-status --query outputImages[0].digest -o tsv
"""

helps["acr taskrun logs"] = """
type: command
short-summary: Show the log of the run that a task run led to, and follow the run until it is over.
examples:
  - name: Show the log of a task run.
    text: az acr taskrun logs -r myregistry -n mytaskrun
  - name: Follow the run, and fail if it does.
    text: az acr taskrun logs -r myregistry -n mytaskrun --exit-status
"""

helps["acr task list-runs"] = """
type: command
short-summary: List the newest runs of a registry, or those of a task, of an agent pool, with a status or of an image.
long-summary: |
    A long list is printed as it comes. The table shows how long each run took, how long it waited for an agent, and
    which agent pool it was sent to.
examples:
  - name: List the newest runs.
    text: az acr task list-runs -r myregistry -o table
  - name: List the newest runs of a task.
    text: az acr task list-runs -r myregistry -n mytask -o table
  - name: List the last ten runs that failed on an agent pool.
    text: az acr task list-runs -r myregistry --agent-pool mypool --run-status Failed --top 10 -o table
  - name: List the runs that pushed the image that a tag is now.
    text: az acr task list-runs -r myregistry --image app:v1 -o table
  - name: Get the IDs of all runs that wait for an agent.
    text: az acr task list-runs -r myregistry --run-status Queued --top 10000 --query [].runId -o tsv
"""

helps["acr task show-run"] = """
type: command
short-summary: Show a run.
long-summary: The exit code is 3 if there is no such run, and otherwise 0 however the run ended.
examples:
  - name: Show a run.
    text: az acr task show-run -r myregistry --run-id cf1 -o table
  - name: Get the status of a run.
    text: az acr task show-run -r myregistry --run-id cf1 --query status -o tsv
"""

helps["acr task update-run"] = """
type: command
short-summary: Keep a run, with its log, beyond the time after which the service deletes runs, or do not.
long-summary: A run that is as asked is left as it is. Without --no-archive, nothing is changed.
examples:
  - name: Keep a run.
    text: az acr task update-run -r myregistry --run-id cf1 --no-archive false
"""

helps["acr task cancel-run"] = """
type: command
short-summary: Cancel runs, and see whether they are cancelled.
long-summary: |
    Several runs are cancelled side by side, and each is looked at until it has ended, for at most 20 seconds. The exit
    code is 0 if all were cancelled, by whomever; 1 if one had ended otherwise, or may go on; 3 if it is only that one
    does not exist.
examples:
  - name: Cancel a run.
    text: az acr task cancel-run -r myregistry --run-id cf1
  - name: Cancel two runs at once, and see both cancelled.
    text: az acr task cancel-run -r myregistry --run-id cf1 cf2
"""

helps["acr task credential"] = """
type: group
short-summary: Manage how a task logs in to registries other than its own.
"""

helps["acr task credential add"] = """
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

helps["acr task credential update"] = """
type: command
short-summary: Change how a task logs in to another registry.
examples:
  - name: Change the password.
    text: >
        az acr task credential update -r myregistry -n mytask --login-server otherregistry.azurecr.io
        -u myuser -p mynewpassword
"""

helps["acr task credential remove"] = """
type: command
short-summary: Do not let a task log in to another registry any more.
examples:
  - name: Remove a credential.
    text: az acr task credential remove -r myregistry -n mytask --login-server otherregistry.azurecr.io
"""

helps["acr task timer"] = """
type: group
short-summary: Manage the timers that start a task.
"""

helps["acr task timer add"] = """
type: command
short-summary: Add a timer to a task.
long-summary: >
    The task keeps its agent pool. A timer of that name is changed if there is one.
examples:
  - name: Start a task at 21:00 UTC from Monday to Friday.
    text: az acr task timer add -r myregistry -n mytask --timer-name evening --schedule "0 21 * * 1-5"
  - name: Add a timer that starts nothing yet.
    text: az acr task timer add -r myregistry -n mytask --timer-name evening --schedule "0 21 * * *" --enabled false
"""

helps["acr task timer update"] = """
type: command
short-summary: Change a timer of a task.
long-summary: >
    The task keeps its agent pool, and the timer what is not named.
examples:
  - name: Start the task at another time.
    text: az acr task timer update -r myregistry -n mytask --timer-name evening --schedule "30 22 * * *"
  - name: Let the timer rest.
    text: az acr task timer update -r myregistry -n mytask --timer-name evening --enabled false
"""

helps["acr task timer remove"] = """
type: command
short-summary: Remove a timer from a task.
long-summary: >
    For this the whole task has to be sent. It is read right before, and read and compared afterwards; what the service
    does not give away, as it is secret, would be lost: then the timer stays.
examples:
  - name: Remove a timer.
    text: az acr task timer remove -r myregistry -n mytask --timer-name evening
"""

helps["acr task timer list"] = """
type: command
short-summary: List the timers of a task.
examples:
  - name: List the timers of a task.
    text: az acr task timer list -r myregistry -n mytask -o table
"""

helps["acr task identity"] = """
type: group
short-summary: Manage the managed identities of a task.
"""

helps["acr task identity assign"] = """
type: command
short-summary: Give a task managed identities.
long-summary: >
    The task keeps the identities of a kind only if one of that kind is named. Without [system] it loses its own
    identity and the roles that this was given, and without resource IDs all user-assigned ones. A warning says so.
    [all] leaves it none.
examples:
  - name: Give a task an identity of its own, in place of its user-assigned ones.
    text: az acr task identity assign -r myregistry -n mytask
  - name: Give a task an identity of its own and a user-assigned one, by its resource ID, beside those that it has.
    text: az acr task identity assign -r myregistry -n mytask --identities [system] "$IDENTITY_ID"
"""

helps["acr task identity remove"] = """
type: command
short-summary: Take managed identities from a task. The others stay.
examples:
  - name: Take the task's own identity from it.
    text: az acr task identity remove -r myregistry -n mytask
  - name: Take all identities from a task.
    text: az acr task identity remove -r myregistry -n mytask --identities [all]
"""

helps["acr task identity show"] = """
type: command
short-summary: Show the managed identities of a task.
examples:
  - name: Show the identities of a task.
    text: az acr task identity show -r myregistry -n mytask -o table
"""
