"""A configuration change as a sentence."""

from __future__ import annotations

from rumkit.trail.changed import describe_change


def test_a_pool_whose_roles_were_taken_away_says_so() -> None:
    taken = {"identityPoolId": "eu-west-1:1", "roles": {}}
    said = describe_change("cognito-identity.amazonaws.com", "SetIdentityPoolRoles", taken)
    assert said == "identity pool eu-west-1:1 roles set: none"
