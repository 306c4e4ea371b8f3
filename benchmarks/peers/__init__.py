"""One module per peer; each runs in a process of its own and prints one JSON line."""
