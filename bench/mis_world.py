"""What the tables of MIS measure in: a home, points of service, a device, each a daemon of its own,
and a network of delays between them."""
import json
import socket
import subprocess
import threading
import time
from pathlib import Path

from measure import BUILD, LOAD_CPU, Daemon, on

REALM = "wlan.mnc001.mcc001.3gppnetwork.org"
IMSI = "001010000000001"
K, OPC = "465b5ce8b199b49faa5f0a2ee238a6bc", "cd63cb71954a9f4e48a5994e37a02baf"
SECRET = "testing123"
PATIENCE_S = 15


def pos_name(stem):
    return f"pos@{stem}.example"


def port_of_both():
    """Free for UDP and for TCP."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp, \
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            try:
                udp.bind(tcp.getsockname())
            except OSError:
                continue
            return tcp.getsockname()[1]


def ask(path, **request):
    """One line over a control socket, and its answer."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as control:
        control.settimeout(PATIENCE_S * 3)
        control.connect(str(path))
        control.sendall(json.dumps(request).encode() + b"\n")
        return json.loads(control.makefile().readline())


class Home(Daemon):
    """The AAA server, with the key of start marks and one subscriber."""

    def __init__(self, folder, points):
        self.port, mark_key = port_of_both(), folder / "mark.key"
        self.mark_key = mark_key
        if not mark_key.exists():
            subprocess.run([BUILD / "latchkey", "mis-key", "new", mark_key], check=True,
                           stdout=subprocess.DEVNULL)
        self.public = subprocess.run([BUILD / "latchkey", "mis-key", "show", f"@{mark_key}"],
                                     check=True, capture_output=True, text=True).stdout.strip()
        clients = "".join(f"    - {{ address: 127.0.0.{i + 1}, secret: {SECRET}, "
                          f"pos: {pos_name(stem)} }}\n" for i, stem in enumerate(points))
        super().__init__(folder / "home",
                         f"roles: [aaa, vault]\nradius:\n  listen: [127.0.0.1]\n"
                         f"  port: {self.port}\n  accounting_port: 0\n  clients:\n{clients}"
                         f"eap: {{ reauth: false }}\naaa: {{ mis_mark_key: '@{mark_key}' }}\n")

    def __enter__(self):
        super().__enter__()
        ask(self.folder / "control.sock", op="subscriber-add", imsi=IMSI, k=K, opc=OPC, amf="8000",
            sqn="000000000000")
        return self


class Points(Daemon):
    """Points of service in one daemon. row: what each has beside its own, by its name's stem."""

    def __init__(self, folder, rows, keys=""):
        self.certificates = folder / "certificates"
        for stem in rows:
            if not (self.certificates / f"{stem}.crt").exists():
                subprocess.run([BUILD / "latchkey", "certificate", "make", "--name", stem, "--out",
                                self.certificates], check=True, stdout=subprocess.DEVNULL)
        text = "".join(f"    - {json.dumps(self.row(stem, rows[stem]))}\n" for stem in rows)
        super().__init__(folder / "points", f"roles: [pos]\npos:\n{keys}  points:\n{text}")

    def row(self, stem, more):
        return {"id": pos_name(stem), "certificate": str(self.certificates / f"{stem}.crt"),
                "key": str(self.certificates / f"{stem}.key"),
                "ca": str(self.certificates / "ca.crt"), **more}

    def ask(self, **request):
        return ask(self.folder / "control.sock", **request)

    def wait_links(self, count):
        end = time.monotonic() + PATIENCE_S
        while sum(row["up"] for row in self.ask(op="pos-links")["links"]) < count:
            if time.monotonic() > end:
                raise RuntimeError("bench: no links between points of service")
            time.sleep(0.05)

    def counts(self):
        time.sleep(0.25)     # they are a tick behind
        [worker] = self.ask(op="status")["workers"]
        return worker["counts"]

    def serving(self):
        return {row["pos"]: row for row in self.ask(op="pos-mns")["mns"]}

    def pid(self):
        """Of the process that serves."""
        return next(pid for name, pid in self.named().items() if name.endswith("-pos"))


class Device(Daemon):
    """Role ue with MIS alone."""

    def __init__(self, folder, ports, **settings):
        points = ", ".join(f"{{ id: {pos_name(stem)}, port: {port} }}"
                           for stem, port in ports.items())
        more = "".join(f"    {key}: {value}\n" for key, value in settings.items())
        self.socket = folder / "ue.sock"
        super().__init__(
            folder / "ue",
            f"roles: [ue]\nue:\n  imsi: '{IMSI}'\n  k: {K}\n  opc: {OPC}\n  attach: false\n"
            f"  socket: {self.socket}\n  applications: [{{ name: bench, uid: '0' }}]\n"
            f"  lte: {{ cells: [] }}\n  mis:\n    points: [{points}]\n    realm: {REALM}\n"
            f"    port: {port_of_both()}\n    dtls_port: {port_of_both()}\n"
            f"    partners: [{', '.join(stem + '.example' for stem in ports)}]\n{more}"
            f"wlcp: {{ port: {port_of_both()}, user_port: {port_of_both()} }}\n")

    def ask(self, op, **words):
        answer = ask(self.socket, op=op, **words)
        if not answer.get("ok"):
            raise RuntimeError(f"bench: {op} {words}: {answer}")
        return answer


class Network:
    """mis_delay, and what crossed its paths: (entered, arrived, path, what, octets), in seconds of
    the monotonic clock. path: name, listening port, port behind it, seconds, and a source."""

    def __init__(self, *paths):
        self.command = on(LOAD_CPU, [BUILD / "bench" / "mis_delay", *(
            f"{name}:{port}:{to}:{round(seconds * 1e6)}" + (f":{source[0]}" if source else "")
            for name, port, to, seconds, *source in paths)])
        self.crossed = []

    def __enter__(self):
        self.child = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        if self.child.stdout.readline().strip() != "ready":
            raise RuntimeError("bench: no network")
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        return self

    def read(self):
        for line in self.child.stdout:
            entered, arrived, path, what, octets = line.split()
            self.crossed.append((int(entered) / 1e6, int(arrived) / 1e6, path, what, int(octets)))

    def __exit__(self, *_):
        self.child.terminate()
        self.child.wait()

    def since(self, start):
        return [each for each in list(self.crossed) if each[0] >= start]
