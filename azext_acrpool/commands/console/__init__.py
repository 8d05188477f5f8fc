"""What a user sees and types: lines on stderr, logs and results on stdout, errors, interruptions."""
