"""The foreign judges and the daemon, each a thing that a test starts and that ends with the test.

    class MyTest(world.Case):
        def test_it(self):
            daemon = self.start(world.Latchkeyd())
            daemon.add(world.CARD)
            run = world.eapol_test(self, daemon, world.CARD, method="aka-prime")
            self.assertTrue(run.success)

Nothing here computes with the code under test: cards and AuC are tests/lib/eap.py.
"""
import json
import os
import random
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

import eap

TOP = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("LK_BUILD", TOP / "build")).resolve()
LATCHKEY, LATCHKEYD = BUILD / "latchkey", BUILD / "latchkeyd"
SECRET = "testing123"
REALM = "wlan.mnc001.mcc001.3gppnetwork.org"
DEBIAN = {"eapol_test": "eapoltest", "hostapd": "hostapd", "wpa_supplicant": "wpasupplicant",
          "radclient": "freeradius-utils", "tshark": "tshark", "dumpcap": "wireshark-common",
          "ip": "iproute2", "radsecproxy": "radsecproxy", "openssl": "openssl",
          "rsvg-convert": "librsvg2-bin", "curl": "curl", "xmllint": "libxml2-utils"}


class Card:
    """A subscriber as both sides know it."""

    def __init__(self, imsi, k, opc, amf="8000", sqn=0):
        self.imsi, self.k, self.opc, self.amf, self.sqn = imsi, k, opc, amf, sqn

    def usim(self, sqn=None):
        """The card itself; with sqn, one whose every array entry has come so far."""
        usim = eap.Usim(bytes.fromhex(self.k), bytes.fromhex(self.opc), self.sqn)
        if sqn is not None:
            usim.seq = [sqn >> 5] * 32
        return usim

    def identity(self, method):
        return {"aka": "0", "aka-prime": "6"}[method] + f"{self.imsi}@{REALM}"


# Test set 1 of TS 35.208.
CARD = Card("001010000000001", "465b5ce8b199b49faa5f0a2ee238a6bc",
            "cd63cb71954a9f4e48a5994e37a02baf")


def need(program):
    """The path of a foreign program. Its absence is a failure, not a skip."""
    path = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if path is None:
        raise AssertionError(f"{program} is not installed: tools/setup test brings "
                             f"{DEBIAN.get(program, program)}")
    return path


def in_place_of_tun(shell):
    """Words before a program that runs it with an empty /dev/net of its own, where that was run. A
    root of chroot is no mount point: its /dev is."""
    return ("unshare", "--mount", "--propagation", "unchanged", "sh", "-c",
            "{ mount --make-rprivate / 2>/dev/null || mount --make-rprivate /dev; } && "
            f"mount -t tmpfs none /dev/net && {shell} && exec \"$@\"", "sh")


OWN_PORTS = 12000, 32000
given_ports = set()


def free_port(kind=socket.SOCK_DGRAM, address="127.0.0.1"):
    """A port on loopback that nobody had a moment ago, that was not given here before, and that is
    not among those that the kernel gives to clients, of a test beside this one say."""
    while True:
        port = random.randrange(*OWN_PORTS)
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind((address, port))
            except OSError:
                continue
        if port not in given_ports:
            given_ports.add(port)
            return port


def wait_for(what, true, seconds=10.0):
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds:g} s")
        time.sleep(0.02)


class Case(unittest.TestCase):
    """A test with a directory of its own; what it starts is stopped after it."""

    maxDiff = None

    def setUp(self):
        self.dir = Path(tempfile.mkdtemp(prefix="lk-"))
        self.addCleanup(shutil.rmtree, self.dir, True)

    def start(self, thing):
        self.addCleanup(thing.stop)
        thing.start(Path(tempfile.mkdtemp(prefix="t-", dir=self.dir)))
        return thing

    def skip_unless_root(self, what):
        """For what the machine itself must allow; a missing program never comes through here."""
        if os.geteuid() != 0:
            self.skipTest(f"not root: {what}")


class Process:
    """A program in a process group of its own, with its log."""

    prefix = ()     # the command that enters another network namespace, if any

    def __init__(self):
        self.process = None
        self.log = None

    def spawn(self, command, name, cwd, env=None):
        self.log = Path(cwd) / f"{name}.log"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([*self.prefix, *map(str, command)], cwd=cwd, stdout=log,
                                            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                            env={**os.environ, **(env or {})})

    def text(self):
        return self.log.read_text(errors="replace") if self.log else ""

    def wait_line(self, pattern, seconds=10.0):
        end = time.monotonic() + seconds
        while True:
            if re.search(pattern, self.text(), re.M):
                return
            if self.process.poll() is not None:
                raise AssertionError(f"{self.log.stem} ended with {self.process.returncode} before "
                                     f"'{pattern}':\n{self.text()[-2000:]}")
            if time.monotonic() > end:
                raise AssertionError(f"no '{pattern}' within {seconds:g} s:\n{self.text()[-2000:]}")
            time.sleep(0.02)

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Latchkeyd(Process):
    """The daemon on free ports of loopback, with its state in the test's directory."""

    program = LATCHKEYD

    def __init__(self, **settings):
        super().__init__()
        self.settings = settings
        self.secret = SECRET
        self.host = "127.0.0.1"

    def start(self, where):
        self.where = where
        self.port, self.accounting_port = free_port(), free_port()
        self.config = TOP / "conf" / "lab.yaml"
        self.sets = {"state_dir": where / "var", "roles": "[aaa, vault]", "radius.port": self.port,
                     "radius.accounting_port": self.accounting_port,
                     "console.port": free_port(socket.SOCK_STREAM), **self.settings}
        self.again()

    def words(self):
        """What the laboratory's file says of an AAnF and of home agents is of the laboratory."""
        lab = self.config == TOP / "conf" / "lab.yaml"
        of_lab = {"aaa.akma.aanf": "", "anchor.mip.port": 0, "anchor.mip.naf.name": "",
                  "anchor.mip.port6": 0, "anchor.mip.aaa.name": "",
                  "anchor.mip.aaa.source": "127.0.0.1", "aaa.mip.naf.name": "",
                  "aaa.mip.push": "false", "anchor.mip.agents": "[]", "fa.aaa.name": "",
                  "fa.aaa.source": "127.0.0.1", "bsf.home_agent": "", "bsf.home_agent_address": ""}
        sets = {**(of_lab if lab else {}), **self.sets}
        return [f"--set={key}={value}" for key, value in sets.items()]

    def again(self):
        """Starts it, also after stop(), on the same ports and state."""
        if self.log:
            self.log.unlink()
        self.spawn([self.program, "-c", self.config, *self.words()], "latchkeyd", self.where)
        self.wait_line(r"^ready\b")

    def command(self, *words, check=True):
        done = subprocess.run([str(LATCHKEY), *map(str, words)], cwd=self.where, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                              env={**os.environ, "LATCHKEY_CONFIG": str(self.config),
                                   "LATCHKEY_STATE_DIR": str(self.sets["state_dir"])})
        if check and done.returncode != 0:
            raise AssertionError(f"latchkey {' '.join(map(str, words))}: exit {done.returncode}\n"
                                 f"{done.stdout}{done.stderr}")
        return done

    def ask(self, **request):
        """One request over the control socket, and its answer."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as control:
            control.settimeout(10)
            control.connect(str(Path(self.sets["state_dir"]) / "control.sock"))
            control.sendall(json.dumps(request).encode() + b"\n")
            return json.loads(control.makefile().readline())

    def add(self, card):
        answer = self.ask(op="subscriber-add", imsi=card.imsi, k=card.k, opc=card.opc,
                          amf=card.amf, sqn=f"{card.sqn:012x}")
        if not answer["ok"]:
            raise AssertionError(f"subscriber-add: {answer}")


class AuC(threading.Thread):
    """The socket that hostapd asks for vectors, one text line each way."""

    def __init__(self, path, cards):
        super().__init__(daemon=True)
        self.cards = {card.imsi: card for card in cards}
        self.sqn = {card.imsi: card.sqn for card in cards}
        self.resynchronised = 0
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))

    def run(self):
        while True:
            try:
                line, asker = self.socket.recvfrom(1024)
            except OSError:
                return
            answer = self.answer(line.decode().split())
            if answer:
                self.socket.sendto(answer.encode(), asker)

    def answer(self, words):
        if words[0] == "AKA-REQ-AUTH":
            return self.vector(words[1])
        if words[0] == "AKA-AUTS":
            self.resynchronise(words[1], bytes.fromhex(words[2]), bytes.fromhex(words[3]))
        return None

    def vector(self, imsi):
        card = self.cards.get(imsi)
        if card is None:
            return f"AKA-RESP-AUTH {imsi} FAILURE"
        self.sqn[imsi] += 33        # SEQ and IND each one further
        f = card.usim().milenage
        rand, sqn, amf = os.urandom(16), self.sqn[imsi].to_bytes(6, "big"), bytes.fromhex(card.amf)
        res, ck, ik, ak = f.f2345(rand)
        autn = eap.xor(sqn, ak) + amf + f.f1(rand, sqn, amf)[0]
        return f"AKA-RESP-AUTH {imsi} {rand.hex()} {autn.hex()} {ik.hex()} {ck.hex()} {res.hex()}"

    def resynchronise(self, imsi, auts, rand):
        f = self.cards[imsi].usim().milenage
        sqn = eap.xor(auts[:6], f.f5_star(rand))
        if f.f1(rand, sqn, bytes(2))[1] == auts[6:]:
            self.sqn[imsi] = int.from_bytes(sqn, "big")
            self.resynchronised += 1


class HostapdServer(Process):
    """hostapd's own RADIUS and EAP server, with our double of an AuC behind it."""

    def __init__(self, cards, methods="AKA',AKA"):
        super().__init__()
        self.cards, self.methods = cards, methods
        self.secret = SECRET
        self.host = "127.0.0.1"

    def start(self, where):
        self.where = where
        self.port = free_port()
        self.auc = AuC(where / "auc.sock", self.cards)
        self.auc.start()
        (where / "users").write_text("\n".join(
            ['"0"* AKA', '"6"* AKA\'', '"2"* AKA', '"4"* AKA', '"7"* AKA\'', '"8"* AKA\'', ""]))
        (where / "clients").write_text(f"127.0.0.0/8 {self.secret}\n")
        (where / "hostapd.conf").write_text(f"""driver=none
radius_server_clients={where}/clients
radius_server_auth_port={self.port}
eap_server=1
eap_user_file={where}/users
eap_sim_db=unix:{where}/auc.sock
eap_sim_aka_result_ind=1
logger_stdout=-1
logger_stdout_level=0
""")
        self.spawn([need("hostapd"), "-ddK", where / "hostapd.conf"], "hostapd", where)
        self.wait_line(r"AP-ENABLED|RADIUS server|Setup of interface done")

    def stop(self):
        super().stop()
        self.auc.socket.close()


class Supplicant(Process):
    """What eapol_test and wpa_supplicant share: the control socket and the card behind it."""

    def __init__(self, usim):
        super().__init__()
        self.usim = usim
        self.asked = []             # "ok", "mac" or "sync" for each challenge the card met
        self.events = ""

    def attach(self, path):
        """The monitor: with eapol_test -W nothing starts before it."""
        wait_for("control socket", path.exists)
        self.control = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.control.bind(str(path) + f".monitor{os.getpid()}")
        self.control.connect(str(path))
        self.control.send(b"ATTACH")

    def serve(self, seconds, done):
        """Answers for the card until done() or the time is up."""
        end = time.monotonic() + seconds
        while not done() and time.monotonic() < end:
            if not select.select([self.control], [], [], 0.05)[0]:
                continue
            try:
                event = self.control.recv(4096).decode(errors="replace")
            except ConnectionError:
                break
            self.events += event + "\n"
            asked = re.search(r"CTRL-REQ-SIM-(\d+):UMTS-AUTH:([0-9a-f]+):([0-9a-f]+)", event)
            if asked:
                answer = self.card_answer(bytes.fromhex(asked[2]), bytes.fromhex(asked[3]))
                self.control.send(f"CTRL-RSP-SIM-{asked[1]}:{answer}".encode())

    def card_answer(self, rand, autn):
        kind, *values = self.usim.answer(rand, autn)
        self.asked.append(kind)
        if kind == "ok":
            res, ck, ik = values
            return f"UMTS-AUTH:{ik.hex()}:{ck.hex()}:{res.hex()}"
        return f"UMTS-AUTS:{values[0].hex()}" if kind == "sync" else "UMTS-FAIL"

    def stop(self):
        super().stop()
        if getattr(self, "control", None):
            self.control.close()


def network_block(identity, method, more="", key_mgmt="WPA-EAP IEEE8021X"):
    eap_name = {"aka": "AKA", "aka-prime": "AKA'"}[method]
    return f"""network={{
    ssid="judges"
    key_mgmt={key_mgmt}
    eapol_flags=0
    eap={eap_name}
    identity="{identity}"
    {more}
}}
"""


class EapolTest(Supplicant):
    """One run of eapol_test against a server; .success and .keys_ok tell how it went."""

    def __init__(self, server, usim, config, words=(), seconds=20):
        super().__init__(usim)
        self.server, self.config, self.words, self.seconds = server, config, words, seconds

    def start(self, where):
        self.where = where
        self.config_file = where / "eapol_test.conf"
        self.config_file.write_text(f"ctrl_interface={where}/ctrl\nexternal_sim=1\n"
                                    f"update_config=1\n{self.config}")
        self.spawn([need("eapol_test"), "-W", "-c", self.config_file, "-a", self.server.host,
                    "-p", self.server.port, "-s", self.server.secret, "-t", self.seconds,
                    *self.words], "eapol_test", where)
        self.attach(where / "ctrl" / "test")
        self.serve(self.seconds + 5, lambda: self.process.poll() is not None)
        self.process.wait(5)
        return self

    @property
    def success(self):
        return self.process.returncode == 0 and self.text().rstrip().endswith("SUCCESS")

    @property
    def keys_ok(self):
        """How many key pairs agreed, and 0 when any differed."""
        found = re.search(r"MPPE keys OK: (\d+)\s+mismatch: (\d+)", self.text())
        return int(found[1]) if found and found[2] == "0" else 0

    def count(self, pattern):
        return len(re.findall(pattern, self.text(), re.M))


def eapol_test(case, server, card, method="aka-prime", usim=None, words=(), more="", identity=None,
               seconds=20):
    config = network_block(identity or card.identity(method), method, more)
    return case.start(EapolTest(server, usim or card.usim(), config, words, seconds))


class Relay(threading.Thread):
    """A man in the middle of one UDP port. to_server and to_client take a datagram and return the
    datagrams to send instead."""

    def __init__(self, server, to_server=None, to_client=None, port=0):
        super().__init__(daemon=True)
        self.to_server = to_server or (lambda packet: [packet])
        self.to_client = to_client or (lambda packet: [packet])
        self.secret, self.host = server.secret, "127.0.0.1"
        self.inner = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.inner.connect((server.host, server.port))
        self.outer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.outer.bind((self.host, port))
        self.port = self.outer.getsockname()[1]
        self.over = threading.Event()

    def start(self, where=None):
        super().start()

    def run(self):
        client = None
        while not self.over.is_set():
            for ready in select.select([self.inner, self.outer], [], [], 0.1)[0]:
                try:
                    packet, sender = ready.recvfrom(65535)
                except ConnectionError:
                    continue        # the server is away for a moment
                if ready is self.outer:
                    client = sender
                    for changed in self.to_server(packet):
                        self.inner.send(changed)
                elif client:
                    for changed in self.to_client(packet):
                        self.outer.sendto(changed, client)

    def stop(self):
        self.over.set()
        self.join(5)
        self.inner.close()
        self.outer.close()


class Namespace(Process):
    """A network namespace of its own, held by a sleeping process; its loopback is up."""

    def start(self, where):
        self.spawn([need("unshare"), "--net", "sleep", "600"], "namespace", where)
        ours = os.readlink("/proc/self/ns/net")
        wait_for("namespace", lambda: self.ended() or self.link() not in (ours, None))
        if not self.ended():
            self.run("ip", "link", "set", "lo", "up")

    def link(self):
        try:
            return os.readlink(f"/proc/{self.process.pid}/ns/net")
        except OSError:
            return None

    def ended(self):
        return self.process.poll() is not None

    @property
    def enter(self):
        return [need("nsenter"), "--target", str(self.process.pid), "--net"]

    def run(self, *words):
        subprocess.run([*self.enter, *map(str, words)], check=True, timeout=20, text=True,
                       capture_output=True)


def veth_between(left, left_name, right, right_name):
    left.run("ip", "link", "add", left_name, "type", "veth", "peer", "name", right_name,
             "netns", right.process.pid)
    left.run("ip", "link", "set", left_name, "up")
    right.run("ip", "link", "set", right_name, "up")


class WiredAccessPoint(Process):
    """hostapd as an 802.1X authenticator on an Ethernet port, asking a RADIUS server."""

    def __init__(self, server, interface):
        super().__init__()
        self.server, self.interface = server, interface

    def start(self, where):
        (where / "hostapd.conf").write_text(f"""interface={self.interface}
driver=wired
ieee8021x=1
use_pae_group_addr=1
eap_reauth_period=0
own_ip_addr=127.0.0.1
nas_identifier=wired-judge
auth_server_addr={self.server.host}
auth_server_port={self.server.port}
auth_server_shared_secret={self.server.secret}
acct_server_addr={self.server.host}
acct_server_port={getattr(self.server, "accounting_port", self.server.port)}
acct_server_shared_secret={self.server.secret}
ctrl_interface={where}/ctrl
logger_stdout=-1
logger_stdout_level=0
""")
        self.spawn([need("hostapd"), "-dd", where / "hostapd.conf"], "access-point", where)
        self.wait_line(r"AP-ENABLED")


class WiredSupplicant(Supplicant):
    """wpa_supplicant on the other end of the cable."""

    def __init__(self, usim, interface, config):
        super().__init__(usim)
        self.interface, self.config = interface, config

    def start(self, where):
        conf = where / "wpa_supplicant.conf"
        conf.write_text(f"ctrl_interface={where}/ctrl\nexternal_sim=1\nap_scan=0\n{self.config}")
        self.spawn([need("wpa_supplicant"), "-D", "wired", "-i", self.interface, "-c", conf, "-dd"],
                   "wpa_supplicant", where)
        self.attach(where / "ctrl" / self.interface)
        self.serve(20, lambda: "CTRL-EVENT-EAP-SUCCESS" in self.events
                   or "CTRL-EVENT-EAP-FAILURE" in self.events)


class Capture(Process):
    """dumpcap on loopback, for one port; closed() gives the file once it is complete."""

    def __init__(self, *ports, interface="lo"):
        super().__init__()
        self.filter = " or ".join(f"udp port {port}" for port in ports)
        self.interface = interface

    def start(self, where):
        where.chmod(0o755)
        self.file = where / "run.pcapng"
        self.spawn([need("dumpcap"), "-q", "-p", "-i", self.interface, "-f", self.filter, "-w",
                    self.file], "dumpcap", where)
        self.wait_line(r"^File: ")

    def closed(self):
        time.sleep(0.3)             # what was sent last is on its way through the kernel
        self.process.send_signal(signal.SIGINT)
        self.process.wait(10)
        return self.file


def tshark(file, *words, ports=()):
    """The lines that tshark prints; RADIUS is looked for on the given ports."""
    decode = [word for port in ports for word in ("-d", f"udp.port=={port},radius")]
    done = subprocess.run([need("tshark"), "-n", "-r", str(file), *decode, *words], text=True,
                          capture_output=True, timeout=60)
    return done.stdout.splitlines()


BROKEN = "_ws.malformed or _ws.expert.severity >= error"
