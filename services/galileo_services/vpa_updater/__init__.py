"""Changes what running pods request, as `vpa_recommendation` events say: in place, one pod of a function at a time."""
