"""Where a person reads on: pages that several checks link to, or the folders that hold them."""

from __future__ import annotations

from typing import Final

_CLIENT: Final = "https://github.com/aws-observability/aws-rum-web"
CLIENT_DOCS: Final = f"{_CLIENT}/blob/main/docs"
CLIENT_OPTIONS: Final = f"{CLIENT_DOCS}/configuration.md"
CLIENT_ISSUES: Final = f"{_CLIENT}/issues"
MONITORING: Final = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring"
RUM_API: Final = "https://docs.aws.amazon.com/cloudwatchrum/latest/APIReference"
COGNITO_GUIDE: Final = "https://docs.aws.amazon.com/cognito/latest/developerguide"
COGNITO_API: Final = "https://docs.aws.amazon.com/cognitoidentity/latest/APIReference"
CSP: Final = (
    "https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy"
)
