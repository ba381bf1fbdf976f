"""What crosses the wire: models, open enums, exact numbers, aware times, and the converter."""
