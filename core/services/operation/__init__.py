"""The services for operation: checks, figures, alerts and restarts."""
