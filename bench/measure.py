"""What all tables of `make bench` measure with: processes on their cores, and what these spent."""
import os
import signal
import socket
import statistics
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get("LK_BUILD", TOP / "build"))
SERVER_CPU, LOAD_CPU = 0, 1
PRIORITY = []       # words in front of every measured command


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def on(cpu, command):
    return [*PRIORITY, "taskset", "-c", str(cpu), *map(str, command)]


def pinned(cpu, command, **more):
    return subprocess.Popen(on(cpu, command), **more)


def median(reports, key="rate"):
    return statistics.median(r[key] for r in reports)


def cpu_seconds(pid):
    """(user, system) so far."""
    stat = Path(f"/proc/{pid}/stat").read_text()
    fields = stat[stat.rindex(")") + 2:].split()
    tick = os.sysconf("SC_CLK_TCK")
    return int(fields[11]) / tick, int(fields[12]) / tick


class Process:
    """A server on the server's core; killed when the block ends."""

    def __init__(self, command, ready=None, env=None):
        self.command, self.ready, self.env = command, ready, env

    def __enter__(self):
        out = subprocess.PIPE if self.ready else subprocess.DEVNULL
        self.child = pinned(SERVER_CPU, self.command, stdout=out, stderr=subprocess.STDOUT,
                            text=True, env=self.env, start_new_session=True)
        while self.ready:
            line = self.child.stdout.readline()
            if line.strip() == self.ready:
                break
            if not line:
                sys.exit(f"bench: {self.command[0]} did not say {self.ready}")
        return self

    def __exit__(self, *_):
        self.child.send_signal(signal.SIGTERM)
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait()


def pss_kib(pid):
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0
