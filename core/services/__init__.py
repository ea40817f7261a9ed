"""The kernel's side of each concern: runners that wait, limit, trace and record."""
