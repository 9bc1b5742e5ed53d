"""The tables of registrations at the anchor: their rate, and how it comes back after a kill."""
import json
import socket
import subprocess
import sys
import time

from measure import (BUILD, LOAD_CPU, SERVER_CPU, Process, cpu_seconds, free_port, median, on,
                     pss_kib)

PSK = "a key of the bench's gateways"       # pmip_load and pmip_floor have it too
NODE_KEY = "42" * 32                        # and that
MAGS = 8
BUSY_MAX = 0.9      # of its core, by the generator
KILLED_WINDOW = 512


def pmip_load(port, *options):
    """One run of the generator of registrations."""
    done = subprocess.run(on(LOAD_CPU, [BUILD / "bench" / "pmip_load", port, "--mags", MAGS,
                                        *options]), capture_output=True, text=True, check=True)
    report = json.loads(done.stdout)
    if report["lost"] + report["refused"] > 0:
        print(f"bench: {report['lost']} lost and {report['refused']} refused of "
              f"{report['acknowledged']}", file=sys.stderr)
    return report


class Anchor(Process):
    """The daemon as anchor alone, with gateways of the generator's."""

    def __init__(self, folder, durable, rows, more=""):
        self.folder, self.port = folder, free_port()
        self.folder.mkdir(exist_ok=True)
        key, config = folder / "node.key", folder / "latchkey.yaml"
        key.touch(mode=0o600)
        key.write_text(NODE_KEY + "\n")
        mags = "".join(f"    - {{name: bench-{i}, psk: \"{PSK}\"}}\n" for i in range(MAGS))
        config.write_text(
            f"state_dir: {folder}\nroles: [anchor]\nuser: \"\"\nanchor:\n  port: {self.port}\n"
            f"  tunnel_port: {free_port()}\n  bindings_max: {rows}\n  rate: 10000000\n"
            f"  mag_rate: 10000000\n  durable: {str(durable).lower()}\n{more}  mags:\n{mags}"
            "log:\n  level: error\nconsole:\n  port: 0\n")
        super().__init__([BUILD / "latchkeyd", "-c", config], "ready")

    def pid(self):
        """The process that serves; the other one is the supervisor."""
        pid = self.child.pid
        children = open(f"/proc/{pid}/task/{pid}/children").read().split()
        return next(int(child) for child in children
                    if "anchor" in open(f"/proc/{child}/comm").read())

    def count(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as control:
            control.connect(str(self.folder / "control.sock"))
            control.sendall(b'{"op": "bindings"}\n')
            return json.loads(control.makefile().readline())["count"]


def spent(load, pid, port, *options):
    """One run, with what the server took of its core for each request, the warm-up's too."""
    before = sum(cpu_seconds(pid))
    report = load(port, *options)
    report["cpu_us"] = (sum(cpu_seconds(pid)) - before) * 1e6 / report["acknowledged"]
    return report


class Pmip:
    def pmip(self):
        """Binding updates through the anchor. Floor: an echo of the same datagrams under the same
        keys and, where bindings are durable, an append of as many octets, gathered for 2 ms."""
        rows = []
        print("\n5. Registrations a second at the anchor (PMIPv6, DTLS: PSK-AES128-GCM) on one "
              "core\n")
        print(f"{'bindings':>9}{'store':>8}{'window':>7}{'floor':>9}{'anchor':>9}{'of it':>7}"
              f"{'floor us':>10}{'anchor us':>10}{'of its CPU':>11}{'p50 ms':>8}{'p99 ms':>8}")
        for bindings in self.bindings:
            for durable in (False, True):
                with Anchor(self.folder / f"anchor-{bindings}-{durable}", durable,
                            bindings + 1000) as ours:
                    before = pss_kib(ours.pid())
                    filled = pmip_load(ours.port, "--bindings", bindings, "--window", 512,
                                       "--fill", "--seconds", 0)
                    kib = (pss_kib(ours.pid()) - before) / bindings
                    for window in self.windows[-2:]:
                        row = {"bindings": bindings, "durable": durable, "window": window,
                               "fill_s": filled["fill_s"], "kib_each": kib}
                        self.pmip_row(row, ours)
                        rows.append(row)
                print(f"{'':9}{bindings / filled['fill_s']:>8,.0f} a second the first time; "
                      f"{kib * 1024:.0f} octets a binding", flush=True)
        self.result["pmip"] = rows
        self.pmip_restart()

    def pmip_row(self, row, ours):
        port = free_port()
        words = [BUILD / "bench" / "pmip_floor", port]
        if row["durable"]:
            words.append(self.folder / "floor.log")
        options = ["--bindings", row["bindings"], "--window", row["window"], "--seconds",
                   self.seconds, "--warm-up", 0.5]
        runs = {"floor": [], "anchor": []}
        for _ in range(self.runs):
            with Process(words, "ready") as floor:
                runs["floor"].append(spent(pmip_load, floor.child.pid, port, *options))
            runs["anchor"].append(spent(pmip_load, ours.pid(), ours.port, *options))
        for name, reports in runs.items():
            row[name] = median(reports)
            row[f"{name}_cpu_us"] = median(reports, "cpu_us")
        row["share"] = row["anchor"] / row["floor"]
        row["cpu_share"] = row["floor_cpu_us"] / row["anchor_cpu_us"]
        row["p50_us"] = median(runs["anchor"], "p50_us")
        row["p99_us"] = median(runs["anchor"], "p99_us")
        row["void"] = max(median(r, "busy") for r in runs.values()) > BUSY_MAX
        print(f"{row['bindings']:>9,}{'disk' if row['durable'] else 'memory':>8}"
              f"{row['window']:>7}{row['floor']:>9,.0f}{row['anchor']:>9,.0f}{row['share']:>7.0%}"
              f"{row['floor_cpu_us']:>10.1f}{row['anchor_cpu_us']:>10.1f}"
              f"{row['cpu_share']:>11.0%}{row['p50_us'] / 1000:>8.2f}{row['p99_us'] / 1000:>8.2f}"
              f"{'  VOID' if row['void'] else ''}", flush=True)

    def pmip_restart(self):
        """Y13: killed in the middle of so many, the anchor is back soon, and knows each binding
        that it has acknowledged."""
        count = self.bindings[1] // 5
        ours = Anchor(self.folder / "anchor-killed", True, 2 * count)
        with ours:
            done = pmip_load(ours.port, "--bindings", 2 * count, "--window", KILLED_WINDOW,
                             "--fill", "--seconds", 0, "--victim", ours.child.pid, "--at", count)
        began = time.monotonic()
        with ours:
            known = ours.count()
            back_s = time.monotonic() - began
        lost = max(0, done["acknowledged"] - known)
        print(f"{'':9}killed with {done['acknowledged']:,} acknowledged: serves again within "
              f"{back_s:.2f} s, {lost} of them lost")
        self.result["pmip_restart"] = {"acknowledged": done["acknowledged"], "known": known,
                                       "back_s": back_s, "lost": lost}
