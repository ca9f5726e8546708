"""How hard clients press on each zone, and where a function therefore needs one pod more or less.

The data flows one way: `traffic` groups the requests of the lookback by zones, `table` turns them into pressure rows
(formulas in `pressure`), `scale_up` and `scale_down` turn rows into decisions, and `open_decisions` remembers what was
said until the cluster shows it. `decide` is all of it in one call.
"""
