"""The models of Vendor Shipments v1."""
