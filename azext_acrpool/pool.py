"""An agent pool: what is known of it, and what its state means. The sizes of its instances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from .wording import az_command, counted

__all__ = ["DEFAULT_VCPU_QUOTA", "TIERS", "Pool", "Tier", "agentpool_command", "find_tier"]


@dataclass(frozen=True)
class Tier:
    """One size. `vcpus` and `memory_gib` are those of one instance; isolated tiers have a quota of their own."""

    name: str
    vcpus: int
    memory_gib: int
    isolated: bool = False


# How-to page, "Pool tiers".
TIERS = {
    tier.name: tier
    for tier in (Tier("S1", 2, 3), Tier("S2", 4, 8), Tier("S3", 8, 16), Tier("I6", 64, 216, isolated=True))
}

# vCPUs of all pools of a registry together, by whether the tier is isolated. A support request raises them, and no
# service call tells what a registry's quota is: so going over is a warning, never a refusal.
DEFAULT_VCPU_QUOTA = {False: 16, True: 0}


def find_tier(name: str) -> Tier | None:
    """The tier `name` in any case, None if there is none."""
    return TIERS.get(name.upper())


_CHANGING = ("creating", "updating", "deleting")


@dataclass(frozen=True)
class Pool:
    """An agent pool that exists, or one that is wanted.

    `registry` is the name of its registry, `count` its number of instances, `state` ARM's provisioningState, "" for a
    pool that is only wanted. `tags` None: none were asked for. `modified` is when its last change was asked for, be it
    its creation (recorded: systemData.lastModifiedAt), None where that is not known.

    States (SDK): Creating, Updating, Deleting, Succeeded, Failed, Canceled. Canceled says that the last change was
    broken off: nothing is under way, the pool may have fewer instances than its count says, and the change can be
    asked for again.
    """

    name: str
    registry: str
    tier: str
    count: int
    state: str = ""
    os: str = "Linux"
    subnet_id: str | None = None
    tags: Mapping[str, str] | None = None
    modified: datetime | None = field(default=None, compare=False)

    @property
    def is_changing(self) -> bool:
        """Whether the service is creating, scaling, tagging or deleting it."""
        return self.state.lower() in _CHANGING

    @property
    def is_ready(self) -> bool:
        """Whether it is what it says, and nothing is being done to it."""
        return self.state.lower() == "succeeded"

    @property
    def is_being_deleted(self) -> bool:
        """Whether it is being deleted."""
        return self.state.lower() == "deleting"

    @property
    def is_failed(self) -> bool:
        """Whether it is in the state out of which only deleting leads (service: RegistryStatusConflict)."""
        return self.state.lower() == "failed"

    @property
    def was_canceled(self) -> bool:
        """Whether its last change was broken off, so that it may not be what it says."""
        return self.state.lower() == "canceled"

    @property
    def doubt(self) -> str:
        """Why it may not be what it says, as a clause; "" if there is no reason.

        >>> Pool("mypool", "myregistry", "S1", 0, state="Canceled").doubt
        'its last change was broken off, so that it may have some instances left'
        """
        if not self.was_canceled:
            return ""
        other = f"fewer than {self.instances}" if self.count else "some instances left"
        return f"its last change was broken off, so that it may have {other}"

    @property
    def takes_runs(self) -> bool:
        """Whether its agents take runs, at the latest when what is being done to it is done."""
        return self.count > 0 and not self.is_failed and not self.is_being_deleted

    @property
    def can_be_changed(self) -> bool:
        """Whether the service accepts a change now."""
        return not self.is_changing and not self.is_failed

    @property
    def vcpus(self) -> int | None:
        """vCPUs of all its instances, None if its tier is not known."""
        tier = find_tier(self.tier)
        return None if tier is None else tier.vcpus * self.count

    @property
    def instances(self) -> str:
        """How many instances it has, in words."""
        return counted(self.count, "instance")

    def tag(self, name: str) -> str | None:
        """The value of the tag `name`, None if there is none: an empty one is there. Names of tags have no case."""
        return next((value for own, value in (self.tags or {}).items() if own.lower() == name.lower()), None)

    def tags_besides(self, name: str) -> dict[str, str]:
        """All its tags but for `name`, in any case."""
        return {own: value for own, value in (self.tags or {}).items() if own.lower() != name.lower()}

    def az_command(self, verb: str, *arguments: str) -> str:
        """The command `az acr agentpool VERB` about this pool."""
        return agentpool_command(self.registry, self.name, verb, *arguments)

    def __str__(self) -> str:
        """For messages: name and number of instances."""
        return f"agent pool {self.name} ({self.instances})"


def agentpool_command(registry: str, name: str, verb: str, *arguments: str) -> str:
    """The command `az acr agentpool VERB` about a pool of which only the name is known.

    The verb does not come first: azdev takes every call that begins with "show" for a registration.

    >>> agentpool_command("myregistry", "mypool", "update", "--count", "1")
    'az acr agentpool update -r myregistry -n mypool --count 1'
    """
    return az_command(f"acr agentpool {verb}", "-r", registry, "-n", name, *arguments)
