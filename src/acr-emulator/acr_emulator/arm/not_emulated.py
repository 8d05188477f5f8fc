"""The one error for all that Azure has and the emulator has not."""

from __future__ import annotations

from ..not_emulated import explanation
from ..world.documents import resource_type
from .errors import ArmError

__all__ = ["is_known_to_azure", "not_emulated"]

REGISTRY_PARTS = """
archives cacherules connectedregistries credentialsets exportpipelines generatecredentials importimage importpipelines
listpolicies packages pipelineruns privateendpointconnections privatelinkresources replications scopemaps tokens
updatepolicies webhooks
"""
"""What Azure has below a registry, and operations on one, that are not here (published specification)."""


def is_known_to_azure(registry_part: str) -> bool:
    """Whether Azure has something of this name below a registry that the emulator has not."""
    return registry_part.lower() in REGISTRY_PARTS.split()


def not_emulated(method: str, path: str) -> ArmError:
    """The refusal of a request for what is not here: 501, which neither az nor Azure's SDKs send again."""
    return ArmError(501, "NotEmulated", explanation(f"{method} of {resource_type(path) or path}"))
