"""What `[clients.made_up]` of a policy document may hold."""

from tipstaff_policy.organisation.field_types import table
from tipstaff_policy.organisation.fields import Field

FIELDS = {"settings": Field(table(), "Every other key of its settings.")}
