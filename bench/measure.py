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
CEILING_WANTED = 1.5    # times the result, by the generator alone
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


def pss_kib(pid, kind="Pss"):
    """Proportional set size: shared pages count once."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(f"{kind}:"):
            return int(line.split()[1])
    return 0


class Process:
    """A server on the server's core; killed when the block ends."""

    def __init__(self, command, ready=None, env=None):
        self.command, self.ready, self.env = command, ready, env

    def prefix(self):
        """What stands in front of the command."""
        return []

    def __enter__(self):
        out = subprocess.PIPE if self.ready else subprocess.DEVNULL
        self.child = pinned(SERVER_CPU, [*self.prefix(), *self.command], stdout=out,
                            stderr=subprocess.STDOUT, text=True, env=self.env,
                            start_new_session=True)
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


class Daemon(Process):
    """latchkeyd, all its processes on the server's core. keys: as in the file; what every bench has
    the same is here."""

    def __init__(self, folder, keys):
        self.folder = folder
        self.folder.mkdir(exist_ok=True)
        self.config = folder / "latchkey.yaml"
        self.config.write_text(
            f"state_dir: {folder}\nworkers: 1\nuser: \"\"\nvault:\n  user: \"\"\n"
            f"log:\n  level: error\nconsole:\n  port: 0\n{keys}")
        super().__init__([BUILD / "latchkeyd", "-c", self.config], "ready")

    def pids(self):
        """The daemon and all that it forked."""
        found, todo = [], [self.child.pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            todo.extend(map(int, children))
        return found

    def named(self):
        """Their numbers by what they are called."""
        return {Path(f"/proc/{pid}/comm").read_text().strip(): pid for pid in self.pids()}

    def cpu(self):
        """Per process: name, user seconds, system seconds so far."""
        return {name: cpu_seconds(pid) for name, pid in self.named().items()}
