"""Reflection: keeps experiences, has them reflected upon, keeps and applies what was learned."""
