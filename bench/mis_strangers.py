"""The table of strangers (T44): a PoS under datagrams and connections of nobody it knows, what it
weighs, and how a mobile node fares meanwhile."""
import json
import select
import statistics
import subprocess
import time
from contextlib import ExitStack

from measure import BUILD, LOAD_CPU, on, pss_kib
from mis_world import REALM, SECRET, Device, Home, Points, port_of_both, pos_name

RATE, CONNECTIONS, STREAMS = 50000, 10000, 1024
FLAT_KIB = 512          # what is measured moves by so much by itself


class Place:
    """A home, two PoS, a device."""

    def __init__(self, folder):
        folder.mkdir()
        self.folder, self.stack = folder, ExitStack()

    def __enter__(self):
        start = self.stack.enter_context
        home = start(Home(self.folder, "ab"))
        self.ports = {stem: port_of_both() for stem in "ab"}
        links = {stem: port_of_both() for stem in "ab"}
        rows = {stem: {"port": self.ports[stem], "link_port": links[stem],
                       "aaa": {"port": home.port, "secret": SECRET, "source": source},
                       "homes": [{"realm": REALM, "mark_key": home.public}],
                       "partners": [{"id": pos_name(other), "name": other, "address": "127.0.0.1",
                                     "link_port": links[other]}]}
                for stem, other, source in (("a", "b", "127.0.0.1"), ("b", "a", "127.0.0.2"))}
        self.points = start(Points(self.folder, rows, f"  streams: {STREAMS}\n"))
        self.points.wait_links(2)
        self.device = {}
        for transport in ("tcp", "udp"):
            where = self.folder / transport
            where.mkdir()
            self.device[transport] = start(Device(where, self.ports, transport=transport,
                                                  erp="false"))
        return self

    def __exit__(self, *_):
        self.stack.close()

    def kib(self):
        return pss_kib(self.points.pid())

    def journey(self, transport):
        """Milliseconds of an attach to `a` by EAP and of a handover to `b`; None: it came to
        nothing."""
        took = []
        for op, stem in (("mis-attach", "a"), ("mis-handover", "b")):
            begun = time.monotonic()
            try:
                self.device[transport].ask(op, pos=pos_name(stem))
            except RuntimeError:
                return None
            took.append((time.monotonic() - begun) * 1e3)
        return took


def flood(place, *options):
    command = on(LOAD_CPU, [BUILD / "bench" / "mis_flood", place.ports["a"], pos_name("a"),
                            *options])
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


class Strangers:
    def strangers(self):
        seconds = 5 if self.quick else 15
        print(f"\n12. T44: {RATE:,} datagrams a second of strangers for {seconds} s, and "
              f"{CONNECTIONS:,} connections (cap {STREAMS:,})\n")
        with Place(self.folder / "strangers") as place:
            row = {"quiet": self.journeys(place, 3), "before_kib": place.kib()}
            before = place.points.counts()
            sender = flood(place, "--rate", RATE, "--seconds", seconds)
            time.sleep(1)      # what is there for strangers is touched
            row["flooded"] = self.journeys(place, 3)
            row["during_kib"] = []
            while sender.poll() is None:
                row["during_kib"].append(place.kib())
                time.sleep(0.25)
            row["sent"] = json.loads(sender.stdout.read())
            row["after_kib"] = place.kib()
            after = place.points.counts()
            row["counts"] = {name: after[name] - before[name] for name in after
                             if name.startswith("pos_") and after[name] > before[name]}
            row["read"] = row["counts"]["pos_messages_total"] / row["sent"]["sent"]
            row["connections"] = self.connected(place)
        self.result["mis_strangers"] = row
        print_strangers(row)

    def journeys(self, place, count):
        return {transport: [place.journey(transport) for _ in range(count)]
                for transport in ("tcp", "udp")}

    def connected(self, place):
        """What the process weighs while they come, and when all have."""
        row = {"before_kib": place.kib()}
        sender = flood(place, "--connections", CONNECTIONS)
        weights = [row["before_kib"]]
        while not select.select([sender.stdout], [], [], 0.05)[0]:
            weights.append(place.kib())
        row |= json.loads(sender.stdout.readline())
        row |= {"most_kib": max(weights), "full_kib": place.kib(),
                "streams": place.points.counts()["pos_streams"], "journey": place.journey("tcp")}
        sender.stdin.close()
        sender.wait()
        return row


def shown(journeys):
    done = [each for each in journeys if each is not None]
    if not done:
        return "came to nothing"
    attach, move = (statistics.median(each[i] for each in done) for i in (0, 1))
    return f"{attach:.0f} and {move:.0f} ms" + \
        (f" ({len(done)} of {len(journeys)})" if len(done) < len(journeys) else "")


def print_strangers(row):
    during, counts, tcp = row["during_kib"], row["counts"], row["connections"]
    print(f"    {row['sent']['sent']:,} sent at {row['sent']['rate']:,.0f} a second, "
          f"{row['read']:.0%} of them read, {row['sent']['answers']:,} answered, "
          f"{counts['pos_displaced_total']:,} places given to the next")
    print(f"    memory: {row['before_kib']:,} KiB before, {min(during):,} to {max(during):,} "
          f"meanwhile, {row['after_kib']:,} after"
          f"{'' if max(during) - min(during) < FLAT_KIB else '  NOT FLAT'}")
    for transport in ("tcp", "udp"):
        print(f"    attach by EAP and handover over {transport}: {shown(row['quiet'][transport])} "
              f"when it is quiet, {shown(row['flooded'][transport])} meanwhile")
    print(f"    {tcp['connected']:,} connections, {tcp['there']:,} stay: {tcp['before_kib']:,} KiB "
          f"before, {tcp['most_kib']:,} at most, {tcp['full_kib']:,} in the end; over tcp "
          f"meanwhile {shown([tcp['journey']])}", flush=True)
