"""Etcd: the key-value store that gateways read their weights from.

`Etcd` is what a service asks for. `GatewayEtcd` speaks to a real etcd (3.4 or newer) over its JSON gateway,
`MemoryEtcd` is its twin for tests and simulations. Both pass tests/backends/etcd/.
"""

from galileo_backends.etcd.errors import EtcdError, EtcdRefused, EtcdUnavailable
from galileo_backends.etcd.gateway import EtcdSettings, GatewayEtcd
from galileo_backends.etcd.interface import Change, Delete, Etcd, KeyValue, Put, Snapshot
from galileo_backends.etcd.memory import MemoryEtcd

__all__ = [
    "Change",
    "Delete",
    "Etcd",
    "EtcdError",
    "EtcdRefused",
    "EtcdSettings",
    "EtcdUnavailable",
    "GatewayEtcd",
    "KeyValue",
    "MemoryEtcd",
    "Put",
    "Snapshot",
]
