"""The models of Orders v0, by family."""
