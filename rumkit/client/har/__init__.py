"""Browser recordings: read through an allow-list into the calls that deliver events."""
