"""The table of 4-way handshakes: both machines of the 802.11 room in one process, and a floor."""
import json
import subprocess

from measure import BUILD, SERVER_CPU, median, on

AKMS = {2: "PSK (SHA-1)", 6: "PSK with SHA-256"}
RUNS, SECONDS = 7, 2
SPREAD_MAX = 0.1    # of the median share, by half of the runs


class Rsn:
    def rsn(self):
        """Handshakes and floor take turns within each run: a share is of one run, and the median
        is of shares. Void when the runs do not agree."""
        rows = []
        print("\n7. 4-way handshakes a second on one core, both ends\n")
        print(f"{'AKM':18}{'floor':>9}{'machines':>10}{'of it':>7}{'floor us':>10}"
              f"{'machines us':>12}")
        for akm, title in AKMS.items():
            runs = [self.rsn_run(akm) for _ in range(1 if self.quick else RUNS)]
            shares = sorted(r["share"] for r in runs)
            row = {"akm": akm, "floor": median(runs, "floor"), "machines": median(runs, "machines"),
                   "share": median(runs, "share"), "octets": runs[0]["octets"]}
            quarter = len(shares) // 4
            row["void"] = shares[-1 - quarter] - shares[quarter] > SPREAD_MAX * row["share"]
            rows.append(row)
            print(f"{title:18}{row['floor']:>9,.0f}{row['machines']:>10,.0f}{row['share']:>7.0%}"
                  f"{1e6 / row['floor']:>10.2f}{1e6 / row['machines']:>12.2f}"
                  f"{'  VOID' if row['void'] else ''}", flush=True)
        self.result["rsn"] = rows

    def rsn_run(self, akm):
        done = subprocess.run(on(SERVER_CPU, [BUILD / "bench" / "rsn_handshakes", akm,
                                              SECONDS]),
                              capture_output=True, text=True, check=True)
        run = json.loads(done.stdout)
        run["share"] = run["machines"] / run["floor"]
        return run
