"""`spshipping vendor`: purchase orders imported, listed, acknowledged and shipped."""
