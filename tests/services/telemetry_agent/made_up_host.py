"""Trees of files as the kernel shows them, made up for tests: /proc, /sys and control groups of any layout."""

from __future__ import annotations

from pathlib import Path

CONTAINER_A = "a" * 12 + "1" * 52
CONTAINER_B = "b" * 12 + "2" * 52
POD = "0f3b7c1e-2222-4444-8888-123456789abc"
POD_IN_SLICE = POD.replace("-", "_")

NET_DEV_HEAD = (
    "Inter-|   Receive                                                |  Transmit\n"
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier\n"
)


def net_dev(**devices: tuple[int, int]) -> str:
    """A net/dev file: received and sent bytes by device."""
    rows = [f"{name:>6}: {rx:8d} 10 0 0 0 0 0 0 {tx:8d} 11 0 0 0 0 0 0\n" for name, (rx, tx) in devices.items()]
    return NET_DEV_HEAD + "".join(rows)


class MadeUpHost:
    """Folders `proc` and `sys` below one folder; files are written by their paths in these."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.proc = str(root / "proc")
        self.sys = str(root / "sys")
        self.cgroup = str(root / "sys/fs/cgroup")
        for folder in (self.proc, self.sys, self.cgroup):
            Path(folder).mkdir(parents=True, exist_ok=True)

    def write(self, path: str, text: str | int) -> Path:
        """Writes `proc/…` or `sys/…`."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(str(text) if isinstance(text, str) else f"{text}\n")
        return file

    def group(self, path: str, **files: str | int) -> None:
        """A control group below the mount, with files whose dots are written as two underscores."""
        for name, text in files.items():
            self.write(f"sys/fs/cgroup/{path}/{name.replace('__', '.')}", text)

    def settings(self, **further: str) -> dict[str, str]:
        """The agent's settings for this host."""
        return {
            "telemd_nodename": "pi-1",
            "telemd_proc_mount": self.proc,
            "telemetry_agent_sys_mount": self.sys,
            **further,
        }

    def busy(self, user: int, idle: int) -> None:
        """The processors' ticks, of one processor."""
        line = f"{user} 0 0 {idle} 0 0 0 0 0 0"
        self.write("proc/stat", f"cpu  {line}\ncpu0 {line}\nintr 1 2 3\nbtime 1700000000\n")


def raspberry_pi(root: Path) -> MadeUpHost:
    """A host of four processors with a disk and a network device, on which nothing happens."""
    host = MadeUpHost(root)
    row = "100 0 50 850 0 0 0 0 0 0"
    cores = "".join(f"cpu{number} {row}\n" for number in range(4))
    host.write("proc/stat", f"cpu  400 0 200 3400 0 0 0 0 0 0\n{cores}btime 1700000000\n")
    host.write("proc/loadavg", "0.50 0.25 0.10 2/345 6789\n")
    host.write("proc/meminfo", "MemTotal: 4000000 kB\nMemFree: 100 kB\nMemAvailable: 3000000 kB\n")
    host.write("proc/net/dev", net_dev(lo=(5, 5), eth0=(1000, 2000)))
    host.write("proc/diskstats", " 179 0 mmcblk0 10 1 100 5 20 2 200 9 0 30 14 0 0 0 0 0 0\n")
    for resource in ("cpu", "memory", "io"):
        host.write(f"proc/pressure/{resource}", "some avg10=0.00 avg60=0.00 avg300=0.00 total=17\n")
    for device in ("lo", "eth0"):
        host.write(f"sys/class/net/{device}/mtu", 1500)
    host.write("sys/block/mmcblk0/size", 1)
    host.write("sys/block/loop0/size", 1)
    for number in range(4):
        host.write(f"sys/devices/system/cpu/cpu{number}/cpufreq/scaling_cur_freq", 1_500_000)
    host.group(".", cgroup__controllers="cpuset cpu io memory pids\n")
    return host
