"""The namespaces of Azure's resource providers, to tell one that is not emulated from one that does not exist."""

from __future__ import annotations

__all__ = ["is_azure_namespace"]

NAMES = """
AAD AADIAM AVS AlertsManagement AnalysisServices ApiCenter ApiManagement App AppConfiguration AppPlatform
Attestation Authorization Automation AzureActiveDirectory AzureArcData AzureStack AzureStackHCI Batch Billing
BotService Cache Capacity Cdn CertificateRegistration Chaos ClassicCompute ClassicNetwork ClassicStorage
CognitiveServices Communication Compute Confluent ConnectedCache ConnectedVMwarevSphere Consumption
ContainerInstance ContainerRegistry ContainerService CostManagement CustomProviders DBforMariaDB DBforMySQL
DBforPostgreSQL Dashboard DataBox DataBoxEdge DataFactory DataLakeAnalytics DataLakeStore DataMigration
DataProtection DataShare Databricks Datadog DesktopVirtualization DevCenter DevHub DevOpsInfrastructure
DevTestLab Devices DeviceUpdate DigitalTwins DocumentDB DomainRegistration EdgeOrder Elastic ElasticSan
EventGrid EventHub ExtendedLocation Fabric Features GuestConfiguration HDInsight HealthBot HealthcareApis
HybridCompute HybridContainerService HybridNetwork ImportExport Insights IoTCentral KeyVault Kubernetes
KubernetesConfiguration Kusto LabServices LoadTestService Logic MachineLearningServices Maintenance
ManagedIdentity ManagedServices Management Maps Marketplace MarketplaceOrdering Media Migrate MixedReality
MobileNetwork Monitor NetApp Network NetworkFunction NotificationHubs OperationalInsights OperationsManagement
Orbital Peering PolicyInsights Portal PowerBIDedicated Purview Quantum Quota RecoveryServices RedHatOpenShift
Relay ResourceConnector ResourceGraph ResourceHealth ResourceNotifications Resources Search Security
SecurityInsights SerialConsole ServiceBus ServiceFabric ServiceLinker SignalRService Solutions Sql
SqlVirtualMachine Storage StorageCache StorageMover StorageSync StreamAnalytics Subscription Support Synapse
TimeSeriesInsights VideoIndexer VirtualMachineImages Web Workloads
"""
NAMESPACES = frozenset(f"microsoft.{name.lower()}" for name in NAMES.split())


def is_azure_namespace(namespace: str) -> bool:
    """Whether Azure has a provider of that name (documented: "Resource providers for Azure services"; a selection)."""
    return namespace.lower() in NAMESPACES
