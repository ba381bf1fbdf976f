"""The models of Orders 2026-01-01, by family."""
