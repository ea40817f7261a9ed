"""Auctions, allocations and contracts, held and replayed."""
