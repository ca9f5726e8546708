"""Where a watch stands, and what each message of the server means for it. No I/O.

A watch asks for everything after the last revision that it gave out. Four answers break that plainly:

- the revision was compacted: the past is gone, list again;
- the store is another one (a new cluster identity, or a revision smaller than one already seen, which is how a store
  that was emptied under the same name looks): watching on would wait for a revision that may never come, list again;
- the server says no for a reason of authentication: the token may have grown old, ask for a new one once;
- any other end: broken, try again.
"""

# ruff: noqa: N818 - these are verdicts on a message rather than errors.

from dataclasses import dataclass

from galileo_backends.etcd.interface import Delete, Put
from galileo_backends.etcd.wire import WatchAnswer

_ABOUT_PERMISSION = ("permission denied", "auth", "user name is empty")


class ListAgain(Exception):
    """The watch cannot go on from where it stands; the message says why."""


class WatchDenied(Exception):
    """The server ended the watch for a reason of authentication or permission."""


class WatchBroken(Exception):
    """The server ended the watch for another reason."""


@dataclass(slots=True)
class Position:
    """The last revision that was given out, and the cluster that it belongs to."""

    revision: int
    cluster_id: str | None

    def take(self, answer: WatchAnswer) -> list[Put | Delete]:
        """The changes in this message; moves the position past them.

        One message holds whole revisions (etcd promises that unless fragments were asked for), so that the position
        never stands in the middle of a transaction.

        Raises:
            ListAgain, WatchDenied, WatchBroken: see the module's text.
        """
        if answer.canceled:
            self._explain_end(answer)
        if answer.header.cluster_id and self.cluster_id and answer.header.cluster_id != self.cluster_id:
            raise ListAgain(f"cluster {answer.header.cluster_id} answers where {self.cluster_id} did")
        if answer.created and 0 < answer.header.revision < self.revision:
            raise ListAgain(f"the store is at revision {answer.header.revision}, before {self.revision}")
        if answer.changes:
            self.revision = max(change.revision for change in answer.changes)
        return answer.changes

    def _explain_end(self, answer: WatchAnswer) -> None:
        if answer.compact_revision:
            raise ListAgain(f"revision {self.revision + 1} was compacted (oldest: {answer.compact_revision})")
        if any(words in answer.reason.lower() for words in _ABOUT_PERMISSION):
            raise WatchDenied(answer.reason)
        raise WatchBroken(f"canceled by the server: {answer.reason or 'no reason given'}")
