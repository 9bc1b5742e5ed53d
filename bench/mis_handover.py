"""The table of handovers: optimised, by ERP, and by a full EAP-AKA', over the same delays."""
import statistics
import time
from contextlib import ExitStack

from mis_world import (PATIENCE_S, REALM, SECRET, Device, Home, Network, Points, port_of_both,
                       pos_name)

MN_S, HOME_S = 0.005, 0.1           # one way: to who serves; from a PoS to the home
BETWEEN_S = (0.02, 0.05, 0.15)      # from PoS to PoS
WAYS = {"mn-spos": "SPoS", "spos-tpos": "SPoS-TPoS", "mn-tpos": "TPoS", "tpos-home": "home",
        "spos-home": "home"}
KINDS = (("optimised", "mis-handover", "spos", {}), ("ERP", "mis-attach", "eap", {}),
         ("EAP-AKA'", "mis-attach", "eap", {"erp": "false"}))
AIM = 0.5                           # of a full EAP, in every row
SETTLE_S = 0.7                      # until nothing is under way, one way at most


class Lab:
    """A device at `a`, with `b` so far behind it, and a home behind both."""

    def __init__(self, folder, between_s, **device):
        folder.mkdir()
        self.stack, self.folder, self.between_s, self.settings = ExitStack(), folder, between_s, \
            device

    def __enter__(self):
        start = self.stack.enter_context
        home = start(Home(self.folder, "ab"))
        inner = {stem: port_of_both() for stem in "ab"}     # where they really listen
        outer = {stem: port_of_both() for stem in "ab"}     # where they are found
        radius = {stem: port_of_both() for stem in "ab"}
        links = {stem: port_of_both() for stem in "ab"}
        far = port_of_both()
        self.network = start(Network(
            ("mn-spos", outer["a"], inner["a"], MN_S),
            ("mn-tpos", outer["b"], inner["b"], MN_S + self.between_s),
            ("spos-tpos", far, links["b"], self.between_s),
            ("spos-home", radius["a"], home.port, HOME_S, "127.0.0.1"),
            ("tpos-home", radius["b"], home.port, HOME_S, "127.0.0.2")))

        def row(stem, other, source, link):
            return {"port": inner[stem], "link_port": links[stem],
                    "aaa": {"port": radius[stem], "secret": SECRET, "source": source},
                    "homes": [{"realm": REALM, "mark_key": home.public}],
                    "partners": [{"id": pos_name(other), "name": other, "address": "127.0.0.1",
                                  "link_port": link}],
                    "neighbours": [{"network": f"wlan-{other}", "pos": pos_name(other),
                                    "address": "127.0.0.1", "port": outer[other]}]}

        self.points = start(Points(self.folder, {"a": row("a", "b", "127.0.0.1", far),
                                                 "b": row("b", "a", "127.0.0.2", links["a"])}))
        self.points.wait_links(2)
        self.device = start(Device(self.folder, outer, **self.settings))
        return self

    def __exit__(self, *_):
        self.stack.close()

    def run(self, op, want):
        self.device.ask("mis-attach", pos=pos_name("a"))
        return self.move(op, want)

    def move(self, op, want):
        """From an SA with `a` to one with `b`: what crossed until `b` had accepted it."""
        time.sleep(SETTLE_S)
        decided = time.monotonic()
        self.device.ask(op, pos=pos_name("b"))
        answered = time.monotonic()
        time.sleep(SETTLE_S)
        row = self.points.serving()[pos_name("b")]
        if (row["type"], row["half_open"]) != (want, False):
            raise RuntimeError(f"bench: {op}: {row}")
        crossed = self.network.since(decided)
        there = [each for each in crossed if each[2] == "mn-tpos" and each[3] == "there"]
        # Optimised, AUTH-T is the first thing that the target hears; else it is the last.
        accepted = there[0] if op == "mis-handover" else \
            [each for each in there if each[0] <= answered][-1]
        crossed = [each for each in crossed if each[0] <= accepted[0]]
        trips = {path: trips_of(crossed, path) for path in WAYS}
        handshakes = sum(each[2:4] == ("mn-tpos", "open") for each in crossed)
        ms = (accepted[1] - decided) * 1e3
        return {"ms": ms, "own_ms": ms - self.network_ms(trips, handshakes * (op == "mis-attach")),
                "handshakes": handshakes} | trips

    def network_ms(self, trips, handshakes):
        """What the paths make of it; the handshake of a handover goes on beside its question."""
        tpos_s = MN_S + self.between_s
        return 2e3 * (trips["mn-spos"] * MN_S + trips["spos-tpos"] * self.between_s +
                      (handshakes + trips["mn-tpos"]) * tpos_s + trips["tpos-home"] * HOME_S)


def trips_of(crossed, path):
    """Round trips over it, as they went: something said, and answered. What nobody waits for, an
    acknowledgement, is none; AUTH-T, with which the TPoS ends it, is half of one."""
    ways = [way for *_, name, way, _ in crossed if name == path and way != "open"]
    answered = sum(way == "back" and ways[i - 1] == "there" for i, way in enumerate(ways) if i > 0)
    return answered + (0.5 if path == "mn-tpos" else 0)


class Handover:
    def handover(self):
        """Real daemons over real sockets, and between them a network that only delays."""
        print(f"\n10. MIS handovers: ms from the MN's decision until the TPoS accepts AUTH-T\n"
              f"    MN to SPoS {MN_S * 1e3:.0f} ms one way, PoS to home {HOME_S * 1e3:.0f} ms, MN "
              "to TPoS as far as over the SPoS\n")
        print(f"{'SPoS-TPoS':>9}  {'transport':10}{'':11}{'ms':>7}{'of full':>9}{'own ms':>8}   "
              "round trips, and handshakes of TCP")
        rows = []
        for between_s in BETWEEN_S[:1] if self.quick else BETWEEN_S:
            for transport in ("tcp", "udp"):
                rows += self.handover_rows(between_s, transport)
        self.result["mis_handover"] = rows

    def handover_rows(self, between_s, transport):
        rows = []
        for kind, op, want, settings in KINDS:
            folder = self.folder / f"mis-{between_s}-{transport}-{op}-{len(settings)}"
            with Lab(folder, between_s, transport=transport, **settings) as lab:
                runs = [lab.run(op, want) for _ in range(self.runs)]
            rows.append({"between_ms": between_s * 1e3, "transport": transport, "kind": kind} |
                        {key: statistics.median(run[key] for run in runs) for key in runs[0]})
        for row in rows:
            row["of_full"] = row["ms"] / rows[-1]["ms"]
            row["met"] = row["kind"] != "optimised" or (
                row["of_full"] <= AIM and row["mn-spos"] == 1 and
                row["tpos-home"] + row["spos-home"] == 0)
            print_row(row)
        return rows


def print_row(row):
    trips = ", ".join(f"{WAYS[path]} {row[path]:g}" for path in WAYS if row[path] > 0)
    if row["handshakes"] > 0:
        trips += f"; {row['handshakes']:g} handshake"
    print(f"{row['between_ms']:>6.0f} ms  {row['transport']:10}{row['kind']:11}"
          f"{row['ms']:>7.0f}"
          f"{row['of_full']:>9.0%}{row['own_ms']:>8.1f}   {trips}"
          f"{'' if row['met'] else '  AIM MISSED'}", flush=True)
