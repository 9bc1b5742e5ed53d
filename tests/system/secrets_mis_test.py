"""Who has which key of MIS in its memory: the device, its home, points of service of three domains;
and what is written of them. The keys are made again in here, from what went by in clear."""
import time
import unittest

import derive
import pcapng
import world
from pos_test import A, AUTH_INFO, B, NONCE_T, PRFS, SUITES, read
from secrets_test import forms, regions
from ue_mis_test import MisCase

NONCE_N, SAID = 203, 200
LABEL = b"mis-dtls-psk@latchkey.example"
AKA_PRIME, CHALLENGE, IDENTITY, RAND, AUTN = 50, 1, 1, 1, 2
AKA_IDENTITY, AT_IDENTITY = 5, 14
NAME = 22 + 1 + len(world.REALM)    # what an MN is called

UE, AAA, POS, VAULT = "ue", "aaa", "pos", "vault"
# Who may have it behind an attach with A, and who has it for certain. K of MIS is of EMSK and A.
HOLDERS = {"k": ({UE}, {UE}), "opc": ({UE}, {UE}), "ck": (set(), set()), "ik": (set(), set()),
           "ck_prime": (set(), set()), "ik_prime": (set(), set()), "msk": (set(), set()),
           "emsk": (set(), set()), "rrk": ({UE, AAA}, {UE, AAA}), "psk": ({UE, POS}, {UE, POS}),
           "k_of_a": (set(), set()), "miak": ({UE, POS}, set()), "miek": ({UE, POS}, {UE, POS})}


class SecretsMisTest(MisCase):
    def setUp(self):
        super().setUp()
        self.skip_unless_root("only root reads the memory of processes that are not dumpable")

    def pdus(self):
        """Those in clear of the device's capture, each as its TLVs."""
        for frame in pcapng.packets(self.capture):
            at = frame.find(A.encode())
            for begin in (at - 11, at - 14 - NAME) if at >= 0 else ():     # of A, and to A
                octets = frame[max(begin, 0):]
                if octets[:1] == b"\x10" and octets[8:9] == b"\1" and not octets[4] & 0x40:
                    yield read(octets)[2]
                    break

    def keys(self):
        seen, eap = {}, {}
        for tlvs in self.pdus():
            for kind in (NONCE_T, NONCE_N, SAID, SUITES, PRFS):
                seen[kind] = tlvs.get(kind, seen.get(kind))
            packet = tlvs.get(AUTH_INFO, bytes(1))
            packet = packet[1 + max(packet[0] - 128, 0):]       # behind its own length
            if packet[:1] == b"\1" and packet[4:6] == bytes([AKA_PRIME, CHALLENGE]):
                eap["challenge"] = packet
            if packet[:1] == b"\2" and packet[4] == IDENTITY:
                eap["identity"] = packet[5:]
            if packet[:1] == b"\2" and packet[4:6] == bytes([AKA_PRIME, AKA_IDENTITY]):
                eap["identity"] = self.said(packet)
            if SAID in tlvs:
                break
        rand, autn = (self.attribute(eap["challenge"], kind) for kind in (RAND, AUTN))
        k, opc = bytes.fromhex(world.CARD.k), bytes.fromhex(world.CARD.opc)
        card = derive.milenage(k, opc, rand, bytes(6), bytes(2))
        found = {"k": k, "opc": opc, "ck": card["ck"], "ik": card["ik"]}
        found |= derive.ck_ik_prime(card["ck"], card["ik"], autn, b"WLAN")
        made = derive.aka_prime(found["ck_prime"], found["ik_prime"], eap["identity"])
        found |= {name: made[name] for name in ("msk", "emsk")}
        found["rrk"] = derive.erp(emsk=made["emsk"])["rrk"]
        found["psk"] = derive.usrk(LABEL, A.encode(), emsk=made["emsk"])["usrk"]
        self.assertEqual((seen[SUITES], seen[PRFS]), (b"\1", b"\x20"))
        found["k_of_a"] = derive.mis_k(A, emsk=made["emsk"])["k"]
        return found | derive.mis(found["k_of_a"], seen[NONCE_T], seen[NONCE_N], 2, 1)

    @staticmethod
    def said(packet):
        """The identity, which is asked for and answered in an attribute."""
        assert packet[8] == AT_IDENTITY
        return packet[12:12 + int.from_bytes(packet[10:12], "big")]

    def attribute(self, packet, wanted):
        at = 8
        while packet[at] != wanted:
            at += 4 * packet[at + 1]
        return packet[at + 4:at + 20]

    def processes(self):
        """{name: pids}, of all three daemons"""
        found = {}
        for daemon in (self.home_daemon, self.daemon, self.device):
            status = daemon.ask(op="status")
            for worker in status["workers"]:
                found.setdefault(worker["name"].split("/")[0], []).append(worker["pid"])
            if status.get("vault", {}).get("up"):
                found[VAULT] = [status["vault"]["pid"]]
        self.assertEqual(found.keys(), {UE, AAA, POS, VAULT})
        return found

    def found(self, values):
        seen = {name: set() for name in values}
        for process, pids in self.processes().items():
            for octets in (region for pid in pids for region in regions(pid)):
                for name, those in values.items():
                    if any(value in octets for value in those):
                        seen[name].add(process)
        return seen

    def home(self, **more):
        self.home_daemon = super().home(**more)
        return self.home_daemon

    def written(self):
        found = {path: path.read_bytes() for path in self.dir.rglob("*")
                 if path.is_file() and path.suffix not in (".key", ".crt")}
        for op, daemon in (("status", self.home_daemon), ("status", self.daemon),
                           ("pos-mns", self.daemon), ("pos-links", self.daemon)):
            found[op, daemon] = str(daemon.ask(op=op)).encode()
        return found

    def test_keys_of_mis(self):
        """T40, Y10: behind an attach K and OPc are the card's; MSK, EMSK and what they stem from
        nobody's; the root of ERP the home's and the device's; keys of the SA, and for DTLS, the
        PoS's and the device's. When the device has gone on, and its SA is over, nobody has those.
        Nothing of them is written. T41: a capture without secrets has none."""
        self.capture = self.dir / "device.pcapng"
        self.world(home={"eap.reauth_contexts": 4096, "workers": 1},
                   pos={"pos.mns": 64, "pos.streams": 64}, **{"capture.file": self.capture,
                                                              "log.level": "debug"})
        told = str(self.ok("mis-attach")) + str(self.ok("mis-ping"))
        keys = self.keys()
        self.assertEqual(keys.keys(), HOLDERS.keys())
        values = {name: forms(value.hex()) for name, value in keys.items()}
        seen = self.found(values)
        for name, (may, must) in HOLDERS.items():
            self.assertLessEqual(seen[name], may, name)
            self.assertGreaterEqual(seen[name], must, name)
        told += str(self.ok("mis-handover", pos=B)) + str(self.ok("mis-ping"))
        self.assertTrue(self.daemon.ask(op="pos-release", mn=self.ok("mis-status")["mn"],
                                        pos=A)["ok"])
        time.sleep(0.2)
        told += str(self.ok("mis-attach", pos=B, by="eap"))
        seen = self.found(values)
        for name in ("miak", "miek"):
            self.assertEqual(seen[name], set(), name)
        self.assertLessEqual(seen["rrk"], {AAA})    # for as long as aaa.erp_lifetime_s
        for where, octets in {**self.written(), "answers": told.encode()}.items():
            if not isinstance(where, tuple) and str(where).endswith(".yaml"):
                continue        # the device's K and OPc come by --set, as a file would have them
            for name, those in values.items():
                self.assertFalse(any(value in octets for value in those), (name, where))


if __name__ == "__main__":
    unittest.main()
