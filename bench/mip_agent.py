"""The daemon as home agent alone, and the generator of registrations."""
import json
import subprocess
import sys
import time

from measure import BUILD, LOAD_CPU, free_port, on
from pmip import Anchor

AGAIN = 1000    # rows beyond those of the nodes
WINDOW_MS = 3000    # of Identifications; so long a home agent without a store is in quarantine


def mip_load(port, *options):
    """One run of the generator of registrations."""
    done = subprocess.run(on(LOAD_CPU, [BUILD / "bench" / "mip_load", port, *options]),
                          capture_output=True, text=True, check=True)
    report = {}
    for line in done.stdout.splitlines():
        report.update(json.loads(line))
    if report["lost"] + report["refused"] > 0:
        print(f"bench: {report['lost']} lost and {report['refused']} refused of "
              f"{report['acknowledged']}", file=sys.stderr)
    return report


class HomeAgent(Anchor):
    """With associations of a file. words: what the generator is told of the protocol. more: keys of
    the anchor. there: what goes before a command that is to be in another namespace."""

    def __init__(self, folder, durable, nodes, words=(), more="", there=()):
        self.nodes = folder.parent / f"nodes-{nodes}{''.join(words)}"
        if not self.nodes.exists():
            self.nodes.touch(mode=0o600)
            with self.nodes.open("w") as file:
                subprocess.run([BUILD / "bench" / "mip_load", "0", *words, "--nodes", str(nodes)],
                               stdout=file, check=True)
        self.mip_port, self.durable = free_port(), durable
        super().__init__(folder, durable, nodes + AGAIN,
                         f"  mip:\n    port{'6' if words else ''}: {self.mip_port}\n"
                         f"    window_ms: {WINDOW_MS}\n    nodes_file: {self.nodes}\n{more}")
        self.there = there

    def prefix(self):
        return self.there

    def __enter__(self):
        super().__enter__()
        if not self.durable:
            time.sleep(WINDOW_MS / 1000 + 0.5)
        return self
