"""The checks: one file per section of the guide."""
