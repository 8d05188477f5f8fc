"""What Go's libraries do, where the agent's answers depend on it: templates, sprig's functions, YAML.

Knows nothing of the agent or of the emulator.
"""
