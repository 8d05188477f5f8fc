"""Help texts of the commands."""

from __future__ import annotations

from knack.help_files import helps

from ._task_help import TASK_HELPS

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
    looked for first. If the pool exists already as asked, the command succeeds at once; tier, os and subnet of an
    existing pool cannot be changed.
examples:
  - name: Create an agent pool with one instance of the smallest tier.
    text: az acr agentpool create -n mypool -r myregistry
  - name: Create an agent pool with two instances of 4 vCPUs each, and do not wait for it.
    text: az acr agentpool create -n mypool -r myregistry --tier S2 --count 2 --no-wait
  - name: Create an agent pool in a subnet of a network in the registry's resource group.
    text: az acr agentpool create -n mypool -r myregistry --vnet-name myvnet --subnet mysubnet
  - name: Create an agent pool in a subnet anywhere.
    text: >
        az acr agentpool create -n mypool -r myregistry --subnet-id
        /subscriptions/<subscription>/resourceGroups/<group>/providers/Microsoft.Network/virtualNetworks/<vnet>/subnets/<subnet>
"""

helps["acr agentpool update"] = """
type: command
short-summary: Scale an agent pool, or set its tags.
long-summary: Tags replace all that the pool has. A pool in state Failed cannot be changed, only deleted.
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
    rules and routes, and at your permissions. What you may not read is reported as not checked. On a terminal the
    result is a table, the worst first, unless --output or --query is given; --output json has everything, the
    commands that mend a finding among it. The exit code is 1 if there is an error, 0 otherwise.
examples:
  - name: Find out why runs wait for an agent pool.
    text: az acr agentpool check-health -n mypool -r myregistry
  - name: Find out whether a new agent pool would work in a subnet.
    text: az acr agentpool check-health -r myregistry --tier S2 --count 2 --vnet-name myvnet --subnet mysubnet
  - name: Find out whether an agent pool can pull the base images of a Dockerfile.
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
    several conditions, the first that holds ends the wait. The agent pool need not exist yet, but for --updated and
    --idle. Nothing is printed. Exit codes: 0 a condition holds; 1 the agent pool is Failed or Canceled; 2 usage; 3
    there is no such agent pool or registry; 124 --timeout has passed; 130 interrupted.
examples:
  - name: Wait for an agent pool whose creation has begun.
    text: az acr agentpool wait -n mypool -r myregistry --created
  - name: Scale an agent pool down once its last run has ended.
    text: |
        az acr agentpool wait -n mypool -r myregistry --idle --timeout 7200
        az acr agentpool update -n mypool -r myregistry --count 0
  - name: Wait until an agent pool is gone, looking every 30 seconds.
    text: az acr agentpool wait -n mypool -r myregistry --deleted --interval 30
  - name: Wait until an agent pool has two instances.
    text: az acr agentpool wait -n mypool -r myregistry --custom "count==`2` && provisioningState=='Succeeded'"
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
    The exit code is that of the run, whatever its log says: 0 it succeeded, 1 it failed, 4 it was cancelled, 124 it
    exceeded --timeout or --queue-timeout, 130 the command was interrupted, which cancels the run.
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
  - name: Build a folder of a branch of a Git repository for another platform.
    text: >
        az acr build -r myregistry -t sample/hello-world:v1 --platform linux/arm/v7
        https://github.com/Azure-Samples/acr-build-helloworld-node.git#main
  - name: Build an OCI artifact.
    text: az acr build -r myregistry -t sample/hello-world:v1 oci://myregistry.azurecr.io/myartifact:mytag
"""

helps.update(TASK_HELPS)
