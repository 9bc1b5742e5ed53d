"""Registrations of nodes that have no key with the home agent: it asks the home AAA over RADIUS,
which proves the node and makes the key (RFC 3957)."""
import time

from measure import Daemon, Process, cpu_seconds, free_port, median
from mip_agent import mip_load
from pmip import BUSY_MAX

AGENT, SECRET = "ha.example", "testing123"
NODES, AAA_SPI = 64, 1000
ADDRESSES = 4000000     # of theirs, by turns
WAIT_S = 3.5    # what the window of Identifications is, in quarantine of a home agent without store


class AgentAndAaa(Daemon):
    """Home agent, AAA and vault, on the server's core."""

    def __init__(self, folder):
        self.mip_port, radius = free_port(), free_port()
        nodes = "".join(f"      - {{imsi: \"00101{i:010}\", spi: {AAA_SPI}, "
                        f"key: key-of-00101{i:010}, algorithm: hmac-sha256}}\n"
                        for i in range(NODES))
        super().__init__(
            folder,
            f"roles: [aaa, vault, anchor]\nradius:\n  listen: [127.0.0.1]\n  port: {radius}\n"
            f"  accounting_port: 0\n  clients: [{{address: 127.0.0.0/8, secret: {SECRET}, "
            f"agent: {AGENT}, agent_is: home}}]\naaa:\n  mip:\n    nodes:\n{nodes}"
            f"anchor:\n  port: {free_port()}\n  tunnel_port: {free_port()}\n  durable: false\n"
            f"  rate: 10000000\n  mip:\n    port: {self.mip_port}\n    window_ms: 3000\n"
            f"    aaa: {{name: {AGENT}, port: {radius}, secret: {SECRET}}}\n")


def spent_by(pids, *load):
    before = {name: sum(cpu_seconds(pid)) for name, pid in pids.items()}
    report = mip_load(*load)
    report["cpu"] = {name: (sum(cpu_seconds(pid)) - before[name]) * 1e6 /
                     max(1, report["acknowledged"]) for name, pid in pids.items()}
    report["cpu_us"] = sum(report["cpu"].values())
    return report


class Keys:
    def mip_keys(self):
        """Floor: as many datagrams over as many hops, with the HMACs of either message and those
        that RADIUS has."""
        print("\nRegistrations a second with a key made by the home AAA (RFC 3957), home agent, "
              "AAA and vault on one core; the floor has the same two hops and HMACs; no aim\n")
        print(f"{'window':>7}{'floor':>9}{'real':>9}{'of it':>7}{'floor us':>10}{'real us':>9}"
              f"{'of its CPU':>11}{'p50 ms':>8}{'p99 ms':>8}")
        rows = self.result["mip_keys"] = []
        with AgentAndAaa(self.folder / "keys") as ours:
            time.sleep(WAIT_S)
            for window in (1, 32):
                rows.append(self.keys_row(ours, window))

    def keys_row(self, ours, window):
        row = {"window": window}
        options = ["--keys", "--bindings", ADDRESSES, "--window", window, "--seconds",
                   self.mip_seconds, "--warm-up", 0.3]
        runs = {"floor": [], "real": []}
        for _ in range(self.runs):
            near, far = free_port(), free_port()
            with Process([self.mip_floor, far, "--keys"], "ready") as aaa, \
                    Process([self.mip_floor, near, "--keys", "--hop", far], "ready") as agent:
                runs["floor"].append(spent_by({"aaa": aaa.child.pid, "agent": agent.child.pid},
                                              near, *options))
            runs["real"].append(spent_by(ours.named(), ours.mip_port, *options))
        for name, reports in runs.items():
            row[name] = median(reports)
            row[f"{name}_cpu_us"] = median(reports, "cpu_us")
        row["cpu"] = runs["real"][-1]["cpu"]
        row["share"] = row["real"] / row["floor"]
        row["cpu_share"] = row["floor_cpu_us"] / row["real_cpu_us"]
        row["p50_us"] = median(runs["real"], "p50_us")
        row["p99_us"] = median(runs["real"], "p99_us")
        row["lost"] = sum(report["lost"] + report["refused"] for report in runs["real"])
        row["void"] = max(median(r, "busy") for r in runs.values()) > BUSY_MAX
        each = ", ".join(f"{name} {us:.1f}" for name, us in row["cpu"].items() if us >= 0.1)
        print(f"{window:>7}{row['floor']:>9,.0f}{row['real']:>9,.0f}{row['share']:>7.0%}"
              f"{row['floor_cpu_us']:>10.1f}{row['real_cpu_us']:>9.1f}{row['cpu_share']:>11.0%}"
              f"{row['p50_us'] / 1000:>8.2f}{row['p99_us'] / 1000:>8.2f}"
              f"{'  VOID' if row['void'] else ''}\n{'':9}us of it: {each}", flush=True)
        return row
