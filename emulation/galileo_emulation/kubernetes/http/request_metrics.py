"""The server's own numbers, in Prometheus' text format (`kubectl get --raw /metrics`)."""

from collections import Counter

from ..storage.store import Store

_BUCKETS_S = (0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 1.0, 2.0, 5.0, 10.0)

Labels = tuple[tuple[str, str], ...]


class RequestMetrics:
    """Counts requests, how long they took, and who watches."""

    def __init__(self) -> None:
        self.watchers = 0
        self._requests: Counter[Labels] = Counter()
        self._slower_than: dict[str, list[int]] = {}
        self._seconds: Counter[str] = Counter()

    def note(self, *, verb: str, resource: str, code: int, seconds: float) -> None:
        """A request was answered after so long."""
        self._requests[(("code", str(code)), ("resource", resource), ("verb", verb))] += 1
        counts = self._slower_than.setdefault(verb, [0] * (len(_BUCKETS_S) + 1))
        counts[next((index for index, bound in enumerate(_BUCKETS_S) if seconds <= bound), len(_BUCKETS_S))] += 1
        self._seconds[verb] += seconds  # type: ignore[assignment]  # a Counter adds up fractions, too

    def page(self, store: Store) -> str:
        """All of it, with the number of stored objects."""
        lines = [
            "# HELP apiserver_request_total Requests by verb, resource and code.",
            "# TYPE apiserver_request_total counter",
            *(f"apiserver_request_total{_braced(labels)} {count}" for labels, count in sorted(self._requests.items())),
            "# HELP apiserver_request_duration_seconds How long requests took that were no watches.",
            "# TYPE apiserver_request_duration_seconds histogram",
            *(line for verb in sorted(self._slower_than) for line in self._histogram(verb)),
            "# HELP apiserver_longrunning_requests Watches that are open.",
            "# TYPE apiserver_longrunning_requests gauge",
            f'apiserver_longrunning_requests{{verb="WATCH"}} {self.watchers}',
            "# HELP apiserver_storage_objects Stored objects by resource.",
            "# TYPE apiserver_storage_objects gauge",
            *(
                f'apiserver_storage_objects{{resource="{resource}"}} {store.count(kind)}'
                for resource, kind in {kind.resource: kind for kind in store.catalog.kinds}.items()
            ),
        ]
        return "\n".join(lines) + "\n"

    def _histogram(self, verb: str) -> list[str]:
        name, total, lines = "apiserver_request_duration_seconds", 0, []
        for bound, count in zip([*map(str, _BUCKETS_S), "+Inf"], self._slower_than[verb], strict=True):
            total += count
            lines.append(f'{name}_bucket{{le="{bound}",verb="{verb}"}} {total}')
        return [*lines, f'{name}_sum{{verb="{verb}"}} {self._seconds[verb]}', f'{name}_count{{verb="{verb}"}} {total}']


def _braced(labels: Labels) -> str:
    return "{" + ",".join(f'{name}="{text}"' for name, text in labels) + "}"
