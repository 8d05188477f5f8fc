"""A thin layer over Azure Resource Manager. Prints nothing, reads no clock of its own, knows nothing of `az`."""
