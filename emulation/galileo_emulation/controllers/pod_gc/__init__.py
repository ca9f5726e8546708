"""Pod garbage collection: pods that no kubelet will ever take away."""
