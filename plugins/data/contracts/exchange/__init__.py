"""Contracts in the formats that other tools have."""
