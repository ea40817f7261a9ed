"""Hosting: kernels inside the console's own process, each in a thread of its own."""
