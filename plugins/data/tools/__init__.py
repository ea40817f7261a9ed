"""The tools of the data pipeline."""
