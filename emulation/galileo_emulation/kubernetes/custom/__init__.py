"""Custom resource definitions, and the objects of the kinds that they define.

A definition is an object like others; what makes a kind of it is `follow`, which listens to the store: it settles the
definition's names (names.py), writes its conditions, and puts a row for every served version into the catalog
(custom_kind.py). Objects of the kind are then created and changed like all others, by the hooks of that row: pruned
(pruning.py), defaulted (defaulting.py), checked (value_validation.py, rules.py), shown as columns (printer_columns.py).
"""
