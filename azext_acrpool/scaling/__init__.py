"""How large a pool should be: policies, what its runs need, and what follows from both. Pure."""
