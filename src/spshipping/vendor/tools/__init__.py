"""Tools for vendors that nothing else needs; they want the extra `spshipping[vendor-tools]`."""
