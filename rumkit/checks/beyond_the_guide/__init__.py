"""What the guide does not have: one check a file."""
