"""Do the subnet's rules and routes let a pool pull the base images of a Dockerfile?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..facts import Dockerfile, Facts, RegistryFacts
from ..findings import Finding, Opening, Severity, not_checked
from ..fixes import registry_command
from ..network.intervals import parse_addresses
from ..network.nsg import Decision, Verdict
from ..network.outbound import ALLOW_BEFORE, NO_ROOM_BEFORE, describe_decisions
from ..network.pool_network import PoolNetwork, find_network
from ..network.routes import Hop
from ..network.service_tags import Destination
from .dockerfile import BaseImage, registry_host, repository_path, required_images

__all__ = ["check_base_images", "registry_destinations"]

_AZURE_SUFFIXES = (".azurecr.io", ".azurecr.us", ".azurecr.cn")
_ENDPOINTS = {"Storage": "Microsoft.Storage", "AzureContainerRegistry": "Microsoft.ContainerRegistry"}


def registry_destinations(host: str, region: str = "") -> tuple[Destination, ...]:
    """What must be reachable to pull from a registry; `region` is where an Azure registry is, "" if unknown.

    Sources: Microsoft's client firewall rules for MCR and for container registries. Other registries are hosts of the
    internet, of whose addresses nothing is known.
    """
    name = host.partition(":")[0]
    if name == "mcr.microsoft.com":
        tags = ("MicrosoftContainerRegistry", "AzureFrontDoor.FirstParty")
        return tuple(Destination(tag, tag) for tag in tags)
    if name.endswith(_AZURE_SUFFIXES):
        return tuple(Destination(tag, tag, region) for tag in ("AzureContainerRegistry", "Storage"))
    if address := parse_addresses([name]):
        return (Destination(name, addresses=address),)
    return (Destination(name),)


@dataclass(frozen=True)
class _Pull:
    """Images of one registry, and where in the Dockerfile they are named."""

    host: str
    images: tuple[BaseImage, ...]
    dockerfile: Dockerfile
    destinations: tuple[Destination, ...]

    @property
    def check(self) -> str:
        return f"Base images: {self.host}"

    @property
    def evidence(self) -> str:
        return ", ".join(f"{self.dockerfile.name}:{image.line} {image.reference}" for image in self.images)

    @property
    def port(self) -> int:
        port = self.host.partition(":")[2]
        return int(port) if port.isdigit() else 443


def check_base_images(facts: Facts) -> Iterator[Finding]:
    """One finding for each registry that the Dockerfile needs, none without a Dockerfile."""
    if facts.dockerfile is None:
        return
    by_host: dict[str, list[BaseImage]] = {}
    for image in required_images(facts.dockerfile.text, facts.dockerfile.build.arguments):
        if image.unresolved:
            yield _unresolved(facts.dockerfile, image)
        else:
            by_host.setdefault(registry_host(image.reference), []).append(image)
    for host, images in by_host.items():
        destinations = registry_destinations(host, facts.region if _is_own(facts, host) else "")
        yield _check_pull(facts, _Pull(host, tuple(images), facts.dockerfile, destinations))


def _unresolved(dockerfile: Dockerfile, image: BaseImage) -> Finding:
    names = ", ".join(image.unresolved)
    why = f"{dockerfile.name} line {image.line} takes its image from build argument {names}"
    evidence = f"{dockerfile.name}:{image.line}"
    return not_checked(code="BaseImageNotChecked", check="Base images", why=why, evidence=evidence)


def _is_own(facts: Facts, host: str) -> bool:
    return isinstance(facts.registry, RegistryFacts) and host == facts.registry.login_server.lower()


def _check_pull(facts: Facts, pull: _Pull) -> Finding:
    network = find_network(facts)
    if not facts.in_vnet:
        message = f"The pool is not in a virtual network of yours: nothing there is in the way to {pull.host}."
        return _reachable(pull, message, pull.evidence)
    if isinstance(facts.registry, RegistryFacts) and facts.registry.private_endpoints and _is_own(facts, pull.host):
        return _reachable(pull, f"The pool reaches {pull.host} over its private endpoint.", pull.evidence)
    if network is None or (network.filtered and network.nsg is None) or network.routes is None:
        why = f"whether the pool reaches {pull.host}, because its network could not be read"
        return not_checked(code="BaseImageNotChecked", check=pull.check, why=why, evidence=pull.evidence)
    return _judge(facts, network, pull)


def _reachable(pull: _Pull, message: str, evidence: str) -> Finding:
    return Finding(
        code="BaseImagesReachable", severity=Severity.OK, check=pull.check, message=message, evidence=evidence
    )


def _judge(facts: Facts, network: PoolNetwork, pull: _Pull) -> Finding:
    decisions = {destination: network.decide(destination, pull.port) for destination in pull.destinations}
    evidence = pull.evidence
    if network.nsg:
        evidence += f"; {describe_decisions(network.nsg, list(decisions.values()))}"
    verdicts = {decision.verdict for decision in decisions.values()}
    is_own = _is_own(facts, pull.host)
    openings, copy = _open(network, pull, decisions), "" if is_own else _advise_copy(facts, pull)
    hops = {way.hop for there in pull.destinations for way in network.ways(there, _ENDPOINTS.get(there.tag, ""))}
    if Verdict.DENY in verdicts:
        return Finding(
            code="BaseImagesBlocked",
            severity=Severity.ERROR,
            check=pull.check,
            message=f"The network security group blocks {pull.host}: the build cannot pull its base image.",
            evidence=evidence,
            recommendation=_either(ALLOW_BEFORE, copy),
            brief=f"'{network.nsg.id.name}' blocks " if network.nsg else "",
            subjects=(pull.host,),
            openings=openings,
            otherwise=_either(NO_ROOM_BEFORE, copy),
        )
    if hops <= {Hop.NONE, Hop.VNET}:
        return Finding(
            code="BaseImagesBlocked",
            severity=Severity.ERROR,
            check=pull.check,
            message=f"The routes drop what is sent to {pull.host}: the build cannot pull its base image.",
            evidence=evidence,
            recommendation=_send_straight(pull) if is_own else copy[:1].upper() + copy[1:],
            brief="The routes drop ",
            subjects=(pull.host,),
        )
    if verdicts == {Verdict.ALLOW} and hops <= {Hop.INTERNET, Hop.ENDPOINT}:
        return _reachable(pull, f"The pool reaches {pull.host}.", evidence)
    return Finding(
        code="BaseImagesMayBeBlocked",
        severity=Severity.WARNING,
        check=pull.check,
        message=f"Whether the pool reaches {pull.host} cannot be told: not all of its addresses are let through, or a"
        " firewall or gateway decides.",
        evidence=evidence,
        recommendation=_either("Make sure that it is allowed.", copy),
        brief="Whether these can be reached cannot be told: ",
        subjects=(pull.host,),
        openings=openings,
        otherwise=_either(NO_ROOM_BEFORE, copy),
    )


def _open(network: PoolNetwork, pull: _Pull, decisions: dict[Destination, Decision]) -> tuple[Opening, ...]:
    """Rules for the registry's service tags; for a host of the internet, `Internet` is the only tag that fits."""
    if network.nsg is None:
        return ()
    openings = []
    for destination, decision in decisions.items():
        if decision.obstacles:
            tag = destination.tag or ("" if parse_addresses([destination.name]) else "Internet")
            name = f"Pull{tag.replace('.', '') or 'Registry'}"
            openings.append(Opening(name, (tag or destination.name,), (pull.port,), decision.obstacles[0]))
    return tuple(openings)


def _either(advice: str, copy: str) -> str:
    """What is to be done, or to be done without: an image of the pool's own registry is where a copy would be."""
    return f"{advice} Or {copy}" if copy else advice


def _send_straight(pull: _Pull) -> str:
    tags = " and ".join(destination.tag for destination in pull.destinations)
    return f"Send {tags} straight to Azure, by a route for each of these service tags."


def _advise_copy(facts: Facts, pull: _Pull) -> str:
    """How to do without the other registry: not a fix by itself, as the Dockerfile must name the copy then."""
    commands = (
        registry_command(facts, "acr import", "--source", f"{pull.host}/{path}", "--image", path.partition("@")[0])
        for path in (repository_path(image.reference) for image in pull.images)
    )
    return f"copy the image into this registry and build on the copy: {'; '.join(commands)}"
