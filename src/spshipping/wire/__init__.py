"""What travels: models, open enums, exact numbers, aware times, and the converter."""
