"""Mobile IP at the anchor: registrations a second, how it comes back after a kill, and packets."""
import time

from measure import Process, free_port, median, pss_kib
from mip_agent import HomeAgent, mip_load
from mip_handover import Handover
from mip_keys import Keys
from mip_packets import Packets
from pmip import BUSY_MAX, KILLED_WINDOW, spent

AIM, FLAT = 0.6, 0.2


class Mip(Keys, Packets, Handover):
    def mip(self):
        """All of Mobile IP."""
        print("\n11. Mobile IP")
        self.mip_registrations("mip4", "Mobile IPv4, HMAC-SHA-256")
        self.mip_registrations("mip6", "MIPv6, RFC 4285", "--six")
        self.mip_restart()
        self.mip_keys()
        self.mip_packets()
        self.mip_handover()

    def mip_registrations(self, name, what, *words):
        """Floor: the same datagrams and the same HMACs and, where bindings are durable, an append
        of as many octets, gathered for 2 ms. Where the generator is at its end, the floor could do
        more than it shows, and a dash stands for what the anchor's rate is of it; where that is so
        of the anchor, the row is void, but for its CPU."""
        rows = []
        print(f"\nRegistrations a second at the home agent ({what}) on one core; aim: {AIM:.0%} of "
              f"the floor, flat within {FLAT:.0%}\n")
        print(f"{'bindings':>9}{'store':>8}{'window':>7}{'floor':>9}{'anchor':>9}{'of it':>7}"
              f"{'floor us':>10}{'anchor us':>10}{'of its CPU':>11}{'p50 ms':>8}{'p99 ms':>8}")
        for bindings in self.nodes:
            for durable in (False, True):
                with HomeAgent(self.folder / f"{name}-{bindings}-{durable}", durable, bindings,
                               words) as ours:
                    ours.words = [*words, "--from", free_port(), "--bindings", bindings]
                    before = pss_kib(ours.pid())
                    filled = mip_load(ours.mip_port, *ours.words, "--window", 512, "--fill",
                                      "--seconds", 0)
                    kib = (pss_kib(ours.pid()) - before) / bindings
                    for window in self.mip_windows_of(bindings):
                        row = {"bindings": bindings, "durable": durable, "window": window,
                               "fill_s": filled["fill_s"], "kib_each": kib}
                        self.mip_row(row, ours, words)
                        rows.append(row)
                print(f"{'':9}{bindings / filled['fill_s']:>8,.0f} a second the first time; "
                      f"{kib * 1024:.0f} octets a binding beside its association", flush=True)
        self.result[name] = rows
        for durable in (False, True):
            for window in self.mip_windows:
                self.mip_flat(rows, durable, window)

    def mip_windows_of(self, bindings):
        """Between the least and the most one will do."""
        return self.mip_windows[-1:] if bindings in self.nodes[1:-1] else self.mip_windows

    def mip_row(self, row, ours, words):
        port = free_port()
        floor_words = [self.mip_floor, port, *words]
        if row["durable"]:
            floor_words.append(self.folder / "floor.log")
        options = ["--window", row["window"], "--seconds", self.mip_seconds, "--warm-up", 0.3]
        runs = {"floor": [], "anchor": []}
        for _ in range(self.runs):
            with Process(floor_words, "ready") as floor:
                runs["floor"].append(spent(mip_load, floor.child.pid, port, *words, "--bindings",
                                           row["bindings"], *options))
            runs["anchor"].append(spent(mip_load, ours.pid(), ours.mip_port, *ours.words,
                                        *options))
        for name, reports in runs.items():
            row[name] = median(reports)
            row[f"{name}_cpu_us"] = median(reports, "cpu_us")
        row["share"] = row["anchor"] / row["floor"]
        row["cpu_share"] = row["floor_cpu_us"] / row["anchor_cpu_us"]
        row["p50_us"] = median(runs["anchor"], "p50_us")
        row["p99_us"] = median(runs["anchor"], "p99_us")
        # A floor that the generator keeps waiting is compared by its CPU alone.
        row["floor_void"] = median(runs["floor"], "busy") > BUSY_MAX
        row["void"] = median(runs["anchor"], "busy") > BUSY_MAX
        share = "-" if row["floor_void"] else f"{row['share']:.0%}"
        print(f"{row['bindings']:>9,}{'disk' if row['durable'] else 'memory':>8}"
              f"{row['window']:>7}{row['floor']:>9,.0f}{row['anchor']:>9,.0f}{share:>7}"
              f"{row['floor_cpu_us']:>10.1f}{row['anchor_cpu_us']:>10.1f}"
              f"{row['cpu_share']:>11.0%}{row['p50_us'] / 1000:>8.2f}{row['p99_us'] / 1000:>8.2f}"
              f"{'  VOID' if row['void'] else ''}", flush=True)

    def mip_flat(self, rows, durable, window):
        """How much of the best rate is missing in the worst, whatever the number of bindings."""
        rates = [row["anchor"] for row in rows
                 if (row["durable"], row["window"]) == (durable, window)]
        missing = 1 - min(rates) / max(rates)
        store = "on the disk" if durable else "in memory"
        print(f"{'':9}{store}, window {window}: flat within {missing:.0%}")

    def mip_restart(self):
        """Killed with so many registered, the home agent is back soon, and knows each that it has
        acknowledged."""
        count = self.nodes[-1]
        ours = HomeAgent(self.folder / "ha-killed", True, count)
        with ours:
            done = mip_load(ours.mip_port, "--bindings", count, "--window", KILLED_WINDOW,
                            "--fill", "--seconds", 0, "--victim", ours.child.pid, "--at",
                            count - KILLED_WINDOW)
        began = time.monotonic()
        with ours:
            known = ours.count()
            back_s = time.monotonic() - began
        lost = max(0, done["acknowledged"] - known)
        print(f"{'':9}killed with {done['acknowledged']:,} acknowledged: serves again within "
              f"{back_s:.2f} s, {lost} of them lost")
        self.result["mip_restart"] = {"acknowledged": done["acknowledged"], "known": known,
                                      "back_s": back_s, "lost": lost}
