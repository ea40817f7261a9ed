"""Contracts: what a data set should look like, and how reality drifts from it."""
