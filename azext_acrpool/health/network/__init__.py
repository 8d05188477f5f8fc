"""What is found about the subnet of a pool: its rules, its routes, its addresses."""
