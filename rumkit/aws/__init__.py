"""What the account holds: monitors, identity pools, roles, policies, metrics."""
