"""Help texts of `az acr agentpool autoscale`."""

from __future__ import annotations

from typing import Final

__all__ = ["AUTOSCALE_HELP"]

AUTOSCALE_HELP: Final[dict[str, str]] = {
    "acr agentpool autoscale": """
type: group
short-summary: Let an agent pool be as large as its queue needs.
long-summary: |
    The policy is a tag of the agent pool. Builds, runs and task runs that are sent with this extension scale the pool
    out themselves; whoever runs `az acr agentpool autoscale run` scales it out and in.
""",
    "acr agentpool autoscale enable": """
type: command
short-summary: Give an agent pool an autoscale policy, or another one.
long-summary: |
    The options say the whole policy: what is left out is as by default, whatever the pool's policy was before. Other
    tags of the pool stay. A pool that has this policy already is left as it is. Nothing is scaled by this; that is
    done by evaluations.
examples:
  - name: Let an agent pool have up to four instances, and none when it has nothing to do.
    text: az acr agentpool autoscale enable -n mypool -r myregistry --max-count 4
  - name: Keep an instance in office hours, and scale in after half an hour.
    text: >
        az acr agentpool autoscale enable -n mypool -r myregistry --max-count 4 --idle-minutes 30
        --schedule "Mon-Fri 07:30-18:00 Europe/Berlin min=1"
  - name: Use a quota that Azure has raised.
    text: az acr agentpool autoscale enable -n mypool -r myregistry --max-count 12 --vcpu-quota 32
""",
    "acr agentpool autoscale disable": """
type: command
short-summary: Take the autoscale policy of an agent pool away.
long-summary: |
    The pool keeps the instances that it has, which are paid for until it is scaled in. A pool without a policy is a
    success.
examples:
  - name: Take the policy of an agent pool away.
    text: az acr agentpool autoscale disable -n mypool -r myregistry
""",
    "acr agentpool autoscale show": """
type: command
short-summary: Show the autoscale policy of an agent pool, what it would do now and why, and the last day with it.
long-summary: |
    `now` is what an evaluation would come to; nothing is changed. `lastDay` is what the policy would have made of the
    runs of the last 24 hours. A pool without a policy is no error: `enabled` is false. The exit code is 1 if the policy
    cannot be read or followed.
examples:
  - name: Show the policy of an agent pool in a table.
    text: az acr agentpool autoscale show -n mypool -r myregistry -o table
  - name: Show what an evaluation would do now, and why.
    text: az acr agentpool autoscale show -n mypool -r myregistry --query "now.[action, targetCount, reason]"
""",
    "acr agentpool autoscale run": """
type: command
short-summary: Scale the agent pools of a registry as their policies say.
long-summary: |
    Evaluates the policies once, or again and again. It does not matter how many do so, when, and from where.
    The exit code is 1 if a policy could not be followed: the reason is said, and the other pools are evaluated all the
    same.
examples:
  - name: Scale all agent pools of a registry that have a policy.
    text: az acr agentpool autoscale run -r myregistry
  - name: Show what would be done with an agent pool, and why.
    text: az acr agentpool autoscale run -r myregistry -n mypool --what-if
  - name: Go on for ever, with an evaluation every 30 seconds.
    text: az acr agentpool autoscale run -r myregistry --loop --interval 30
""",
    "acr agentpool autoscale deploy": """
type: command
short-summary: Have a registry evaluate the autoscale policies of its agent pools itself, by a task on a timer.
long-summary: |
    Creates a task that runs `az acr agentpool autoscale run` on shared agents, with an identity of its own that has a
    role on this registry only. What the task costs a month is said. A registry that is closed to shared agents is
    refused: docs/autoscale.md says what to use instead.
examples:
  - name: Evaluate every ten minutes.
    text: >
        az acr agentpool autoscale deploy -r myregistry
        --extension-source https://example.com/acrpool-0.1.0-py3-none-any.whl
  - name: Evaluate every hour.
    text: >
        az acr agentpool autoscale deploy -r myregistry --every 1h
        --extension-source https://example.com/acrpool-0.1.0-py3-none-any.whl
""",
    "acr agentpool autoscale undeploy": """
type: command
short-summary: Remove the task that evaluates the autoscale policies of a registry, and its role.
long-summary: |
    The policies stay. Without another who evaluates them, nothing is scaled in any more.
examples:
  - name: Remove the task.
    text: az acr agentpool autoscale undeploy -r myregistry
  - name: Remove the task in a script.
    text: az acr agentpool autoscale undeploy -r myregistry --yes
""",
    "acr agentpool autoscale status": """
type: command
short-summary: Show the task that evaluates the autoscale policies of a registry, and how its last run ended.
examples:
  - name: Show the task in a table.
    text: az acr agentpool autoscale status -r myregistry -o table
""",
}
