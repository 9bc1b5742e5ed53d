"""Who has which secret in its memory: each process what it needs, and nothing of its neighbours;
and what an attach over LTE with LTE-WLAN aggregation leaves, in memory and in all that is written.
"""
import hashlib
import hmac
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import derive
import lte
import uu
import wlan
import world

ALL = {"aaa/0", "anchor", "wlan", "ue", "vault", "enb", "wt"}
AAA, ANCHOR, WLAN, UE, VAULT, ENB, WT = "aaa/0", "anchor", "wlan", "ue", "vault", "enb", "wt"
REGION_MAX = 1 << 26    # beyond it lies what a run-time checker has reserved

CONFIG = """
roles: [aaa, vault, twap, twag, anchor, ue, enb, wt]
workers: 1
laboratory: true
eap: {{reauth_contexts: 4096}}
aaa: {{mis_mark_key: "{mis_mark_key}"}}
wlcp: {{sessions_max: 64}}
radius:
  clients:
    - {{address: 127.0.0.0/8, secret: testing123, name: lab}}
    - {{address: 192.0.2.1, secret: {radius_client}}}
twap:
  clients:
    - {{address: 127.0.0.0/8, secret: testing123}}
    - {{address: 192.0.2.1, secret: {twap_client}}}
  servers:
    - {{name: aaa, address: 127.0.0.1, secret: testing123, port: {port},
       accounting_port: {accounting_port}}}
    - {{name: other, address: 192.0.2.9, secret: {twap_server}}}
  sessions_max: 64
dynamic:
  clients: [{{address: 127.0.0.1, secret: "@{dynamic_file}"}}]
radsec:
  port: {radsec_port}
  certificate: {tls}/us.lab.crt
  key: {tls}/us.lab.key
  ca: {tls}/ca.crt
  peers: [{{name: far, certificate: far.lab, secret: {radsec_peer}}}]
mag:
  name: lab
  psk: {mag}
anchor:
  bindings_max: 64
  mags:
    - {{name: lab, psk: {mag}}}
    - {{name: other, psk: {anchor_mag}}}
ue:
  attach: false
  k: "{k}"
  opc: "{opc}"
  server: 127.0.0.1
  lte:
    cells: [{{name: a, port: {relayed[0]}, pci: 1}}]
    port: {own[0]}
    air_port: {own[1]}
    wt: {{port: {relayed[2]}}}
  applications: [{{name: browser, uid: "0"}}]
"""

# Who may have it. The supervisor reads the configuration, and hands it on.
HOLDERS = {"radius_client": {AAA}, "twap_client": {WLAN}, "twap_server": {WLAN},
           "dynamic": {WLAN}, "radsec_peer": {AAA, WLAN}, "mag": {WLAN, ANCHOR},
           "anchor_mag": {ANCHOR}, "k": {UE}, "opc": {UE}, "ue_secret": {UE},
           "node_key": {AAA}, "mis_mark_key": {AAA}, "class_key": {AAA, ANCHOR},
           "tls_key": {AAA, WLAN},
           "probe": {AAA}, "subscriber_k": set(), "subscriber_opc": set(), "master_key": set()}


SUBSCRIBER = world.Card("001010000000007", "00112233445566778899aabbccddeeff",
                        "ffeeddccbbaa99887766554433221100")


def regions(pid):
    """The octets of every writable region of a process."""
    with open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            found = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
            first, end = (int(found[1], 16), int(found[2], 16)) if found else (0, 0)
            if not 0 < end - first <= REGION_MAX:
                continue
            memory.seek(first)
            try:
                yield memory.read(end - first)
            except OSError:
                pass        # a guard page, or a device


def shared(pid):
    """Octets of what it shares with the others."""
    return sum(int(end, 16) - int(first, 16) for first, end in re.findall(
        r"^([0-9a-f]+)-([0-9a-f]+) rw-s .*/dev/zero", Path(f"/proc/{pid}/maps").read_text(), re.M))


def probe_secret(pid):
    """The health probe's, as a client of the AAA: in the supervisor, behind its subscriber."""
    found = {secret for octets in regions(pid)
             for secret in re.findall(rb"\x01" + b"0" * 15 + rb"\0(.{32})", octets, re.DOTALL)}
    return {secret[16:] for secret in found if any(secret)}


def forms(value):
    """How it may lie there: as written, and where that is hexadecimal, as octets; its end alone,
    for the beginning of what was freed is written over."""
    found = {value.encode()}
    if re.fullmatch("([0-9a-fA-F]{2}){16,}", value):
        found |= {bytes.fromhex(value), value.lower().encode(), value.upper().encode()}
    return {octets[len(octets) // 2:] for octets in found}


class Case(world.Case):
    """Everything in one daemon, and a relay between its device and its network."""

    def more(self):
        """Settings of the case."""
        return {}

    def setUp(self):
        super().setUp()
        self.skip_unless_root("only root reads the memory of processes that are not dumpable")
        self.tls = self.dir / "tls"
        for name in ("us.lab", "far.lab"):
            subprocess.run([world.LATCHKEY, "certificate", "make", "--name", name, "--out",
                            self.tls], check=True, capture_output=True, timeout=60)
        self.values = {}
        cell, enb, air, xw = (world.free_port() for _ in range(4))
        self.relay = self.start(lte.Relay([cell, cell, air]))
        self.own = [world.free_port(address=lte.DEVICE) for _ in range(2)]
        self.daemon = wlan.Wlan(roles="[aaa, vault, twap, twag, anchor, ue, enb, wt]", **{
            "ue.secret": "hush-ue-secret-of-the-command-line", "enb.cells[0].port": cell,
            "enb.cells[0].name": "a", "enb.cells[0].pci": 1, "enb.xw_udp_port": enb,
            "enb.wt.port": xw, "wt.port": air, "wt.xw_udp_port": xw, "wt.enbs[0].port": enb,
            "wt.enbs[0].name": "us.lab", "wt.enbs[0].address": "127.0.0.1", **self.more()})
        self.daemon.again = self.again
        self.addCleanup(self.daemon.stop)
        self.daemon.start(self.dir)
        self.fixed()
        self.daemon.add(SUBSCRIBER)

    def again(self):
        """Where Wlan knows its ports: writes the file, and starts."""
        self.radsec_port = world.free_port()
        self.daemon.sets.pop("twap.servers")
        self.daemon.config = self.dir / "whole.yaml"
        self.write("one")
        world.Latchkeyd.again(self.daemon)

    def write(self, mark):
        """A configuration whose secrets are of that mark, but for those that need a restart."""
        new = {name: f"some-length-of-{name}-hush-{name}-{mark}"
               for name in ("radius_client", "twap_client", "twap_server", "radsec_peer",
                            "anchor_mag", "dynamic")}
        new["mis_mark_key"] = hashlib.sha256(mark.encode()).hexdigest()
        new.update({"mag": "of-the-file-with-length-hush-mag", "k": world.CARD.k,
                    "opc": world.CARD.opc, "ue_secret": self.daemon.sets["ue.secret"]})
        (self.dir / "dynamic.secret").write_text(new["dynamic"] + "\n")
        self.daemon.config.write_text(CONFIG.format(
            dynamic_file=self.dir / "dynamic.secret", tls=self.tls, port=self.daemon.port,
            accounting_port=self.daemon.accounting_port, radsec_port=self.radsec_port,
            relayed=self.relay.ports, own=self.own, **new))
        for name, value in new.items():
            self.values.setdefault(name, set()).update(forms(value))

    def fixed(self):
        self.values["probe"] = probe_secret(self.daemon.process.pid)
        state = Path(self.daemon.sets["state_dir"])
        self.values["subscriber_k"] = forms(SUBSCRIBER.k)
        self.values["subscriber_opc"] = forms(SUBSCRIBER.opc)
        self.values["master_key"] = forms((state / "master.key").read_text().strip())
        node = bytes.fromhex((state / "node.key").read_text().strip())
        self.values["node_key"] = forms(node.hex()) | {     # and as HMAC has it
            bytes(octet ^ pad for octet in node)[16:] for pad in (0x36, 0x5c)}
        self.values["class_key"] = forms(hmac.digest(node, b"latchkey class" + bytes(5),
                                                     "sha256").hex())
        key = self.tls / "us.lab.key"
        text = subprocess.run([world.need("openssl"), "pkey", "-in", key, "-noout", "-text"],
                              check=True, capture_output=True, text=True, timeout=20).stdout
        octets = re.search(r"priv:\s*((?:[0-9a-f]{2}:?\s*)+)", text)[1]
        secret = bytes.fromhex(re.sub(r"[:\s]", "", octets))[-32:]
        self.values["tls_key"] = {secret[16:], secret[15::-1],
                                  key.read_text().splitlines()[1].encode()}

    def processes(self):
        status = self.daemon.ask(op="status")
        found = {worker["name"]: worker["pid"] for worker in status["workers"]
                 if worker["state"] == "serving"}
        return {**found, **({VAULT: status["vault"]["pid"]} if status["vault"]["up"] else {})}

    def found(self, values):
        """{name: the processes in whose memory one of its forms is}"""
        seen = {name: set() for name in values}
        for process, pid in self.processes().items():
            for octets in regions(pid):
                for name, those in values.items():
                    if any(value in octets for value in those):
                        seen[name].add(process)
        return seen


class SecretsTest(Case):
    """Y10, T04: a captured process shows what it needs itself."""

    def check(self):
        """Each holds what it may; and, so that the search is known to find, somebody each."""
        world.wait_for("all serve", lambda: self.processes().keys() == ALL)
        seen = self.found(self.values)
        processes = self.processes()
        slot = shared(processes[ANCHOR])        # its own signs of life and counters
        self.assertLess(slot, 64 << 10)
        self.assertLess(100 * slot, shared(processes[AAA]))     # keys of devices are there, too
        for process in (WLAN, UE, ENB, WT):
            self.assertEqual(shared(processes[process]), slot, process)
        self.assertEqual(shared(processes[VAULT]), 0)
        for process, pid in processes.items():
            maps = Path(f"/proc/{pid}/maps").read_text()
            self.assertEqual(re.findall(r" (\S+) .*memfd:latchkey-probe", maps),
                             ["r--s"] if process == AAA else [], process)
        for name, found in seen.items():
            self.assertLessEqual(found, HOLDERS[name], name)
            self.assertTrue(found or not HOLDERS[name], name)

    def test_each_process_has_its_own_secrets_alone(self):
        self.check()
        self.write("two")
        answer = self.daemon.ask(op="reload")
        self.assertTrue(answer["ok"], answer)
        self.check()
        before = self.processes()
        for pid in before.values():
            os.kill(pid, signal.SIGKILL)
        world.wait_for("others in their places", lambda: self.processes().keys() == ALL and
                       not set(self.processes().values()) & set(before.values()))
        self.check()


# After an attach over LTE. TLS has Xw; of the vault's questions nothing is left.
LTE_HOLDERS = {"k": {UE}, "opc": {UE}, "ck": set(), "ik": set(), "kasme": {UE, ENB},
               "kenb": {UE, ENB}, "s_kwt": {UE, WT}, "kck": {UE, WT}, "kek": {UE, WT},
               "tk": {UE, WT}}
EAPOL = bytes.fromhex("aaaa03000000888e")
TK_BEFORE_S = 3.5       # so long, and a little, the keys before a re-key are kept


class LteTest(Case):
    """T54, Y10: the keys of LTE and of the WLAN that it brings, made again in here from what went
    over the air."""

    def more(self):
        tls = {f"{end}.{key}": self.tls / name for end in ("enb", "wt") for key, name in
               (("certificate", "us.lab.crt"), ("key", "us.lab.key"), ("ca", "ca.crt"))}
        port = world.free_port(socket.SOCK_STREAM)
        self.capture = self.dir / "all.pcapng"
        return {**tls, "enb.xw": "tcp", "wt.xw": "tcp", "wt.xw_port": port, "enb.wt.port": port,
                "enb.wt.name": "us.lab", "log.level": "debug", "capture.file": self.capture}

    def asks(self, op, **words):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
            asking.settimeout(20)
            asking.connect(str(self.daemon.sets["state_dir"] / "ue.sock"))
            asking.sendall(json.dumps({"op": op, **words}).encode() + b"\n")
            answer = asking.makefile().readline()
        self.told.append(answer)
        self.assertTrue(json.loads(answer)["ok"], (answer, self.daemon.text()))
        return json.loads(answer)

    def keys(self):
        """Those of the attach, and of the first handshake."""
        nas = [uu.downlink(datagram) for datagram in self.relay.seen
               if datagram.startswith(b"pdcp-lte") and b"\x03\x01" in datagram[11:16]]
        [challenge] = [message for message in nas if message[:2] == bytes([7, uu.AUTHENTICATION])]
        rand, autn = challenge[3:19], challenge[20:36]
        k, opc = bytes.fromhex(world.CARD.k), bytes.fromhex(world.CARD.opc)
        card = derive.milenage(k, opc, rand, bytes(6), bytes(2))
        found = {"k": k, "opc": opc, "ck": card["ck"], "ik": card["ik"]}
        found |= derive.kasme(card["ck"], card["ik"], bytes.fromhex("00f110"), autn[:6])
        found |= derive.kenb(found["kasme"], bytes(4))
        found |= derive.s_kwt(found["kenb"], 0)
        frames = [datagram[datagram.index(EAPOL) + len(EAPOL):] for datagram in self.relay.seen
                  if EAPOL in datagram]
        first, second = frames[:2]
        ends = [bytes.fromhex(mac) for mac in ("020000003662", "020000000001")]
        ptk = derive.ptk(found["s_kwt"], *ends, first[17:49], second[17:49], 6)
        self.assertEqual(derive.eapol_mic(ptk["kck"], 6, second), second[81:97])
        return found | {name: ptk[name] for name in ("kck", "kek", "tk")}

    def written(self):
        """Everything that somebody may read: {where: octets}"""
        state, port = Path(self.daemon.sets["state_dir"]), self.daemon.sets["console.port"]
        found = {path: path.read_bytes() for path in state.rglob("*") if path.is_file()}
        found |= {"log": self.daemon.log.read_bytes(), "capture": self.capture.read_bytes()}
        for op, words in (("status", {}), ("enb-ues", {}), ("wt-ues", {}), ("counters", {})):
            found[op] = json.dumps(self.daemon.ask(op=op, **words)).encode()
        found["metrics"] = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics").read()
        for words in (("ladder",), ("explain",), ("keys", "--show-keys"), ("ladder", "--json")):
            told = self.daemon.command("trace", words[0], self.capture, *words[1:], check=False)
            found[" ".join(words)] = (told.stdout + told.stderr).encode()
        return found | {"answers": "".join(self.told).encode()}

    def test_keys_of_lte(self):
        """T54, Y10: K and OPc are the card's; KASME and KeNB of eNB and device; S-KWT, KCK, KEK and
        TK of WT and device, and of nobody when the next ones are there. Nothing of them is written.

        spec: TS 33.401 G.2.1 - S-KWT stays between eNB, WT and UE"""
        self.told = []
        self.daemon.add(world.CARD)
        world.wait_for("the WT", lambda: self.daemon.ask(op="enb-ues")["wt_up"])
        self.asks("lte-attach")
        self.asks("lte-status", wait="active")
        self.asks("lwa-ping", count=3)
        keys = self.keys()
        values = {name: forms(value.hex()) for name, value in keys.items()}
        seen = self.found(values)
        for name, found in seen.items():
            self.assertLessEqual(found, LTE_HOLDERS[name], name)
            self.assertTrue(found or not LTE_HOLDERS[name], name)
        self.assertTrue(self.daemon.ask(op="enb-rekey", imsi=world.CARD.imsi)["ok"])
        self.asks("lte-status", wait="active", rekeys=1)
        self.asks("lwa-ping", count=3)
        time.sleep(TK_BEFORE_S)
        seen = self.found(values)
        for name in ("s_kwt", "kck", "kek", "tk"):
            self.assertEqual(seen[name], set(), name)
        whole = b"".join(regions(self.daemon.process.pid))
        for name in values.keys() - {"k", "opc"}:       # the supervisor has read those
            self.assertFalse(any(value in whole for value in values[name]), name)
        values["s_kwt"] |= forms(derive.s_kwt(keys["kenb"], 1)["s_kwt"].hex())
        for where, octets in self.written().items():
            for name, those in values.items():
                self.assertFalse(any(value in octets for value in those), (name, where))
        for words in (b"AUTHENTICATION REQUEST", b"RRCConnectionReconfiguration", b"Message 4"):
            self.assertIn(words, self.written()["ladder"])


if __name__ == "__main__":
    world.unittest.main()
