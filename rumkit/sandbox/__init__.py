"""A small AWS for RUM on loopback."""
