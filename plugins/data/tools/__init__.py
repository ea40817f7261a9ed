"""The four tools of the data pipeline."""
