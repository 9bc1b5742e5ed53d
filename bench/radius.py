"""The tables of full authentications: against hostapd, against the floor, over subscribers, and the
memory of those half open."""
import json
import subprocess
import sys
import time
from pathlib import Path

from measure import (BUILD, CEILING_WANTED, LOAD_CPU, SERVER_CPU, Daemon, Process, cpu_seconds,
                     free_port, median, on, pss_kib)

SECRET = "testing123"
K, OPC = "465b5ce8b199b49faa5f0a2ee238a6bc", "cd63cb71954a9f4e48a5994e37a02baf"
FIRST_IMSI = "001010000000001"
METHODS = ("aka-prime", "aka")
TITLES = {"aka-prime": "EAP-AKA'", "aka": "EAP-AKA"}
# A burst stays below hostapd's hard limit of 1,000 sessions, which it keeps for a while after their
# end; each burst has a fresh hostapd.
HOSTAPD_BURST, HOSTAPD_BURSTS = 900, 20


def load(name, *options, cpu=LOAD_CPU):
    """One run of the generator; its report, or the end of this program."""
    command = on(cpu, [BUILD / "latchkey", "load", name, "--json", "--k", K, "--opc", OPC,
                       "--secret", SECRET, "--imsi", FIRST_IMSI, *options])
    done = subprocess.run(command, capture_output=True, text=True)
    if not done.stdout.startswith("{"):
        sys.exit(f"bench: {' '.join(command)}\n{done.stdout}{done.stderr}")
    report = json.loads(done.stdout)
    wrong = sum(report["errors"].values())
    if wrong > 0:
        print(f"bench: {wrong} errors of {report['done']}: {report['errors']}", file=sys.stderr)
    return report


class Hostapd:
    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        (folder / "users").write_text("".join(
            f'"{digit}"* {method}\n' for digits, method in (("024", "AKA"), ("678", "AKA'"))
            for digit in digits))
        (folder / "clients").write_text(f"127.0.0.0/8 {SECRET}\n")
        (folder / "hostapd.conf").write_text(
            "driver=none\ninterface=bench0\nlogger_syslog=0\nlogger_stdout=0\nieee8021x=1\n"
            f"eap_server=1\neap_user_file={folder}/users\neap_sim_id=3\n"
            f"eap_sim_db=unix:{folder}/auc.sock\nradius_server_clients={folder}/clients\n"
            f"radius_server_auth_port={self.port}\n")

    def auc(self):
        return Process([BUILD / "bench" / "auc_double", self.folder / "auc.sock", K, OPC], "ready")

    def burst(self, method, window):
        with Process(["hostapd", self.folder / "hostapd.conf"]):
            for _ in range(100):
                if f":{self.port:04X} " in Path("/proc/net/udp").read_text():
                    break
                time.sleep(0.02)
            return load(f"radius-{method}", "--server", f"127.0.0.1:{self.port}", "--window",
                        window, "--count", HOSTAPD_BURST)

    def rate(self, method, window, bursts):
        """hostapd asks the double over a Unix socket, one at a time: both on the server's core."""
        return [self.burst(method, window) for _ in range(bursts)]


class Latchkeyd(Daemon):
    """One worker and the vault on the server's core."""

    def __init__(self, folder, subscribers, more=""):
        self.port = free_port()
        super().__init__(folder / f"latchkeyd-{subscribers}",
                         f"radius:\n  listen: [127.0.0.1]\n  port: {self.port}\n"
                         "  accounting_port: 0\n  clients:\n    - address: 127.0.0.0/8\n"
                         f"      secret: {SECRET}\n{more}")
        self.fill(subscribers)

    def fill(self, subscribers):
        if (self.folder / "filled").exists():
            return
        lines = self.folder / "subscribers.txt"
        with lines.open("w") as to:
            subprocess.run([BUILD / "latchkey", "load", "radius-aka", "--print-subscribers", "--k",
                            K, "--opc", OPC, "--imsi", FIRST_IMSI, "--subscribers",
                            str(subscribers)], stdout=to, check=True)
        subprocess.run([BUILD / "latchkey", "subscriber", "import", "-c", self.config, "--format",
                        "hostapd", lines], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        lines.unlink()
        (self.folder / "filled").touch()

    def address(self):
        return ["--server", f"127.0.0.1:{self.port}"]

    def memory_mib(self, kind):
        return sum(pss_kib(pid, kind) for pid in self.pids()) / 1024


# ---- the tables ----

class Radius:
    def timed(self, name, *options):
        return load(name, *options, "--seconds", self.seconds, "--warm-up", 0.5)

    def ceiling(self, method, window):
        return self.timed(f"radius-{method}", "--ceiling", "--responder-cpu", SERVER_CPU,
                          "--window", window, "--check-every", 0)

    def rate(self):
        hostapd = Hostapd(self.folder)
        rows = []
        print("\n1. Full authentications a second on one core\n")
        print(f"{'method':10}{'window':>7}{'hostapd':>10}{'latchkeyd':>11}{'ratio':>7}"
              f"{'p50 ms':>9}{'p99 ms':>9}{'ceiling':>10}{'of it':>7}")
        for method in METHODS:
            for window in self.windows:
                with hostapd.auc():
                    peers = hostapd.rate(method, window, self.bursts)
                row = {"method": method, "window": window, "hostapd": median(peers),
                       "hostapd_p99_us": median(peers, "p99_us")}
                ceilings = [self.ceiling(method, window) for _ in range(self.runs)]
                row["ceiling"] = median(ceilings)
                if self.daemon:
                    with Latchkeyd(self.folder, self.subscribers) as ours:
                        runs = [self.timed(f"radius-{method}", *ours.address(), "--window",
                                           window, "--subscribers", self.subscribers)
                                for _ in range(self.runs)]
                    row.update(latchkeyd=median(runs), p50_us=median(runs, "p50_us"),
                               p99_us=median(runs, "p99_us"),
                               errors=sum(sum(r["errors"].values()) for r in runs))
                    row["ratio"] = row["latchkeyd"] / row["hostapd"]
                    row["ceiling_ratio"] = row["ceiling"] / row["latchkeyd"]
                    row["void"] = row["ceiling_ratio"] < CEILING_WANTED
                rows.append(row)
                print_rate(row)
        self.result["rate"] = rows

    def floor(self):
        rows = []
        print("\n2. Against the floor: the same datagrams and cryptography without a protocol\n")
        print(f"{'method':10}{'window':>7}{'echo':>10}{'floor':>10}{'latchkeyd':>11}{'of it':>7}"
              f"{'of its CPU':>12}")
        for method in METHODS:
            for window in self.windows[-2:]:
                row = {"method": method, "window": window}
                for kind, key in (("echo", "echo"), (method, "floor")):
                    port = free_port()
                    with Process([BUILD / "bench" / "floor", port, kind], "ready") as floor:
                        runs = [self.timed("floor", "--server", f"127.0.0.1:{port}", "--window",
                                           window) for _ in range(self.runs)]
                        row[key] = median(runs)
                        before = sum(cpu_seconds(floor.child.pid))
                        last = load("floor", "--server", f"127.0.0.1:{port}", "--window", window,
                                    "--seconds", self.seconds)
                        row[f"{key}_cpu_us"] = (sum(cpu_seconds(floor.child.pid)) - before) * \
                            1e6 / last["done"]
                if self.daemon:
                    row.update(self.spent(method, window))
                    row["share"] = row["latchkeyd"] / row["floor"]
                    row["cpu_share"] = row["floor_cpu_us"] / \
                        sum(map(sum, row["cpu_us_each"].values()))
                rows.append(row)
                print(f"{TITLES[method]:10}{window:>7}{row['echo']:>10,.0f}{row['floor']:>10,.0f}"
                      + (f"{row['latchkeyd']:>11,.0f}{row['share']:>7.0%}"
                         f"{row['cpu_share']:>12.0%}" if self.daemon else ""))
                print(f"{'':17}echo: {row['echo_cpu_us']:.1f} us CPU each, floor: "
                      f"{row['floor_cpu_us']:.1f} us")
                for name, (user, system) in row.get("cpu_us_each", {}).items():
                    print(f"{'':17}{name}: {user:.1f} us user, {system:.1f} us system each")
        self.result["floor"] = rows
        self.steps()

    def steps(self):
        """Inside the process: the rest is datagrams, the way to the vault and back, the store."""
        self.result["steps_ns"] = {}
        print("\n   Of it inside the process, ns each")
        for method in METHODS:
            done = subprocess.run(on(SERVER_CPU, [BUILD / "bench" / "steps", method]),
                                  capture_output=True, text=True, check=True)
            steps = json.loads(done.stdout)
            self.result["steps_ns"][method] = steps
            print(f"\n   {TITLES[method]}")
            for name, ns in steps.items():
                print(f"{ns:>10,}  {name}")

    def spent(self, method, window):
        """Rate, and where the core's time goes, by process and by user and system."""
        with Latchkeyd(self.folder, self.subscribers) as ours:
            load(f"radius-{method}", *ours.address(), "--seconds", 0.5, "--window", window,
                 "--subscribers", self.subscribers)
            before = ours.cpu()
            report = load(f"radius-{method}", *ours.address(), "--window", window, "--seconds",
                          self.seconds, "--subscribers", self.subscribers)
            after = ours.cpu()
        each = {name: tuple((after[name][i] - before.get(name, (0, 0))[i]) / report["done"] * 1e6
                            for i in (0, 1)) for name in after}
        return {"latchkeyd": report["rate"],
                "cpu_us_each": {n: v for n, v in each.items() if sum(v) > 0.05}}

    def flat(self):
        """A subscriber gets ten vectors a second on the average, and sixteen more at once (sequence
        numbers follow the clock): a thousand of them are loaded in bursts."""
        rows = []
        print("\n   Flat over subscribers (EAP-AKA', window 64)\n")
        for subscribers in self.scale if self.daemon else ():
            with Latchkeyd(self.folder, subscribers) as ours:
                runs = []
                for _ in range(max(3, self.runs)):
                    options = ["--count", 12 * subscribers] if subscribers < 20000 else \
                        ["--seconds", self.seconds]
                    runs.append(load("radius-aka-prime", *ours.address(), *options,
                                     "--subscribers", subscribers))
                    time.sleep(2)
            rows.append({"subscribers": subscribers, "rate": median(runs),
                         "p99_us": median(runs, "p99_us"),
                         "errors": sum(sum(r["errors"].values()) for r in runs)})
            print(f"{subscribers:>12,} {rows[-1]['rate']:>10,.0f} a second, "
                  f"p99 {rows[-1]['p99_us'] / 1000:.2f} ms, {rows[-1]['errors']} errors")
        self.result["flat"] = rows

    def memory(self):
        rows = []
        print("\n3. Resident size with authentications half open\n")
        for flight in self.flight if self.daemon else ():
            with Latchkeyd(self.folder, self.subscribers) as ours:
                # The caches are as full as they get, and every subscriber has been, before the
                # first is counted: what is seen is what is in flight.
                load("radius-aka-prime", *ours.address(), "--count", 2 * self.subscribers,
                     "--subscribers", self.subscribers)
                if flight > 0:
                    load("radius-half-open", *ours.address(), "--count", flight, "--subscribers",
                         self.subscribers)
                rows.append({"half_open": flight, "mib": ours.memory_mib("Pss"),
                             "mapped_file_mib": ours.memory_mib("Pss_File")})
            more = rows[-1]["mib"] - rows[0]["mib"]
            print(f"{flight:>12,} {rows[-1]['mib']:>9.1f} MiB  {more:+.1f}   "
                  f"(of it {rows[-1]['mapped_file_mib']:.1f} pages of files: programs and store)")
        self.result["memory"] = rows


def print_rate(row):
    text = f"{TITLES[row['method']]:10}{row['window']:>7}{row['hostapd']:>10,.0f}"
    if "latchkeyd" in row:
        text += (f"{row['latchkeyd']:>11,.0f}{row['ratio']:>6.1f}x{row['p50_us'] / 1000:>9.2f}"
                 f"{row['p99_us'] / 1000:>9.2f}{row['ceiling']:>10,.0f}"
                 f"{row['ceiling_ratio']:>6.1f}x{'  VOID' if row['void'] else ''}")
    else:
        text += f"{'-':>11}{'':25}{row['ceiling']:>10,.0f}"
    print(text, flush=True)
