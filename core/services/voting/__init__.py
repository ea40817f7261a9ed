"""Elections, held and replayed."""
