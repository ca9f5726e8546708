"""What makes an object unacceptable, by subject. Every check takes a field's path and what stands there, and returns
causes as the API words them; no cause means acceptable. Kinds refer to the checks in their rows (kinds/)."""
