"""Load-balancer weights as the weight optimiser decided them; etcd holds the same under `golb/function/<zone>/<fn>`."""

from __future__ import annotations

import msgspec

from galileo_schemas.event import Delivery, Event, event


class Weights(msgspec.Struct, kw_only=True):
    """Addresses `ip:port` and their integer weights, in the same order. Also the value of the etcd key."""

    ips: list[str]
    weights: list[int]


@event("weight_update", Delivery.RECORD)
class WeightUpdate(Event, kw_only=True):
    """The weights of a function in a zone have changed; a whole replacement."""

    fn: str
    zone: str
    weights: Weights
