"""`az acr build`, `az acr run`, and what every command that queues a run does: source, pool, queue, follow, end."""
