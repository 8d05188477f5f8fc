"""`az acr task`: tasks, which bring their own definition, triggers and agent pool."""
