"""Following a run: its log as it grows, its status until it is final."""
