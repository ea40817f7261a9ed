"""The demonstration: a real kernel at work on generated data, with real faults."""
