"""Domains and problems that people write as YAML, compiled to plain operators and methods."""
