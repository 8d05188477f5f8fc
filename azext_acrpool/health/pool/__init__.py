"""What is found about a pool itself: its state, its size, its queue, what a new one may be."""
