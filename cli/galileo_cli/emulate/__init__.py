"""The emulated edge cloud: its processes, who starts and watches them, and what is shown while they run.

supervisor ── Valkey, etcd        real servers on free ports
           ├─ world_process       Kubernetes API, kubelets, functions, network
           ├─ bus_relay_process   each service's way to the bus, which can be cut
           ├─ galileo run …       deciders (control) and recorders
           ├─ edge_process        one gateway per zone
           └─ load_process        clients
"""
