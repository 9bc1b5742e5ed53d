"""The table of handovers: optimised, by ERP, and by a full EAP-AKA', over the same delays."""
import statistics
import time
from contextlib import ExitStack

from mis_world import (PATIENCE_S, REALM, SECRET, Device, Home, Network, Points, port_of_both,
                       pos_name)

MN_S, HOME_S = 0.005, 0.1           # one way: to who serves; from a PoS to the home
BETWEEN_S = (0.02, 0.05, 0.15)      # from PoS to PoS
RUNS = 5
AIM = 0.5                           # of a full EAP, in every row
SETTLE_S = 0.7                      # until nothing is under way


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
        return {"ms": (accepted[1] - decided) * 1e3,
                "trips": trips([each for each in crossed if each[0] <= accepted[0]])}


def trips(crossed):
    """Round trips by path, as they went over it: a handshake of TCP is one; of messages, what goes
    there and is answered is one, and what is not answered any more is half of one."""
    found = {}
    for path in sorted({each[2] for each in crossed}):
        ways = [each[3] for each in crossed if each[2] == path]
        flights = [way for i, way in enumerate(ways) if way != "open" and
                   (i == 0 or ways[i - 1] != way)]
        found[path] = {"handshakes": ways.count("open"), "trips": len(flights) / 2,
                       "crossed": [(round(e[0], 4), round(e[1], 4), *e[3:]) for e in crossed
                                   if e[2] == path]}
    return found


def optimised(lab):
    lab.device.ask("mis-attach", pos=pos_name("a"))
    run = lab.move("mis-handover", "spos")
    return run


if __name__ == "__main__":
    import json
    import tempfile
    from pathlib import Path
    folder = Path(tempfile.mkdtemp())
    for transport in ("tcp", "udp"):
        for kind, settings in (("opt", {}), ("erp", {}), ("full", {"erp": "false"})):
            with Lab(folder / f"{transport}-{kind}", 0.05, transport=transport, **settings) as lab:
                lab.device.ask("mis-attach", pos=pos_name("a"))
                run = lab.move("mis-handover" if kind == "opt" else "mis-attach",
                               "spos" if kind == "opt" else "eap")
                print(transport, kind, run["ms"])
                for path, x in run["trips"].items():
                    print("  ", path, x["handshakes"], x["trips"])
                    for e in x["crossed"]: print("       ", e)
