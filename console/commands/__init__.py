"""The commands of `dataagents`, one module each."""
