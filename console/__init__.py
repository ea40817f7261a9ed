"""The console: commands for the shell, and screens to watch agents at work."""
