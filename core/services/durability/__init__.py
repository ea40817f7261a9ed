"""Durability: runs that go on where they stood, and steps that are done once."""
