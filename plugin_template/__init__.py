"""The template of a plugin, which `dataagents new-plugin` copies: files, not code."""
