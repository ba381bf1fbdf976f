"""The models of Vendor Orders v1."""
