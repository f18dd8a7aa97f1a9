"""The guide's section "CloudWatch RUM returns 403": one check a file."""
