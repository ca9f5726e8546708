"""What the keys do, in words: the view's help."""

from __future__ import annotations

EXPLANATION = """\
p   pause the load, or let it go on. What is due meanwhile is not sent later.
m   move clients: of a function or of all, from a zone to another.
k   kill a node, or restore one that was killed.
t   change the threshold above which a pod is added, or below which one is removed.
l   the whole log, with how to join in.
q   end the run; the report is written as after a whole one. Ctrl-C does the same.
?   this page.

Each of these says an event on the bus, which you may say yourself: client_pause, client_resume,
client_move, fault, fault_end, setting_change. The answer of whoever carries it out is in the log. After three
seconds without one it says so.

zones      ● ready  × down   2p: two pods   31%: CPU in use   resnet 2+1: two replicas serve, one is starting
pressure   of a gateway: its highest row, on which decisions rest, and the mean that api_pressure says;
           │ marks the threshold above which a pod is added
clients    by the zone they call from: requests/s asked for, response times at the 50th and 95th percentile
decisions  ← why; then what came of it, in seconds after the decision
services   a line a process: its first service, how many more, events/s heard and said; above them those that are not
           ready, lost numbered events, or have entries of their streams waiting"""
