"""The columns of definitions in `kubectl get crd`."""

from ..columns.tables import NAME, Column, Columns

DEFINITION_COLUMNS = Columns(
    (NAME, Column("Created At", type="date")),
    lambda body, now: [body["metadata"]["name"], body["metadata"]["creationTimestamp"]],
)
