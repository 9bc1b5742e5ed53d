"""The table of DTLS handshakes, and what a session keeps."""
import json
import statistics
import subprocess
import sys

from measure import (BUILD, CEILING_WANTED, LOAD_CPU, SERVER_CPU, Process, cpu_seconds, free_port,
                     median, on, pss_kib)

FLOOR_AIM, OPENSSL_AIM = 0.70, 1.3


def dtls_load(port, *options):
    """One run of the generator of DTLS handshakes."""
    done = subprocess.run(on(LOAD_CPU, [BUILD / "bench" / "dtls_load", port, *options]),
                          capture_output=True, text=True, check=True)
    report = json.loads(done.stdout)
    if report["errors"] > 0:
        print(f"bench: {report['errors']} errors of {report['done']}", file=sys.stderr)
    return report


def dtls_engine(suite, seconds, *lengths):
    """Microseconds of the server's engine for one handshake (server_us), or for a record of so many
    octets that comes and one that goes (open_us, seal_us)."""
    done = subprocess.run(on(SERVER_CPU, [BUILD / "bench" / "dtls_engine", suite, seconds,
                                          *lengths]), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


class Dtls:
    def dtls(self):
        """Handshakes with a pre-shared key through the channel. Floor: an echo of the same
        datagrams, and the engine's own time in memory on top of it. Peer: OpenSSL's own loop."""
        rows = []
        print("\n4. DTLS 1.2 handshakes with a pre-shared key (PSK-AES128-GCM) on one core\n")
        print(f"{'window':>7}{'echo':>10}{'floor':>10}{'channel':>10}{'of it':>7}{'of its CPU':>12}"
              f"{'openssl':>10}{'ratio':>7}{'by CPU':>8}{'p99 ms':>9}{'ceiling':>9}")
        for window in (1, 64) if self.quick else (1, 64, 512):
            rows.append(self.dtls_row(window))
            self.dtls_print(rows[-1])
        print(f"{'':7}aims: {FLOOR_AIM:.0%} of the floor, {OPENSSL_AIM} times OpenSSL; with "
              "forward secrecy (ECDHE, X25519) the engine takes "
              f"{dtls_engine('ecdhe', 1)['server_us']:.0f} us")
        self.result["dtls"] = rows
        self.dtls_memory()

    def dtls_row(self, window):
        kinds = [("echo", ["dtls_serve", "echo"], ["--echo"]),
                 ("channel", ["dtls_serve", "channel"], [])]
        if (BUILD / "bench" / "dtls_openssl").exists():
            kinds.append(("openssl", ["dtls_openssl"], []))
        engine = []
        runs = {name: [] for name, _, _ in kinds}
        for _ in range(self.runs):
            engine.append(dtls_engine("psk", min(1, self.seconds))["server_us"])
            for name, (program, *words), options in kinds:
                runs[name].append(self.dtls_run(program, words, options, window))
        row = {"window": window, "engine_us": statistics.median(engine)}
        for name, reports in runs.items():
            row[name] = median(reports)
            row[f"{name}_cpu_us"] = median(reports, "cpu_us")
        row["floor"] = 1e6 / (1e6 / row["echo"] + row["engine_us"])
        row["share"] = row["channel"] / row["floor"]
        row["cpu_share"] = (row["echo_cpu_us"] + row["engine_us"]) / row["channel_cpu_us"]
        if "openssl" in row:
            row["ratio"] = row["channel"] / row["openssl"]
            row["cpu_ratio"] = row["openssl_cpu_us"] / row["channel_cpu_us"]
        row["p99_us"] = median(runs["channel"], "p99_us")
        row["ceiling_ratio"] = 1 / median(runs["channel"], "busy")
        row["void"] = row["ceiling_ratio"] < CEILING_WANTED
        return row

    @staticmethod
    def dtls_print(row):
        text = (f"{row['window']:>7}{row['echo']:>10,.0f}{row['floor']:>10,.0f}"
                f"{row['channel']:>10,.0f}{row['share']:>7.0%}{row['cpu_share']:>12.0%}")
        if "openssl" in row:
            text += f"{row['openssl']:>10,.0f}{row['ratio']:>6.1f}x{row['cpu_ratio']:>7.1f}x"
        else:
            text += f"{'-':>10}{'':15}"
        print(f"{text}{row['p99_us'] / 1000:>9.2f}{row['ceiling_ratio']:>8.1f}x"
              f"{'  VOID' if row['void'] else ''}")
        print(f"{'':7}us CPU each: echo {row['echo_cpu_us']:.1f}, engine {row['engine_us']:.1f}, "
              f"channel {row['channel_cpu_us']:.1f}", flush=True)

    def dtls_run(self, program, words, options, window):
        port = free_port()
        with Process([BUILD / "bench" / program, port, *words], "ready") as server:
            before = sum(cpu_seconds(server.child.pid))
            report = dtls_load(port, *options, "--window", window, "--seconds", self.seconds,
                               "--warm-up", 0.5)
            spent = sum(cpu_seconds(server.child.pid)) - before
        # Of the warm-up too: it went on at the same rate.
        report["cpu_us"] = spent * 1e6 / (report["rate"] * (self.seconds + 0.5))
        return report

    def dtls_memory(self):
        count = 5000 if self.quick else 100000
        port = free_port()
        with Process([BUILD / "bench" / "dtls_serve", port, "channel", count], "ready") as server:
            before = pss_kib(server.child.pid)
            done = dtls_load(port, "--keep", "--count", count)["done"]
            each = (pss_kib(server.child.pid) - before) / done
        print(f"{'':7}{each:.1f} KiB a session that is idle, over {done:,}")
        self.result["dtls_memory"] = {"sessions": done, "kib_each": each}
