"""Leases on Redis or Valkey: a key that expires holds the holder's name, a hash the epoch, which only ever rises.

<prefix>/leader/<name>/lease   the holder, gone when not renewed
<prefix>/leader/<name>         epoch and holder of the newest leadership: what scripts compare a leader's writes with
"""

from __future__ import annotations

from galileo_bus.election.leases import PREFIX, Grant, Held, fence_of
from galileo_bus.transport.interface import Fence
from galileo_bus.transport.redis_transport import RedisTransport

# A holder that asks again has not heard our answer: it keeps its epoch, so that a call that comes late deposes nobody.
# KEYS: lease, fence. ARGV: holder, duration in ms.
_ACQUIRE = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return {0, holder, redis.call('PTTL', KEYS[1])} end
local is = redis.call('HMGET', KEYS[2], 'epoch', 'holder')
local epoch = tonumber(is[1] or '0')
if not holder or is[2] ~= ARGV[1] then
  epoch = redis.call('HINCRBY', KEYS[2], 'epoch', 1)
  redis.call('HSET', KEYS[2], 'holder', ARGV[1])
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return {epoch, ARGV[1], 0}
"""

# A lease that ran out is not renewed, although nobody has taken it: its holder may have stood still, and starts anew.
# KEYS: lease, fence. ARGV: holder, duration in ms, epoch.
_RENEW = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] or redis.call('HGET', KEYS[2], 'epoch') ~= ARGV[3] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""

_RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""

# KEYS: fence. ARGV: epoch, holder.
_PUT_UP = """
local is = redis.call('HMGET', KEYS[1], 'epoch', 'holder')
local epoch = tonumber(is[1] or '0')
if epoch > tonumber(ARGV[1]) or (epoch == tonumber(ARGV[1]) and is[2] ~= ARGV[2]) then return epoch end
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'holder', ARGV[2])
return 0
"""


class RedisLeases:
    """`Leases` on the server of the bus."""

    def __init__(self, transport: RedisTransport, *, prefix: str = PREFIX) -> None:
        self._transport = transport
        self._prefix = prefix

    async def acquire(self, name: str, holder: str, *, duration_s: float) -> Grant | Held:
        """See `Leases.acquire`."""
        fence = fence_of(name, epoch=0, holder=holder, prefix=self._prefix)
        epoch, by, free_in_ms = await self._transport.run_script(
            _ACQUIRE, keys=_keys(fence), arguments=[holder, int(duration_s * 1000)]
        )
        if not epoch:
            return Held(by.decode(), free_in_ms / 1000)
        return Grant(name, fence_of(name, epoch=epoch, holder=holder, prefix=self._prefix))

    async def renew(self, grant: Grant, *, duration_s: float) -> bool:
        """See `Leases.renew`."""
        arguments: list[str | int] = [grant.fence.holder, int(duration_s * 1000), grant.epoch]
        return bool(await self._transport.run_script(_RENEW, keys=_keys(grant.fence), arguments=arguments))

    async def release(self, grant: Grant) -> None:
        """See `Leases.release`."""
        await self._transport.run_script(_RELEASE, keys=_keys(grant.fence)[:1], arguments=[grant.fence.holder])


class RedisFences:
    """`Fences` on the server of the bus."""

    def __init__(self, transport: RedisTransport) -> None:
        self._transport = transport

    async def put_up(self, fence: Fence) -> int | None:
        """See `Fences.put_up`."""
        return await self._transport.run_script(_PUT_UP, keys=[fence.key], arguments=[*fence.fields]) or None


def _keys(fence: Fence) -> list[str]:
    return [f"{fence.key}/lease", fence.key]
