"""tshark over a capture of an association that wire/ieee80211, wire/eapol and wire/ccmp wrote: each
frame is what it should be, and with the PMK tshark opens the data. All data, and the four-address
frames that tshark does not open, are opened by AES-CCM of python3-cryptography too, with nonce and
additional data made here.
"""
import json
import subprocess
import unittest

from cryptography.hazmat.primitives.ciphers.aead import AESCCM

import pcapng
import world

VECTORS = json.loads((world.TOP / "tests/vectors/fourway_skwt.json").read_text())["vectors"]
GROUP = next(v for v in VECTORS if v["id"] == "group-akm2")
CCMP, SUITES = 0x000fac04, 0x000fac00
# LWAAP of bearer 3, and the PDCP PDU that wlan_frames puts behind it.
LWA = bytes([3, 0x80, 0, 1]) + b"lwa"
FRAMES_OF_LWA = 9
RADIOTAP = 8
KEY, RSN, FIXED = "wlan_rsna_eapol.keydes", "wlan.rsn", "wlan.fixed"
AUTHENTICATION = (f"{FIXED}.auth.alg", f"{FIXED}.auth_seq", f"{FIXED}.status_code")
ANSWER = (f"{FIXED}.status_code", f"{FIXED}.aid")
ELEMENT = (f"{RSN}.version", f"{RSN}.gcs", f"{RSN}.pcs", f"{RSN}.akms", f"{RSN}.capabilities",
           f"{RSN}.pmkid.count", "wlan.pmkid.akms")
MESSAGE = (f"{KEY}.msgnr", "eapol.keydes.type", f"{KEY}.key_info", "eapol.keydes.key_len",
           "eapol.keydes.replay_counter", f"{KEY}.nonce", f"{KEY}.rsc", f"{KEY}.mic",
           f"{KEY}.data_len")
GTK = (f"{RSN}.ie.gtk_kde.gtk", f"{RSN}.ie.gtk_kde.key_id")
OPENED = ("wlan.analysis.tk", "llc.type", "data.data", "wlan.ccmp.extiv")
FIELDS = sorted({"wlan.fc.type_subtype", "radiotap.length", "_ws.malformed", "_ws.expert.severity",
                 f"{FIXED}.reason_code", f"{FIXED}.current_ap", f"{RSN}.ie.pmkid", *AUTHENTICATION,
                 *ANSWER, *ELEMENT, *MESSAGE, *GTK, *OPENED})
ERROR = 0x00800000      # the severity of an expert


def additional_and_nonce(frame):
    """Of an 802.11 frame: what CCM takes besides the key, and what it seals."""
    control, flags = frame[0], frame[1]
    four, qos = flags & 3 == 3, control & 0x8c == 0x88
    size = 24 + (6 if four else 0) + (2 if qos else 0)
    tid = frame[size - 2] & 15 if qos else 0
    size += 4 if qos and flags & 0x80 else 0
    kept = flags & (0x47 if qos else 0xc7) | 0x40
    additional = bytes([control & 0x8f, kept]) + frame[4:22] + bytes([frame[22] & 15, 0])
    additional += frame[24:30] if four else b""
    additional += bytes([tid, 0]) if qos else b""
    ccmp, sealed = frame[size:size + 8], frame[size + 8:]
    number = bytes([ccmp[7], ccmp[6], ccmp[5], ccmp[4], ccmp[1], ccmp[0]])
    return additional, bytes([tid]) + frame[10:16] + number, sealed


def row(frame, fields):
    return [frame[field] for field in fields]


class Ieee80211Test(world.Case):
    def capture(self, vector, *more):
        file = self.dir / "wlan.pcapng"
        frames = [vector[name] for name in ("m1", "m2", "m3", "m4")] + list(more)
        akm = str(int(vector["akm"][-2:]))
        subprocess.run([world.BUILD / "tests/system/wlan_frames", file, akm,
                        vector["pmkid"], vector["tk"], *frames], check=True, timeout=60)
        return file

    def read(self, file, vector):
        """What tshark, who knows the PMK, says of each frame."""
        keys = f'uat:80211_keys:"wpa-psk","{vector["pmk"]}"'
        asked = [word for field in FIELDS for word in ("-e", field)]
        lines = world.tshark(file, "-o", "wlan.enable_decryption:TRUE", "-o", keys, "-T", "fields",
                             *asked)
        return [dict(zip(FIELDS, line.split("\t"))) for line in lines]

    def check_whole(self, frames):
        self.assertEqual({frame["radiotap.length"] for frame in frames}, {"8"})
        self.assertEqual({frame["_ws.malformed"] for frame in frames}, {""})
        severities = [int(word) for frame in frames
                      for word in frame["_ws.expert.severity"].split(",") if word]
        self.assertLess(max(severities, default=0), ERROR)

    def check_association(self, frames, vector):
        frames = {int(frame["wlan.fc.type_subtype"], 16): frame for frame in frames
                  if int(frame["wlan.fc.type_subtype"], 16) < 16}
        self.assertEqual(list(frames), [11, 0, 1, 2, 3, 10, 12])
        self.assertEqual(row(frames[11], AUTHENTICATION), ["0", "0x0002", "0x0000"])
        self.assertEqual(row(frames[1], ANSWER), ["0x0000", "0x0007"])
        self.assertEqual(row(frames[3], ANSWER), ["0x0035", "0x0000"])
        self.assertEqual(frames[2][f"{FIXED}.current_ap"], "02:00:00:00:00:01")
        self.assertEqual(frames[10][f"{FIXED}.reason_code"], "0x0003")
        self.assertEqual(frames[12][f"{FIXED}.reason_code"], "0x000f")
        akm = SUITES + int(vector["akm"][-2:])
        for kind in range(4):
            self.assertEqual(row(frames[kind], ELEMENT), ["1", str(CCMP), str(CCMP), str(akm),
                                                          "0x0080", "1", vector["pmkid"]])

    def check_handshake(self, frames, vector, *more):
        frames = [frame for frame in frames if frame[f"{KEY}.msgnr"]]
        numbered = [(vector[f"m{n}"], n) for n in (1, 2, 3, 4)]
        numbered += [(message, n) for n, message in enumerate(more, 1)]
        self.assertEqual(len(frames), len(numbered))
        for frame, (message, number) in zip(frames, numbered):
            octets = bytes.fromhex(message)
            self.assertEqual(row(frame, MESSAGE), [
                str(number), "2", f"0x{octets[5:7].hex()}", str(int.from_bytes(octets[7:9], "big")),
                str(int.from_bytes(octets[9:17], "big")), octets[17:49].hex(),
                octets[65:73].hex(), octets[81:97].hex(), str(len(octets) - 99)])
        self.assertEqual(frames[0][f"{RSN}.ie.pmkid"], vector["pmkid"])
        self.assertEqual(row(frames[2], GTK), [vector["gtk"], f"0x{vector['gtk_key_id']:02x}"])
        if more:
            self.assertEqual(row(frames[4], GTK), [GROUP["gtk"], f"0x{GROUP['gtk_key_id']:02x}"])

    def check_data(self, frames, vector):
        """tshark opens what has three addresses, with the TK of its own."""
        opened = [row(frame, OPENED) for frame in frames if frame["wlan.analysis.tk"]]
        self.assertEqual(opened, [[vector["tk"], "0x9e65", LWA.hex(), f"0x{number:012x}"]
                                  for number in (1, 2, 3, 4, 5, 6, 0x060504030201)])

    def check_sealed(self, file, vector):
        opened = 0
        for packet in pcapng.packets(file):
            frame = packet[RADIOTAP:]
            if not frame[1] & 0x40:
                continue
            additional, nonce, sealed = additional_and_nonce(frame)
            plain = AESCCM(bytes.fromhex(vector["tk"]), tag_length=8).decrypt(nonce, sealed,
                                                                             additional)
            self.assertEqual(plain, bytes.fromhex("aaaa030000009e65") + LWA)
            opened += 1
        self.assertEqual(opened, FRAMES_OF_LWA)

    def test_tshark_reads_and_opens_what_we_write(self):
        """spec: IEEE 802.11 12.5.3.3 - nonce and additional data, for every form of MAC header.
        spec: IEEE 802.11 9.4.2.24 - the element, in request and answer.
        spec: IEEE 802.11 12.7.6 - numbered as the messages that they are."""
        handshakes = [vector for vector in VECTORS if "m1" in vector]
        self.assertEqual(len(handshakes), 4)
        for vector in handshakes:
            with self.subTest(vector["id"]):
                more = [GROUP["g1"], GROUP["g2"]] if vector["id"] == "initial-akm2" else []
                file = self.capture(vector, *more)
                frames = self.read(file, vector)
                self.check_whole(frames)
                self.check_association(frames, vector)
                self.check_handshake(frames, vector, *more)
                self.check_data(frames, vector)
                self.check_sealed(file, vector)


if __name__ == "__main__":
    unittest.main()
