"""Feeds: how the console reads a store, a page at a time."""
