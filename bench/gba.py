"""The tables of keys for applications: bootstraps at a BSF against the same two pages from memory,
keys that application servers ask for against one answer from memory, and end-to-end handshakes
against their floor."""
import json
import subprocess
import sys

from measure import (BUILD, CEILING_WANTED, LOAD_CPU, SERVER_CPU, Process, cpu_seconds, free_port,
                     median, on)
from radius import FIRST_IMSI, K, OPC, Latchkeyd

BOOTSTRAP_AIM, HANDSHAKE_AIM = 0.5, 0.7
BSF_NAME, NAF = "bsf.mnc001.mcc001.pub.3gppnetwork.org", "naf.example"
WINDOWS = (1, 16, 64)
RUNS, SECONDS = 7, 2
PATTERNS = {"nk": "Noise_NKpsk2", "ik": "Noise_IKpsk2"}


class Bsf(Latchkeyd):
    """A BSF and the vault on the server's core."""

    def __init__(self, folder, subscribers):
        self.ub, self.zn = free_port(), free_port()
        self.tls = folder / "tls"
        for name in (BSF_NAME, NAF):
            if not (self.tls / f"{name}.crt").exists():
                subprocess.run([BUILD / "latchkey", "certificate", "make", "--name", name, "--out",
                                self.tls], check=True, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
        certificate, key, ca = self.files(BSF_NAME)
        super().__init__(folder, subscribers, f"roles: [aaa, vault, bsf]\nbsf:\n  port: {self.ub}\n"
                         "  rate: 100000\n  zn_rate: 100000\n"
                         f"  connections_a_source: 64\n  zn_port: {self.zn}\n"
                         f"  certificate: {certificate}\n  key: {key}\n  ca: {ca}\n"
                         f"  nafs: [{{name: {NAF}, ua_ids: [\"0100000002\"], identity: true}}]\n")

    def files(self, name):
        return self.tls / f"{name}.crt", self.tls / f"{name}.key", self.tls / "ca.crt"

    def b_tids(self):
        """Whose there are, into a file."""
        done = subprocess.run([BUILD / "latchkey", "bsf", "sessions", "-c", self.config, "--json"],
                              check=True, capture_output=True, text=True)
        found = json.loads(done.stdout)["sessions"]
        path = self.folder / "b-tids.txt"
        path.write_text("".join(row["b_tid"] + "\n" for row in found))
        return path


class Gba:
    def gba(self):
        self.bootstraps()
        self.keys_at_zn()

    def bootstraps(self):
        print("\n14. Bootstraps a second at a BSF (two GETs each), one core with the vault and the "
              "store, against libmicrohttpd with the same pages in memory\n")
        print(f"{'window':>6}{'floor':>9}{'BSF':>9}{'of it':>7}{'p50 ms':>9}{'p99 ms':>9}")
        bsf = Bsf(self.folder, self.subscribers)
        self.result["gba"] = [self.bootstraps_row(bsf, window) for window in
                              (WINDOWS[-1:] if self.quick else WINDOWS)]

    def keys_at_zn(self):
        print("\n14b. Zn answers a second on one core (POST over TLS connections that stay, "
              "certificates of both ends), against libmicrohttpd with one answer in memory\n")
        print(f"{'window':>6}{'floor':>9}{'BSF':>9}{'of it':>7}{'p50 ms':>9}{'p99 ms':>9}")
        bsf = Bsf(self.folder, self.subscribers)
        with bsf:
            self.bootstraps_run(bsf.ub, WINDOWS[-1])
            b_tids = bsf.b_tids()
        self.result["zn"] = [self.zn_row(bsf, b_tids, window) for window in
                             (WINDOWS[-1:] if self.quick else WINDOWS)]

    def zn_row(self, bsf, b_tids, window):
        """Floor and BSF by turns."""
        floors, runs = [], []
        for _ in range(self.runs):
            with bsf:
                runs.append(self.zn_run(bsf, bsf.zn, b_tids, window))
            port = free_port()
            with Process([BUILD / "bench" / "gba_floor", port, *bsf.files(BSF_NAME)], "ready"):
                floors.append(self.zn_run(bsf, port, b_tids, window))
        row = {"window": window, "floor": median(floors), "bsf": median(runs),
               "p50_us": median(runs, "p50_us"), "p99_us": median(runs, "p99_us"),
               "errors": sum(run["errors"] for run in runs + floors),
               "ceiling_ratio": 1 / median(runs, "busy")}
        row["share"] = row["bsf"] / row["floor"]
        print(f"{window:>6}{row['floor']:>9,.0f}{row['bsf']:>9,.0f}{row['share']:>7.0%}"
              f"{row['p50_us'] / 1e3:>9.2f}{row['p99_us'] / 1e3:>9.2f}"
              f"{'  VOID' if row['ceiling_ratio'] < CEILING_WANTED or row['errors'] else ''}",
              flush=True)
        return row

    def zn_run(self, bsf, port, b_tids, window):
        return self.run_of([BUILD / "bench" / "zn_load", port, *bsf.files(NAF), NAF, b_tids, window,
                            self.seconds])

    def bootstraps_row(self, bsf, window):
        """Floor and BSF by turns."""
        floors, runs = [], []
        for _ in range(self.runs):
            with bsf:
                runs.append(self.bootstraps_run(bsf.ub, window))
            port = free_port()
            with Process([BUILD / "bench" / "gba_floor", port], "ready"):
                floors.append(self.bootstraps_run(port, window, "floor"))
        row = {"window": window, "floor": median(floors), "bsf": median(runs),
               "p50_us": median(runs, "p50_us"), "p99_us": median(runs, "p99_us"),
               "errors": sum(run["errors"] for run in runs),
               "ceiling_ratio": 1 / median(runs, "busy")}
        row["share"] = row["bsf"] / row["floor"]
        print(f"{window:>6}{row['floor']:>9,.0f}{row['bsf']:>9,.0f}{row['share']:>7.0%}"
              f"{row['p50_us'] / 1e3:>9.2f}{row['p99_us'] / 1e3:>9.2f}"
              f"{'  VOID' if row['ceiling_ratio'] < CEILING_WANTED else ''}"
              f"{'' if row['share'] >= BOOTSTRAP_AIM else '  AIM MISSED'}", flush=True)
        return row

    def bootstraps_run(self, port, window, *floor):
        return self.run_of([BUILD / "bench" / "gba_load", port, K, OPC, FIRST_IMSI,
                            self.subscribers, window, self.seconds, *floor])

    @staticmethod
    def run_of(words):
        command = on(LOAD_CPU, words)
        done = subprocess.run(command, capture_output=True, text=True)
        if not done.stdout.startswith("{"):
            sys.exit(f"bench: {' '.join(command)}\n{done.stdout}{done.stderr}")
        report = json.loads(done.stdout)
        if report["errors"] > 0:
            print(f"bench: {report['errors']} of {report['done']} refused", file=sys.stderr)
        return report

    def e2e(self):
        """Library and floor take turns within each run: a share is of one run."""
        print("\n15. End-to-end handshakes a second on one core, both ends, against their X25519 "
              "and HKDF\n")
        print(f"{'pattern':18}{'floor':>9}{'library':>9}{'of it':>7}{'library us':>12}")
        self.result["e2e"] = rows = []
        for pattern, title in PATTERNS.items():
            runs = [self.e2e_run(pattern) for _ in range(1 if self.quick else RUNS)]
            row = {"pattern": title, "floor": median(runs, "floor"),
                   "machines": median(runs, "machines"), "share": median(runs, "share"),
                   "octets": runs[0]["octets"]}
            rows.append(row)
            print(f"{title:18}{row['floor']:>9,.0f}{row['machines']:>9,.0f}{row['share']:>7.0%}"
                  f"{1e6 / row['machines']:>12.1f}"
                  f"{'' if row['share'] >= HANDSHAKE_AIM else '  AIM MISSED'}", flush=True)

    def e2e_run(self, pattern):
        done = subprocess.run(on(SERVER_CPU, [BUILD / "bench" / "e2e_handshakes", pattern,
                                              SECONDS]),
                              capture_output=True, text=True, check=True)
        run = json.loads(done.stdout)
        run["share"] = run["machines"] / run["floor"]
        return run
