"""Help texts of the commands."""

from __future__ import annotations

from knack.help_files import helps

__all__ = ["helps"]

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
