"""Planning: asks for plans, executes them, changes them when reality disagrees."""
