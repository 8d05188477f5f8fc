"""The client layer's ArmClient, made from az's login."""

from __future__ import annotations

from typing import Any

from ..client.arm import ArmClient

__all__ = ["arm_client"]


def arm_client(cli_ctx: Any) -> ArmClient:
    """For the subscription that az's command line or its current account names."""
    from azure.cli.core.commands.client_factory import get_mgmt_service_client, get_subscription_id
    from azure.cli.core.profiles import ResourceType

    return ArmClient(
        get_mgmt_service_client(cli_ctx, ResourceType.MGMT_CONTAINERREGISTRYTASKS), get_subscription_id(cli_ctx)
    )
