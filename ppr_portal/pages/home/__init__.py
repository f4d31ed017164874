"""What each role opens first, and the parts of an agent's home."""
