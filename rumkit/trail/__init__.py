"""CloudTrail, whatever holds it: one schema of rows."""
