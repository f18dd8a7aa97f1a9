"""The names of AWS Regions, as botocore's partitions.json lists them."""

from __future__ import annotations

import importlib.resources
import json
from functools import cache


@cache
def known_regions() -> frozenset[str]:
    """Return the names of all Regions of all partitions, pseudo-regions such as aws-global too."""
    data = importlib.resources.files("botocore").joinpath("data/partitions.json").read_bytes()
    return frozenset(name for part in json.loads(data)["partitions"] for name in part["regions"])
