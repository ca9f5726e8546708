"""Records every trace, and sums them up in windows for those who decide."""
