"""Getting from Azure the facts that the checks look at. The checks themselves ask nothing."""
