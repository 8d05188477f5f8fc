"""Azure Resource Manager, as far as registries, agent pools, tasks and runs need it."""
