"""What happens between requests: pool operations, runs on agents, timer triggers."""
