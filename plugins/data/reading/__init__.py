"""Reading files: what they are, how they are written, and their rows as they stand."""
