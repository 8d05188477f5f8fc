"""`az acr agentpool autoscale`: agent pools that are as large as their queues need."""
