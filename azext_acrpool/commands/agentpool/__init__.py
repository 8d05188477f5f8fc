"""`az acr agentpool`: agent pools themselves."""
