"""AWS IAM, as far as roles and their policies go."""

from rumkit.sandbox.iam import (
    account_operations,
    attached_operations,
    inline_operations,
    managed_operations,
    role_operations,
)
from rumkit.sandbox.iam.asked import checked

_UNCHECKED = {
    **role_operations.OPERATIONS,
    **inline_operations.OPERATIONS,
    **managed_operations.OPERATIONS,
    **attached_operations.OPERATIONS,
    **account_operations.OPERATIONS,
}
OPERATIONS = {name: checked(name, operation) for name, operation in _UNCHECKED.items()}
