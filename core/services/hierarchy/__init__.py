"""Delegation, to one agent or down a tree of them."""
