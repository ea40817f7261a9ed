"""Detection on the engine: tables for detectors, their flags, the bulk vote, and its verdicts."""
