"""What a reasoner works with: its desk, tools and models."""
