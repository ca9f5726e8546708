"""The life of nodes: which are lost, and which taints they carry for it."""
