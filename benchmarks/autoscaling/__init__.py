"""What ways of scaling an agent pool are compared on: histories of runs, a clairvoyant, and two other autoscalers."""
