"""How long a stream through the tunnel stands still when its device moves: real daemons of both
ends, real TUN devices, keys of a USIM (the home agent as NAF)."""
import json
import statistics
import subprocess
import time

from measure import BUILD, LOAD_CPU, Daemon, on
from mis_world import IMSI, K, OPC, ask, port_of_both

BSF, AGENT, UA = "bsf.mnc001.mcc001.pub.3gppnetwork.org", "ha.example", "01000000f1"
SERVER, PORT = "192.0.2.80", 9000
PLACES = {"a": "127.0.0.21", "b": "127.0.0.22"}
EVERY_S = 0.001
BEFORE_S, AFTER_S = 0.1, 0.2

# Each packet has its number, and both ends have one clock.
SEND = """
import itertools, socket, struct, sys, time
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
    out.bind((sys.argv[1], 0))
    begin = time.monotonic()
    for number in itertools.count():
        out.sendto(struct.pack(">Q", number), (sys.argv[2], int(sys.argv[3])))
        time.sleep(max(0, begin + number * float(sys.argv[4]) - time.monotonic()))
"""
TAKE = """
import socket, struct, sys, time
came = []
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as into:
    into.bind(("0.0.0.0", int(sys.argv[1])))
    into.settimeout(float(sys.argv[2]))
    print("listening", flush=True)
    try:
        while True:
            number, = struct.unpack(">Q", into.recv(64))
            came.append((number, time.monotonic()))
    except TimeoutError:
        pass
print("\\n".join(f"{number} {at:.6f}" for number, at in came), flush=True)
"""


class Network(Daemon):
    """AAA and vault, a BSF, and the home agent, which asks it."""

    def __init__(self, folder):
        folder.mkdir(exist_ok=True)
        tls = folder / "tls"
        for name in (BSF, AGENT):
            subprocess.run([BUILD / "latchkey", "certificate", "make", "--name", name, "--out",
                            tls], check=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
        self.ub, self.zn, self.mip_port = port_of_both(), port_of_both(), port_of_both()
        files = "{0}certificate: {1}/{2}.crt\n{0}key: {1}/{2}.key\n{0}ca: {1}/ca.crt\n"
        super().__init__(
            folder / "home",
            "roles: [aaa, vault, bsf, anchor]\nradius:\n"
            f"  port: {port_of_both()}\n  accounting_port: 0\n  clients: []\n"
            f"bsf:\n  port: {self.ub}\n  zn_port: {self.zn}\n  rate: 1000\n"
            f"{files.format('  ', tls, BSF)}"
            f"  nafs: [{{name: {AGENT}, ua_ids: [\"{UA}\"], identity: true}}]\n"
            f"anchor:\n  port: {port_of_both()}\n  tunnel_port: {port_of_both()}\n"
            f"  tun: lk0\n  tun_in: apart-if-allowed\n  tun_address: {SERVER}\n"
            f"  mip:\n    port: {self.mip_port}\n    naf:\n      name: {AGENT}\n"
            f"      bsf_port: {self.zn}\n{files.format('      ', tls, AGENT)}")

    def __enter__(self):
        super().__enter__()
        ask(self.folder / "control.sock", op="subscriber-add", imsi=IMSI, k=K, opc=OPC, amf="8000",
            sqn="000000000000")
        return self


class Device(Daemon):
    """Role ue with Mobile IP alone."""

    def __init__(self, folder, network):
        self.socket = folder / "ue.sock"
        places = ", ".join(f"{{name: {name}, address: {at}}}" for name, at in PLACES.items())
        super().__init__(
            folder / "ue",
            f"roles: [ue]\nue:\n  imsi: '{IMSI}'\n  k: {K}\n  opc: {OPC}\n  attach: false\n"
            f"  socket: {self.socket}\n  applications: [{{ name: bench, uid: '0' }}]\n"
            "  lte: { cells: [] }\n  mis: { points: [] }\n  tun: lk0\n"
            f"  tun_in: apart-if-allowed\n  gba: {{ bsf: {BSF}, port: {network.ub} }}\n"
            f"  mip:\n    places: [{places}]\n    home_agent_port: {network.mip_port}\n"
            f"    home_agent_name: {AGENT}\n"
            f"wlcp: {{ port: {port_of_both()}, user_port: {port_of_both()} }}\n")

    def ask(self, op, **words):
        answer = ask(self.socket, op=op, **words)
        if not answer.get("ok"):
            raise RuntimeError(f"bench: {op} {words}: {answer}")
        return answer


def gap_of(came, since, until):
    """The longest time without a packet, and how many are missing, of those of a stretch of time
    and the one before it."""
    at = next((i for i, (_, when) in enumerate(came) if when >= since), len(came))
    some = [each for each in came[max(0, at - 1):] if each[1] <= until]
    if len(some) < 2:
        return (until - since) * 1e3, 0
    gap = max(b[1] - a[1] for a, b in zip(some, some[1:]))
    return gap * 1e3, some[-1][0] - some[0][0] + 1 - len(some)


class Handover:
    def mip_handover(self):
        """The gap of each move, and that of as long a time without one."""
        folder = self.folder / "handover"
        with Network(folder) as network, Device(folder, network) as device:
            told = ask(device.socket, op="namespace")
            if not told["ok"]:
                print(f"\nNo handovers: {told['error']}")
                return
            home = device.ask("mip-register", at="a")["home-address"]
            self.handover_table(*self.handovers(network, device, home))

    def handovers(self, network, device, home):
        """When each move began and ended, and the packets that came."""
        server = [BUILD / "latchkey", "anchor", "run", "-c", network.config, "--"]
        client = [BUILD / "latchkey", "ue", "run", "--socket", device.socket, "--"]
        took = subprocess.Popen(on(LOAD_CPU, [*client, "python3", "-c", TAKE, PORT, 3]),
                                stdout=subprocess.PIPE, text=True)
        if took.stdout.readline().strip() != "listening":
            raise RuntimeError("bench: no stream")
        sends = subprocess.Popen(on(LOAD_CPU, [*server, "python3", "-c", SEND, SERVER, home, PORT,
                                               EVERY_S]))
        moves = []
        try:
            time.sleep(1)
            for i in range(self.moves):
                began = time.monotonic()
                device.ask("mip-move", at="ba"[i % 2])
                moves.append((began, time.monotonic()))
                time.sleep(BEFORE_S + 2 * AFTER_S)
        finally:
            sends.kill()
            sends.wait()
        lines = took.communicate()[0].split("\n")
        return moves, [(int(number), float(at)) for number, at in
                       (line.split() for line in lines if line)]

    def handover_table(self, moves, came):
        at_moves = [gap_of(came, began - BEFORE_S, ended + AFTER_S) for began, ended in moves]
        quiet = [gap_of(came, ended + AFTER_S, ended + 2 * AFTER_S) for _, ended in moves]
        print(f"\nGap of a handover: a stream of a packet each {EVERY_S * 1e3:.0f} ms to a device "
              "that moves between co-located addresses, on loopback: what is the network's own "
              "comes on top\n")
        print(f"{'':>22}{'times':>7}{'median ms':>11}{'worst ms':>10}{'packets lost':>14}")
        rows = self.result["mip_handover"] = {}
        for name, found in (("move", at_moves), ("as long without one", quiet)):
            gaps = [gap for gap, _ in found]
            row = rows[name] = {"times": len(found), "median_ms": statistics.median(gaps),
                                "worst_ms": max(gaps), "lost": sum(lost for _, lost in found)}
            print(f"{name:>22}{row['times']:>7}{row['median_ms']:>11.1f}{row['worst_ms']:>10.1f}"
                  f"{row['lost']:>14}")
        answer = [1e3 * (ended - began) for began, ended in moves]
        rows["answer_ms"] = statistics.median(answer)
        print(f"{'':9}the owner's question is answered within {rows['answer_ms']:.1f} ms (median)",
              flush=True)
