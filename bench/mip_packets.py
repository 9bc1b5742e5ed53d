"""Packets of real TUN devices through the home agent, in a network namespace of the run's own."""
import json
import os
import subprocess
import sys

from measure import BUILD, LOAD_CPU, SERVER_CPU, median, on
from mip_agent import HomeAgent
from pmip import BUSY_MAX

TUNNEL_AIM = 0.7
OUTSIDE = "192.0.2.1"


class Namespace:
    """A network namespace with loopback, for as long as the block; None: there can be none."""

    def __enter__(self):
        root = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        setup = (f"ip link set lo up && ip addr add {OUTSIDE}/32 dev lo && ip tuntap add probe0 "
                 "mode tun && ip tuntap del probe0 mode tun && echo there && exec sleep infinity")
        self.holder = subprocess.Popen(["unshare", *root, "--net", "sh", "-c", setup],
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if self.holder.stdout.readline().strip() != "there":
            self.why = self.holder.communicate()[1].strip()
            return None
        user = ["-U", "--preserve-credentials"] if root else []
        return ["nsenter", "-t", str(self.holder.pid), *user, "-n"]

    def __exit__(self, *_):
        self.holder.kill()
        self.holder.wait()


def tun_load(there, *options):
    done = subprocess.run([*there, *on(LOAD_CPU, [BUILD / "bench" / "tun_load", *options])],
                          capture_output=True, text=True, check=True)
    report = {}
    for line in done.stdout.splitlines():
        report.update(json.loads(line))
    report["packets"] = 2 * report["rate"]
    report["cpu_us"] = report["server_us"] / (2 * max(1, report["done"]))
    if report["lost"] > 0:
        print(f"bench: {report['lost']} packets lost", file=sys.stderr)
    return report


class Packets:
    def mip_packets(self):
        """Packets a second, both ways counted. Floor: as many reads from TUN devices and writes to
        them, and nothing between."""
        space = Namespace()
        with space as there:
            if there is None:
                print(f"\nNo packets: this machine lets us have no network namespace with a TUN "
                      f"device ({space.why})")
                return
            print("\nPackets a second between a TUN device and a mobile node's tunnel, there and "
                  f"back, on one core; aim: {TUNNEL_AIM:.0%} of a copy from TUN to TUN\n")
            print(f"{'octets':>9}{'window':>8}{'copy':>10}{'anchor':>10}{'of it':>7}"
                  f"{'copy us':>9}{'anchor us':>10}{'of its CPU':>11}{'p50 ms':>8}{'p99 ms':>8}")
            rows = self.result["mip_packets"] = []
            more = "  tun: lk0\n  tun_in: here\n"
            with HomeAgent(self.folder / "ha-packets", False, 1000, more=more,
                           there=there) as ours:
                for octets in (100, 1400):
                    for window in (64, 256):
                        rows.append(self.packets_row(there, ours, octets, window))

    def packets_row(self, there, ours, octets, window):
        row = {"octets": octets, "window": window}
        options = ["--octets", octets, "--window", window, "--seconds", self.mip_seconds]
        runs = {"copy": [], "anchor": []}
        for _ in range(self.runs):
            runs["copy"].append(tun_load(there, "--copy", SERVER_CPU, *options))
            runs["anchor"].append(tun_load(there, "--anchor", ours.mip_port, "--server",
                                           ours.pid(), *options))
        for name, reports in runs.items():
            row[name] = median(reports, "packets")
            row[f"{name}_cpu_us"] = median(reports, "cpu_us")
            row[f"{name}_busy"] = median(reports, "busy")
        row["share"] = row["anchor"] / row["copy"]
        row["cpu_share"] = row["copy_cpu_us"] / row["anchor_cpu_us"]
        row["p50_us"] = median(runs["anchor"], "p50_us")
        row["p99_us"] = median(runs["anchor"], "p99_us")
        row["void"] = max(row["copy_busy"], row["anchor_busy"]) > BUSY_MAX
        print(f"{octets:>9,}{window:>8}{row['copy']:>10,.0f}{row['anchor']:>10,.0f}"
              f"{row['share']:>7.0%}{row['copy_cpu_us']:>9.2f}{row['anchor_cpu_us']:>10.2f}"
              f"{row['cpu_share']:>11.0%}{row['p50_us'] / 1000:>8.2f}{row['p99_us'] / 1000:>8.2f}"
              f"{'  VOID' if row['void'] else ''}", flush=True)
        return row
