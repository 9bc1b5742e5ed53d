"""capture.file: what a trusted WLAN writes down, once each, and only when it is asked to."""
import fcntl
import os
import re
import resource
import signal
import struct
import subprocess
import time
import unittest
from pathlib import Path

import lte
import pcapng
import phone
import wlan
import world

ROLES = "[aaa, vault, twap, twag, anchor]"
SUITES = "[ecdhe-psk-aes128-cbc, psk-aes128-gcm]"


class CaptureTest(world.Case):
    def lab(self, more=None, **settings):
        """A network and a phone that has connected once."""
        network = self.start(wlan.Wlan(roles=ROLES, **{"dtls.suites": SUITES, **settings}))
        network.add(world.CARD)
        device = self.start(phone.Phone(network, **(more or {})))
        network.wait_line(f"wlan-session imsi={world.CARD.imsi}")
        answer = device.asks("connect", **{"as": "browser", "apn": "internet"})
        self.assertTrue(answer["ok"], answer)
        self.network, self.phone = network, device
        self.aaa_port = network.settings["radius.port"]
        return answer

    def shown(self, file, shown, *fields):
        ports = self.network.settings
        words = ["-d", f"udp.port=={self.network.ap_port},radius",
                 "-d", f"udp.port=={self.aaa_port},radius",
                 "-d", f"udp.port=={ports['wlcp.port']},dtls",
                 "-d", f"udp.port=={ports['anchor.port']},dtls",
                 "-d", f"udp.port=={ports['wlcp.user_port']},eth",
                 "-X", f"lua_script:{world.TOP / 'conf/wireshark/pmip.lua'}",
                 "-d", f"udp.port=={ports['anchor.tunnel_port']},latchkey_tunnel"]
        asked = [word for name in ("frame.number", *fields) for word in ("-e", name)]
        done = subprocess.run([world.need("tshark"), "-n", "-r", str(file), *words, "-T", "fields",
                               *asked, "-Y", shown], text=True, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.splitlines()

    def test_the_network_writes_every_leg_once(self):
        file = self.dir / "lab.pcapng"
        pdn = self.lab(**{"capture.file": file})["pdn"]
        self.phone.asks("ping", **{"as": "browser", "pdn": pdn, "to": "10.64.0.1", "count": 2})
        self.assertEqual(os.stat(file).st_mode & 0o777, 0o600)
        self.assertEqual(self.shown(file, world.BROKEN), [])
        wlcp = self.network.settings["wlcp.port"]
        for leg, least in ((f"radius and udp.port == {self.network.ap_port}", 6),
                           (f"radius and udp.port == {self.aaa_port}", 6),
                           (f"dtls and udp.port == {wlcp}", 9),
                           (f"dtls and udp.port == {self.network.anchor_port}", 8),
                           ("eth and icmp", 4),
                           (f"icmp and udp.port == {self.network.tunnel_port}", 4),
                           ("exported_pdu and mipv6", 2)):
            self.assertGreaterEqual(len(self.shown(file, leg)), least, leg)
        # both directions, nothing twice: who sends a record numbers it
        records = self.shown(file, "dtls.record.epoch == 1", "ip.src", "udp.srcport", "udp.dstport",
                             "dtls.record.epoch", "dtls.record.sequence_number")
        names = [line.split("\t", 1)[1] for line in records]
        self.assertEqual(len(names), len(set(names)))
        self.assertEqual(len(self.shown(file, "icmp.type == 8")), 4)
        # keys are not in it unless they are asked for
        self.assertEqual(file.read_bytes().count(b"CLIENT_RANDOM"), 0)
        told = subprocess.run([str(world.LATCHKEY), "trace", "ladder", str(file)], text=True,
                              capture_output=True, timeout=60)
        self.assertEqual((told.returncode, told.stderr), (0, ""))
        self.assertIn("Proxy Binding Update", told.stdout)

    def test_legs_and_keys_are_as_asked(self):
        file = self.dir / "lab.pcapng"
        self.lab(**{"capture.file": file, "capture.legs": "[wlcp]", "capture.secrets": "true"})
        self.assertEqual(self.shown(file, "radius or mipv6"), [])
        self.assertIn("capturing", self.network.text())
        self.assertEqual(file.read_bytes().count(b"CLIENT_RANDOM"), 1)
        # REQUEST and ACCEPT: the key lies before the flight that is encrypted with it
        for sender, kind in (("127.0.0.2", "81"), ("127.0.0.1", "82")):
            log = self.shown(file, f"dtls.app_data and ip.src == {sender}", "data.data")
            self.assertTrue(any(line.split("\t")[1].startswith(kind) for line in log), log)

    def test_a_daemon_of_both_ends_writes_every_leg_once(self):
        file = self.dir / "lab.pcapng"
        both = self.start(lte.BothEnds(**{"capture.file": file, "capture.secrets": "true"}))
        both.add(world.CARD)
        self.assertTrue(both.asks("attach")["ok"])
        pdn = both.asks("connect", **{"as": "browser", "apn": "internet"})["pdn"]
        both.asks("ping", **{"as": "browser", "pdn": pdn, "to": "10.64.0.1", "count": 2})
        self.assertTrue(both.asks("lte-attach")["ok"])
        self.assertTrue(both.asks("lte-status", wait="active")["ok"])
        both.stop()
        packets, at = list(pcapng.packets(file)), both.settings
        ports = [both.ap_port, at["radius.port"], at["wlcp.port"], at["wlcp.user_port"],
                 both.anchor_port, both.tunnel_port, both.ports[lte.UU]]
        legs = {port: [packet for packet in packets if packet[0] == 0x45 and
                       port in struct.unpack_from(">HH", packet, 20)] for port in ports}
        legs["air"] = [packet for packet in packets if packet[:2] == bytes(2)]
        ends = len(pcapng.exported("xwap", (lte.DEVICE, 0), (lte.DEVICE, 0), b""))
        legs["xw"] = [packet[ends:] for packet in packets if b"xwap" in packet[:8]]
        for leg, found in legs.items():
            self.assertGreaterEqual(len(found), 2, leg)
            self.assertEqual(len(found), len(set(found)), leg)

    def test_the_device_writes_its_own(self):
        file = self.dir / "phone.pcapng"
        self.lab({"capture.file": file})
        self.assertGreaterEqual(len(self.shown(file, "radius")), 6)
        self.assertGreaterEqual(len(self.shown(file, "dtls")), 9)
        self.assertEqual(len(self.shown(file, 'json.value.string == "connect"')), 1)
        self.assertEqual(list(self.dir.rglob("*.pcapng")), [file])

    def test_a_process_that_is_killed_loses_nothing(self):
        file = self.dir / "lab.pcapng"
        self.lab(**{"capture.file": file})
        before = len(self.shown(file, "frame"))
        os.kill(self.gateway(), signal.SIGKILL)
        world.wait_for("another link to the anchor",
                       lambda: len(self.shown(file, "frame")) > before + 5)
        self.assertEqual(self.shown(file, world.BROKEN), [])
        self.network.process.kill()
        told = subprocess.run([str(world.LATCHKEY), "trace", "ladder", str(file)], text=True,
                              capture_output=True, timeout=60)
        self.assertEqual((told.returncode, told.stderr), (0, ""))

    def gateway(self):
        return next(worker["pid"] for worker in self.network.ask(op="status")["workers"]
                    if worker["name"] == "wlan")

    def gateway_again(self):
        """It is killed; another one serves, as far as the anchor."""
        old = self.gateway()
        ups = len(re.findall(" anchor-up ", self.network.text()))
        os.kill(old, signal.SIGKILL)
        world.wait_for("another link to the anchor",
                       lambda: len(re.findall(" anchor-up ", self.network.text())) > ups)
        self.assertNotEqual(self.gateway(), old)

    def test_half_a_block_stops_nobody(self):
        """What a process that was killed left of a block is cut off, by the one after it and by the
        next daemon; a capture that is none any more keeps no process from serving."""
        file = self.dir / "lab.pcapng"
        self.lab(**{"capture.file": file})
        frames = len(self.shown(file, "frame"))
        self.phone.process.kill()                   # so that nobody writes meanwhile
        world.wait_for("silence", lambda: self.is_still(file))
        self.half_a_block(file)
        self.gateway_again()
        self.network.wait_line(rf"warning latchkeyd capture-mended file={file} .*octets=14")
        self.network.stop()
        self.half_a_block(file)
        self.network.again()
        self.network.wait_line(rf"warning latchkeyd capture-mended file={file} .*octets=14")
        self.assertGreater(len(self.shown(file, "frame")), frames)
        file.write_text("Dear Sir")
        self.gateway_again()
        self.network.wait_line(rf"capture-lost file={file} .*why=.it is no capture of this program")
        self.assertEqual(file.read_text(), "Dear Sir")

    def test_a_lock_keeps_nobody_from_serving(self):
        """Somebody who may read the file keeps a lock on it; a process that begins meanwhile serves
        without it."""
        file = self.dir / "lab.pcapng"
        self.lab(**{"capture.file": file})
        with open(file, "rb") as reader:
            fcntl.flock(reader, fcntl.LOCK_EX)
            self.gateway_again()
            self.network.wait_line(rf'capture-lost file={file} why="another program keeps a lock')
        self.gateway_again()
        before = len(self.shown(file, "frame"))
        world.wait_for("frames of the one after it",
                       lambda: len(self.shown(file, "frame")) > before)

    def test_no_process_reads_what_others_wrote(self):
        """Y10: with secrets the keys of all are in the file."""
        self.skip_unless_root("only root sees the descriptors of processes that are not dumpable")
        file = self.dir / "lab.pcapng"
        self.lab(**{"capture.file": file, "capture.secrets": "true"})
        for worker in self.network.ask(op="status")["workers"]:
            fds = Path(f"/proc/{worker['pid']}/fd")
            found = [fd.name for fd in fds.iterdir() if os.path.realpath(fd) == str(file)]
            self.assertTrue(found or worker["role"] == "aaa", worker)
            for fd in found:
                flags = (fds.parent / "fdinfo" / fd).read_text().split("flags:")[1].split()[0]
                self.assertEqual(int(flags, 8) & (os.O_ACCMODE | os.O_APPEND),
                                 os.O_WRONLY | os.O_APPEND, worker)

    def is_still(self, file):
        size = file.stat().st_size
        time.sleep(0.4)
        return file.stat().st_size == size

    @staticmethod
    def half_a_block(file):
        with open(file, "ab") as capture:
            capture.write(bytes.fromhex("0000000600000080000000000001"))

    def test_a_full_file_is_said_with_its_reason(self):
        file = self.dir / "lab.pcapng"
        self.lab(**{"capture.file": file})
        full = file.stat().st_size + 20
        for worker in self.network.ask(op="status")["workers"]:
            resource.prlimit(worker["pid"], resource.RLIMIT_FSIZE, (full, full))
        self.phone.asks("disconnect", **{"as": "browser", "apn": "internet"})
        self.network.wait_line(rf'capture-lost file={file} why="File too large"')
        self.shown(file, "frame")                   # no half block: tshark would complain

    def test_another_file_is_left_alone(self):
        """Nothing is written into what is no capture, or has another name too, and no pipe makes
        the daemon wait."""
        file = self.dir / "letter.txt"
        file.write_text("Dear Sir")
        pipe = self.dir / "pipe"
        os.mkfifo(pipe)
        link = self.dir / "link"
        link.symlink_to(file)
        empty = self.dir / "empty"
        empty.touch()
        hard = self.dir / "hard"
        hard.hardlink_to(empty)
        for path, why in ((file, "it is no capture of this program"),
                          (pipe, "it is no regular file"), (link, "it is a symbolic link"),
                          (hard, "it has another name: a hard link")):
            daemon = wlan.Wlan(roles=ROLES, **{"capture.file": path})
            with self.assertRaises(AssertionError):
                self.start(daemon)
            self.assertIn(f'what=capture.file why="{path}: {why}"', daemon.text())
        self.assertEqual((file.read_text(), empty.read_text()), ("Dear Sir", ""))


if __name__ == "__main__":
    unittest.main()
