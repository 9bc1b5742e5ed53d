"""The tables of the trusted WLAN: devices attached to the real wlan process, with the real anchor
behind it, and what one that is idle weighs."""
import json
import statistics
import subprocess
import sys
import time

from dtls import dtls_engine
from measure import (BUILD, CEILING_WANTED, LOAD_CPU, Daemon, Process, cpu_seconds, free_port,
                     median, on, pss_kib)

WLAN, ANCHOR = "latchkey-wlan", "latchkey-anchor"
MEMORY_AIM_KIB = 14
# Y17: so many handshakes a second, and 100,000 sessions in so much memory.
HANDSHAKES_AIM, PROCESS_AIM_MIB, PROCESS_AIM_AT = 2000, 2048, 100000
SAMPLE = 1000       # devices that say in the end that they have what they had
PATIENCE_S = 5
WINDOW = 64
# Octets in the records of a set-up: request and accept, binding update and acknowledgement.
DEVICE_RECORDS, ANCHOR_RECORDS = (14, 25), (168, 112)


class Devices:
    """The generator: told a word, it does that with all devices and says how it went."""

    def __init__(self, port, count, *options):
        self.command = on(LOAD_CPU, [BUILD / "bench" / "wlcp_load", port, "--devices", count,
                                     "--window", WINDOW, *options])

    def __enter__(self):
        self.child = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      text=True)
        return self

    def __exit__(self, *_):
        self.child.stdin.close()
        self.child.wait()

    def do(self, words):
        print(words, file=self.child.stdin, flush=True)
        line = self.child.stdout.readline()
        if not line:
            sys.exit(f"bench: {' '.join(self.command)} ended at '{words}'")
        report = json.loads(line)
        if report["errors"] > 0:
            print(f"bench: {report['errors']} errors of {report['done']} at '{words}'",
                  file=sys.stderr)
        return report


class Gateway(Daemon):
    """TWAG and anchor, and a link by which a TWAP elsewhere tells of devices."""

    def __init__(self, folder, devices):
        self.port, self.link, anchor, tunnel = free_port(), free_port(), free_port(), free_port()
        self.certificates = folder / "certificates"
        most = devices + 16
        for name in ("twag", "twap"):
            if not (self.certificates / f"{name}.crt").exists():
                subprocess.run([BUILD / "latchkey", "certificate", "make", "--name", name, "--out",
                                self.certificates], check=True, stdout=subprocess.DEVNULL)
        super().__init__(
            folder / f"twag-{devices}",
            "roles: [twag, anchor]\n"
            f"wlcp: {{ port: {self.port}, user_port: {free_port()}, any_source_port: true,\n"
            f"        sessions_max: {most} }}\n"
            f"mag: {{ name: lab, port: {anchor}, tunnel_port: {tunnel} }}\n"
            f"anchor: {{ port: {anchor}, tunnel_port: {tunnel}, bindings_max: {most},\n"
            "          durable: false, rate: 10000000, mag_rate: 10000000 }\n"
            f"radsec: {{ port: {self.link}, certificate: {self.certificates}/twag.crt,\n"
            f"          key: {self.certificates}/twag.key, ca: {self.certificates}/ca.crt,\n"
            "          peers: [{ name: twap, certificate: twap, twap: true }] }\n")

    def devices(self, count):
        return Devices(self.port, count, "--link", self.link, "--folder", self.certificates,
                       "--node-key", self.folder / "node.key", "--mag", "lab")

    def memory_kib(self):
        return {name: pss_kib(pid) for name, pid in self.named().items()}

    def counts(self):
        done = subprocess.run([BUILD / "latchkey", "status", "--json", "-c", self.config],
                              capture_output=True, text=True)
        return {name: count for worker in json.loads(done.stdout)["workers"]
                for name, count in worker["counts"].items()}

    def alive(self, count):
        """Whether all devices have their channel, and their connection, and its binding."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            told = self.counts()
            if all(told[name] == count for name in ("wlcp_channels", "wlcp_connections",
                                                    "anchor_bindings")):
                return True
            time.sleep(0.2)     # counters are a tick behind
        return False


def spent_us(before, after, count):
    """Per name, microseconds of the core for each of count."""
    return {name: (sum(after[name]) - sum(before[name])) * 1e6 / count for name in after}


class Wlcp:
    def wlcp(self):
        """Floor: an echo of the datagrams of a set-up on both legs, by a gateway and an anchor as
        well, and the engine's own time for their records in memory on top of it."""
        count = 10000 if self.quick else 100000
        print(f"\n6. {count:,} devices at a trusted WLAN: wlan and anchor on one core, DTLS "
              f"(PSK-AES128-GCM), window {WINDOW}\n")
        echoes, engine, rounds = [], [], []
        for _ in range(self.runs):
            engine.append(wlcp_engine())
            echoes.append(wlcp_echo(count))
            rounds.append(wlcp_round(self.folder, count))
        row = {"devices": count, "echo": median(echoes), "echo_cpu_us": median(echoes, "cpu_us"),
               "engine_us": statistics.median(engine)}
        row["floor"] = 1e6 / (1e6 / row["echo"] + row["engine_us"])
        for phase in ("tell", "connect", "setup"):
            row[phase] = statistics.median(r[phase]["rate"] for r in rounds)
        for name in (WLAN, ANCHOR):
            row[name] = statistics.median(r["setup"]["cpu_us"][name] for r in rounds)
        row["handshake_cpu_us"] = statistics.median(r["connect"]["cpu_us"][WLAN] for r in rounds)
        row["p99_us"] = statistics.median(r["setup"]["p99_us"] for r in rounds)
        row["share"] = row["setup"] / row["floor"]
        row["cpu_share"] = (row["echo_cpu_us"] + row["engine_us"]) / (row[WLAN] + row[ANCHOR])
        row["ceiling_ratio"] = 1 / statistics.median(r["setup"]["busy"] for r in rounds)
        row["errors"] = sum(r[phase]["errors"] for r in rounds for phase in ("connect", "setup"))
        row["memory"] = wlcp_memory(rounds, count)
        self.result["wlcp"] = row
        wlcp_print(row, count)


def wlcp_engine():
    """Microseconds of the engine for the records of one set-up: request, accept and complete of a
    device; an update that is sealed and opened, and an acknowledgement."""
    device = dtls_engine("psk", 0.5, *DEVICE_RECORDS)
    anchor = dtls_engine("ecdhe", 0.5, *ANCHOR_RECORDS)
    return 2 * device["open_us"] + device["seal_us"] + 2 * (anchor["open_us"] + anchor["seal_us"])


def wlcp_echo(count):
    port = free_port()
    with Process([BUILD / "bench" / "wlcp_floor", port], "ready") as floor:
        pid = floor.child.pid
        with open(f"/proc/{pid}/task/{pid}/children") as children:
            pids = [pid, *map(int, children.read().split())]
        with Devices(port, count, "--fixed") as devices:
            before = sum(sum(cpu_seconds(each)) for each in pids)
            report = devices.do("setup")
            spent = sum(sum(cpu_seconds(each)) for each in pids) - before
    report["cpu_us"] = spent * 1e6 / count
    return report


def wlcp_round(folder, count):
    """All devices from nothing to an idle connection; report by phase."""
    with Gateway(folder, count) as gateway, gateway.devices(count) as devices:
        told = {"before": gateway.memory_kib()}
        for phase in ("tell", "connect", "setup"):
            before = gateway.cpu()
            told[phase] = devices.do(phase)
            told[phase]["cpu_us"] = spent_us(before, gateway.cpu(), count)
        told["after"] = gateway.memory_kib()
        told["sample"] = devices.do(f"check {min(SAMPLE, count)}")["done"]
        told["alive"] = gateway.alive(count)
    return told


def wlcp_memory(rounds, count):
    found = {name: statistics.median((r["after"][name] - r["before"][name]) / count
                                     for r in rounds) for name in (WLAN, ANCHOR)}
    found["wlan_mib"] = statistics.median(r["after"][WLAN] for r in rounds) / 1024
    found["alive"] = all(r["alive"] for r in rounds)
    found["sample"] = min(r["sample"] for r in rounds)
    return found


def wlcp_print(row, count):
    memory = row["memory"]
    print(f"{'':7}{row['setup']:,.0f} PDN set-ups a second, p99 {row['p99_us'] / 1000:.2f} ms; "
          f"floor {row['floor']:,.0f}: {row['share']:.0%} of it, {row['cpu_share']:.0%} of its CPU"
          f"{'  VOID' if row['ceiling_ratio'] < CEILING_WANTED else ''}")
    print(f"{'':7}us CPU each: wlan {row[WLAN]:.1f}, anchor {row[ANCHOR]:.1f} "
          f"({row[ANCHOR] / (row[WLAN] + row[ANCHOR]):.0%}), echo {row['echo_cpu_us']:.1f}, "
          f"engine {row['engine_us']:.1f}; the generator could do {row['ceiling_ratio']:.1f} times "
          "as many")
    print(f"{'':7}{row['connect']:,.0f} handshakes a second (aim {HANDSHAKES_AIM:,}), "
          f"{row['handshake_cpu_us']:.1f} us CPU each; {row['tell']:,.0f} sessions a second over "
          "the session link")
    print(f"{'':7}{memory[WLAN]:.1f} KiB an idle device with one connection (aim "
          f"{MEMORY_AIM_KIB}), {memory[ANCHOR]:.2f} at the anchor; wlan weighs "
          f"{memory['wlan_mib']:,.0f} MiB in all"
          + (f" (aim {PROCESS_AIM_MIB:,})" if count == PROCESS_AIM_AT else ""))
    print(f"{'':7}{'all alive' if memory['alive'] else 'NOT ALL ALIVE'} in the end: by the "
          f"counters, and by {memory['sample']:,} that asked; {row['errors']} errors", flush=True)
