"""A device with its connection manager (latchkeyd with role ue), and applications that ask it."""
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import world

# Asks as another user: a program of its own, for a process that has become somebody cannot go back.
ASK = """
import json, socket, sys
with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
    asking.settimeout(10)
    asking.connect(sys.argv[1])
    asking.sendall(sys.argv[2].encode() + b"\\n")
    print(asking.makefile().readline(), end="")
"""


class Phone(world.Latchkeyd):
    """Behind the access point's door of a wlan.Wlan; its own state and its own address."""

    def __init__(self, network, address="127.0.0.2", applications=None, **settings):
        uid = os.getuid()
        self.network = network
        self.applications = applications or (f"[{{name: browser, uid: {uid}, apns: [internet]}}, "
                                             f"{{name: mailer, uid: {uid}}}]")
        super().__init__(**{"ue.port": network.ap_port, "ue.address": address,
                            "wlcp.port": network.settings["wlcp.port"],
                            "wlcp.user_port": network.settings["wlcp.user_port"],
                            "ue.applications": self.applications, "ue.lte.cells": "[]",
                            "console.port": 0, **settings})

    def start(self, where):
        self.where = where
        self.config = world.TOP / "conf" / "phone.yaml"
        # Without MIS, for which two of them would need ports of their own, and Mobile IP.
        self.sets = {"state_dir": where / "phone", "ue.mis.points": "[]", "ue.mip.places": "[]",
                     **self.settings}
        self.socket = where / "ue.sock"     # not below the state directory, which is closed
        self.sets["ue.socket"] = self.socket
        self.again()

    def asks(self, op, **words):
        """One question, as this user. A connection is asked for when the channel is up, or will not
        come up: the gateway has the session a moment before."""
        if op == "connect":
            deadline = time.monotonic() + 5
            while self.ask_once("state").get("state") in ("ATTACHING", "DIALLING") and \
                    time.monotonic() < deadline:
                time.sleep(0.02)
        return self.ask_once(op, **words)

    def ask_once(self, op, **words):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
            asking.settimeout(40)
            asking.connect(str(self.socket))
            asking.sendall(json.dumps({"op": op, **words}).encode() + b"\n")
            return json.loads(asking.makefile().readline())

    def asks_as(self, uid, op, **words):
        """One question, as another user. Only root can play that."""
        done = subprocess.run([sys.executable, "-c", ASK, str(self.socket),
                               json.dumps({"op": op, **words})], user=uid, group=uid,
                              extra_groups=[], capture_output=True, text=True, timeout=30, cwd="/")
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return json.loads(done.stdout)

    def audit(self):
        path = Path(self.sets["state_dir"]) / "ue-audit.log"
        return [json.loads(line) for line in path.read_text().splitlines()]

    def process_id(self):
        """Of the process that holds the key."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        world.wait_for("a process", lambda: children.read_text().strip())
        return int(children.read_text().split()[0])
