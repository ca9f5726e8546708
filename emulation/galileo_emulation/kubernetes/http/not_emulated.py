"""What is refused since nobody can enter an emulated container: one line each, with what to do instead.

Most containers run inside the emulation, and have neither a shell nor files; kubectl cp works by exec, too. A tunnel is
not needed: pods have addresses of this machine.
"""

_INSIDE = "an emulated container has no shell and no files; kubectl logs shows what it wrote"
_TUNNEL = "pods answer on this machine at their own addresses, which kubectl get pods -o wide shows"

NOT_EMULATED = {
    "attach": f"attach is not emulated: {_INSIDE}",
    "exec": f"exec (and so cp) is not emulated: {_INSIDE}",
    "portforward": f"port-forward is not emulated and not needed: {_TUNNEL}",
    "proxy": f"proxy is not emulated and not needed: {_TUNNEL}",
}
"""By the subresource that is asked for."""
