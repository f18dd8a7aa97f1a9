"""rumkit finds out why CloudWatch RUM data does not arrive."""
