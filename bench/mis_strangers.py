"""The table of strangers (T44): a PoS under datagrams and connections of nobody it knows, what it
weighs, and how a mobile node fares meanwhile."""
import json
import statistics
import subprocess
import threading
import time
from contextlib import ExitStack

from measure import BUILD, LOAD_CPU, on, pss_kib
from mis_world import REALM, SECRET, Device, Home, Network, Points, port_of_both, pos_name

RATE, CONNECTIONS, STREAMS = 50000, 10000, 1024
FAR_S = 0.02            # one way, between mobile nodes and PoS
FLAT_KIB = 128          # by so much it may move


class Place:
    """A home, two PoS, and so far away a mobile node, by TCP and by UDP."""

    def __init__(self, folder):
        folder.mkdir()
        self.folder, self.stack = folder, ExitStack()

    def __enter__(self):
        start = self.stack.enter_context
        home = start(Home(self.folder, "ab"))
        self.ports = {stem: port_of_both() for stem in "ab"}
        links = {stem: port_of_both() for stem in "ab"}
        far = {stem: port_of_both() for stem in "ab"}
        rows = {stem: {"port": self.ports[stem], "link_port": links[stem],
                       "aaa": {"port": home.port, "secret": SECRET, "source": source},
                       "homes": [{"realm": REALM, "mark_key": home.public}],
                       "partners": [{"id": pos_name(other), "name": other, "address": "127.0.0.1",
                                     "link_port": links[other]}],
                       "neighbours": [{"network": f"wlan-{other}", "pos": pos_name(other),
                                       "address": "127.0.0.1", "port": far[other]}]}
                for stem, other, source in (("a", "b", "127.0.0.1"), ("b", "a", "127.0.0.2"))}
        self.points = start(Points(self.folder, rows, f"  streams: {STREAMS}\n"))
        self.points.wait_links(2)
        start(Network(*((stem, far[stem], self.ports[stem], FAR_S) for stem in "ab")))
        self.device = {}
        for transport in ("tcp", "udp"):
            where = self.folder / transport
            where.mkdir()
            self.device[transport] = start(Device(where, far, transport=transport, erp="false"))
        return self

    def __exit__(self, *_):
        self.stack.close()

    def kib(self):
        """What is the process's own: nothing that others share with it."""
        return pss_kib(self.points.pid(), "Private_Dirty")

    def journey(self, transport):
        """Milliseconds of an attach to `a` by EAP and of a handover to `b`; None: it came to
        nothing."""
        took = []
        time.sleep(FAR_S * 4)       # what came before is over
        for op, stem, want in (("mis-attach", "a", "full"), ("mis-handover", "b", "optimised")):
            begun = time.monotonic()
            try:
                answer = self.device[transport].ask(op, pos=pos_name(stem))
            except RuntimeError:
                return None
            if answer["sa"] != want:
                return None
            took.append((time.monotonic() - begun) * 1e3)
        return took


def flood(place, *options):
    command = on(LOAD_CPU, [BUILD / "bench" / "mis_flood", place.ports["a"], pos_name("a"),
                            *options])
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


class Strangers:
    def strangers(self):
        seconds = 15 if self.quick else 30
        print(f"\n12. T44: {RATE:,} datagrams a second of strangers for {seconds} s, and "
              f"{CONNECTIONS:,} connections (cap {STREAMS:,}); mobile nodes {FAR_S * 1e3:.0f} ms "
              "away\n")
        with Place(self.folder / "strangers") as place:
            row = {"quiet": self.journeys(place, 3), "before_kib": place.kib()}
            before = place.points.counts()
            sender = flood(place, "--rate", RATE, "--seconds", seconds)
            time.sleep(1)      # what is there for strangers is touched
            row["during_kib"] = []
            weigher = threading.Thread(target=weigh, args=(place, sender, row["during_kib"]))
            weigher.start()
            row["flooded"] = self.journeys(place, 3)
            row["in_time"] = sender.poll() is None
            weigher.join()
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
                for transport in place.device}

    def connected(self, place):
        """What the process weighs when as many as may stay have come, and when all have."""
        row = {"before_kib": place.kib()}
        for key, count in (("capped_kib", 2 * STREAMS), ("full_kib", CONNECTIONS)):
            sender = flood(place, "--connections", count)
            row |= json.loads(sender.stdout.readline())
            row[key] = place.kib()
            if count == CONNECTIONS:
                row["journey"] = place.journey("tcp")
            sender.stdin.close()
            sender.wait()
        return row


def weigh(place, sender, weights):
    while sender.poll() is None:
        weights.append(place.kib())
        time.sleep(0.25)


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
          f"{'' if max(during) - min(during) < FLAT_KIB else '  NOT FLAT'}"
          f"{'' if row['in_time'] else '  (the mobile nodes took longer than the strangers)'}")
    for transport in row["quiet"]:
        print(f"    attach by EAP and handover over {transport}: {shown(row['quiet'][transport])} "
              f"when it is quiet, {shown(row['flooded'][transport])} meanwhile")
    print(f"    {tcp['connected']:,} connections, {tcp['there']:,} stay: {tcp['before_kib']:,} KiB "
          f"before, {tcp['capped_kib']:,} with {2 * STREAMS:,} of them, {tcp['full_kib']:,} with "
          f"all; over tcp meanwhile {shown([tcp['journey']])}", flush=True)
