"""Measurements of this package against what one would use instead; `make bench` runs them."""
