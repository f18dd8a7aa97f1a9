"""The guide's section "AWS token vending (Cognito or STS) fails": one check a file."""
