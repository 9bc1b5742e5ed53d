"""The table of N2N requests: a target PoS on one core, and the same cryptography without a protocol
over the same link."""
import json
import subprocess
import sys

from measure import (BUILD, CEILING_WANTED, LOAD_CPU, Process, cpu_seconds, median, on)
from mis_world import SECRET, Points, port_of_both, pos_name

AIM = 0.6
WINDOWS = (1, 16, 64)
BINDINGS = ("offered", "off")


def load(port, certificates, window, seconds):
    command = on(LOAD_CPU, [BUILD / "bench" / "mis_load", port, certificates, "--window", window,
                            "--seconds", seconds])
    done = subprocess.run(command, capture_output=True, text=True)
    if not done.stdout.startswith("{"):
        sys.exit(f"bench: {' '.join(command)}\n{done.stdout}{done.stderr}")
    report = json.loads(done.stdout)
    if report["errors"] > 0:
        print(f"bench: {report['errors']} requests refused of {report['done']}", file=sys.stderr)
    return report


class N2n:
    def target(self):
        """A PoS `b` whose partner `a` is the generator."""
        link = port_of_both()
        home = subprocess.run([BUILD / "bench" / "mis_load", "--home-key"], check=True,
                              capture_output=True, text=True).stdout.strip()
        self.n2n_port = link
        row = {"port": port_of_both(), "link_port": link,
               "aaa": {"port": port_of_both(), "secret": SECRET},
               "homes": [{"realm": "home.example", "mark_key": home}],
               "partners": [{"id": pos_name("a"), "name": "a", "address": "127.0.0.1",
                             "link_port": port_of_both()}]}
        folder = self.folder / "n2n"
        folder.mkdir(exist_ok=True)
        points = Points(folder, {"b": row})
        if not (points.certificates / "a.crt").exists():
            subprocess.run([BUILD / "latchkey", "certificate", "make", "--name", "a", "--out",
                            points.certificates], check=True, stdout=subprocess.DEVNULL)
        return points

    def n2n(self):
        print("\n11. N2N_Prereg_Xfer requests a second at a target PoS: TLS 1.3, start mark of "
              "Ed25519, X25519 mixed\n")
        print(f"{'window':>6}{'floor':>9}{'PoS':>9}{'of it':>7}{'of its CPU':>12}{'p50 ms':>9}"
              f"{'p99 ms':>9}{'us CPU each':>13}")
        self.result["mis_n2n"] = [self.n2n_row(window) for window in
                                  (WINDOWS[-1:] if self.quick else WINDOWS)]

    def n2n_row(self, window):
        """Floor and PoS by turns."""
        floors, runs = [], []
        for _ in range(self.runs):
            with self.target() as points:
                runs.append(self.n2n_run(points.pid(), self.n2n_port, points.certificates, window))
                certificates = points.certificates
            port = port_of_both()
            with Process([BUILD / "bench" / "mis_floor", port, certificates], "ready") as floor:
                floors.append(self.n2n_run(floor.child.pid, port, certificates, window))
        row = {"window": window, "floor": median(floors), "pos": median(runs),
               "floor_cpu_us": median(floors, "cpu_us"), "cpu_us": median(runs, "cpu_us"),
               "p50_us": median(runs, "p50_us"), "p99_us": median(runs, "p99_us"),
               "errors": sum(run["errors"] for run in runs),
               "ceiling_ratio": 1 / median(runs, "busy")}
        row["share"] = row["pos"] / row["floor"]
        row["cpu_share"] = row["floor_cpu_us"] / row["cpu_us"]
        print(f"{window:>6}{row['floor']:>9,.0f}{row['pos']:>9,.0f}{row['share']:>7.0%}"
              f"{row['cpu_share']:>12.0%}{row['p50_us'] / 1e3:>9.2f}{row['p99_us'] / 1e3:>9.2f}"
              f"{row['floor_cpu_us']:>7.0f} {row['cpu_us']:>5.0f}"
              f"{'  VOID' if row['ceiling_ratio'] < CEILING_WANTED else ''}"
              f"{'' if row['share'] >= AIM else '  AIM MISSED'}", flush=True)
        return row

    def n2n_run(self, pid, port, certificates, window):
        before = sum(cpu_seconds(pid))
        report = load(port, certificates, window, self.seconds)
        # The half second before it counted, too.
        whole = report["done"] * (1 + 0.5 / self.seconds)
        report["cpu_us"] = (sum(cpu_seconds(pid)) - before) * 1e6 / whole
        return report
