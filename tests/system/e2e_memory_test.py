"""What the operator's processes have in their memory of an end-to-end session: nothing, while the
application and its server have it; and N, the operator's own key, went into it.

Three daemons, as on three machines: the operator's (AAA, vault, BSF, AAnF, a NAF), the device, and
the application's server; and the application, a process of its own."""
import json
import os
import signal
import subprocess
import time
import unittest
from pathlib import Path

import af
import gba
import noise
import radsec
import secrets_test
import world
from af import Server, User
from ue_gba_test import Phone

UA = af.UA.hex()
OPERATOR, DEVICE, SERVER, APPLICATION = "operator", "device", "server", "application"


class E2eMemoryTest(world.Case):
    def setUp(self):
        super().setUp()
        self.skip_unless_root("only root reads the memory of processes that are not dumpable")
        self.certificates = radsec.Certificates(self.dir / "tls")
        self.certificates.ca("ca")
        for stem, name in (("bsf", gba.BSF), ("app", af.FQDN), ("naf", "naf.example")):
            self.certificates.make(stem, name, ca="ca")
        self.operator = self.start_operator()
        self.device = self.start(Phone(self.operator.ub, **{
            "ue.applications": f"[{{name: notes, uid: {os.getuid()}, "
                               f"nafs: [{af.FQDN}/{UA}]}}]"}))
        self.ann = User("ann", n=gba.impi(world.CARD))
        path = self.certificates.path
        self.server = self.start(Server({"notes": (("n", "p", "client-key"), [self.ann])}, **{
            "af.bsf.name": gba.BSF, "af.bsf.address": "127.0.0.1", "af.bsf.port": self.operator.zn,
            "af.certificate": path("app"), "af.certificate_key": path("app", "key"),
            "af.ca": path("ca")}))

    def start_operator(self):
        path = self.certificates.path
        ub, zn = (world.free_port(world.socket.SOCK_STREAM) for _ in range(2))
        daemon = self.start(world.Latchkeyd(**{
            "roles": "[aaa, vault, bsf, aanf, naf]", "workers": 1, "bsf.port": ub,
            "bsf.zn_port": zn,
            "bsf.certificate": path("bsf"), "bsf.key": path("bsf", "key"), "bsf.ca": path("ca"),
            "aanf.port": world.free_port(world.socket.SOCK_STREAM),
            "aanf.certificate": path("bsf"), "aanf.key": path("bsf", "key"), "aanf.ca": path("ca"),
            "aanf.ausfs": "[aaa.example]", "naf.bsf_port": zn, "naf.ca": path("ca"),
            "naf.port": world.free_port(world.socket.SOCK_STREAM), "naf.tls_port": 0,
            "naf.certificate": path("naf"), "naf.key": path("naf", "key"),
            "bsf.nafs": "[{name: naf.example}, "
                        f"{{name: {af.FQDN}, ua_ids: [\"{UA}\"], identity: true}}]"}))
        daemon.add(world.CARD)
        daemon.ub, daemon.zn = ub, zn
        return daemon

    def talk(self):
        """The application; it stays, and has told its session's key."""
        words = ["ue", "e2e", "--server", f"127.0.0.1:{self.server.e2e_port}", "--app", "notes",
                 "--server-key", self.server.key.hex(), "--identity", "ann", "--n", "gba",
                 "--socket", str(self.device.socket), "--as", "notes",
                 "--app-key", f"@{af.private(self.dir / 'p', self.ann.p.hex())}",
                 "--client-key", f"@{af.private(self.dir / 'c', self.ann.secret.hex())}",
                 "--hold", "60", "--show-keys"]
        application = subprocess.Popen([str(world.LATCHKEY), *words], stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, text=True)
        self.addCleanup(application.stdout.close)
        self.addCleanup(application.stderr.close)
        self.addCleanup(application.wait)
        self.addCleanup(application.kill)
        line = application.stdout.readline()
        self.assertTrue(line, "" if line else application.stderr.read() + self.server.text())
        return application, json.loads(line)

    def processes(self, daemon):
        """Its supervisor, too: all that the machine has."""
        status = daemon.ask(op="status")
        found = {worker["pid"] for worker in status["workers"] if worker["state"] == "serving"}
        vault = {status["vault"]["pid"]} if "vault" in status else set()
        return found | {daemon.process.pid} | vault

    def machines(self, application):
        return {OPERATOR: self.processes(self.operator), DEVICE: self.processes(self.device),
                SERVER: self.processes(self.server),
                APPLICATION: {application.pid} if application.poll() is None else set()}

    def holders(self, application, values):
        """{name: machines on which one of its forms is in some memory}"""
        found = {name: set() for name in values}
        for machine, pids in self.machines(application).items():
            for pid in pids:
                for octets in secrets_test.regions(pid):
                    for name, value in values.items():
                        if any(form in octets for form in secrets_test.forms(value)):
                            found[name].add(machine)
        return found

    def test_the_operator_has_none_of_it(self):
        """T60: N is the operator's, and went in; the session's key, P and both private keys are in
        no memory of the operator's, in none of the device's, during and after; the same search
        finds them with who has them, and the operator's node key with the operator."""
        application, told = self.talk()
        self.assertTrue(told["n"] and told["p"] and told["client_key"], told)
        state = Path(self.operator.sets["state_dir"])
        secret = (Path(self.server.sets["state_dir"]) / "af.key").read_text().strip()
        self.assertEqual(noise.public(bytes.fromhex(secret)), self.server.key)
        values = {"session": told["application_key"], "p": self.ann.p.hex(), "s": secret,
                  "c": self.ann.secret.hex(), "node": (state / "node.key").read_text().strip()}
        self.assertEqual(self.holders(application, values), {
            "session": {SERVER, APPLICATION}, "p": {SERVER, APPLICATION}, "s": {SERVER},
            "c": {APPLICATION}, "node": {OPERATOR}})
        application.send_signal(signal.SIGKILL)
        application.wait()
        world.wait_for("its end", lambda: self.server.counts()["af_sessions"] == 0)
        self.assertEqual(self.holders(application, values), {
            "session": set(), "p": {SERVER}, "s": {SERVER}, "c": set(), "node": {OPERATOR}})

    def test_only_the_af_process_has_the_keys(self):
        """Y10: not its supervisor either, which reads the configuration."""
        application, _ = self.talk()
        secret = (Path(self.server.sets["state_dir"]) / "af.key").read_text().strip()
        [pid] = [worker["pid"] for worker in self.server.ask(op="status")["workers"]
                 if worker["role"] == "af"]
        for one in self.processes(self.server):
            for name, value in (("s", secret), ("p", self.ann.p.hex())):
                found = any(form in octets for octets in secrets_test.regions(one)
                            for form in secrets_test.forms(value))
                self.assertEqual(found, one == pid, (name, one == pid))
        application.kill()

    def test_another_subscribers_n(self):
        """T27: N that the BSF gives is of whom the user's row names, or there is no session."""
        self.assertTrue(self.asks()["n"]) # the control
        self.ann.n = "001010000000009@ims.mnc001.mcc001.3gppnetwork.org"
        self.server.write(self.server.where, "notes", [self.ann])
        self.server.command("reload")
        self.assertEqual(self.asks()["reason"], "e2e.unproven")
        self.server.wait_line("reason=e2e.unproven")

    def test_tickets_end_with_ks(self):
        """T63: an hour is what role af would give; Ks of this BSF has not that long."""
        ticket = ["--ticket", self.dir / "ticket"]
        self.operator.stop()
        self.operator.sets["bsf.lifetime_s"] = 10
        self.operator.again()
        began = time.monotonic()
        self.assertFalse(self.asks(*ticket)["resumed"])
        self.assertTrue(self.asks(*ticket)["resumed"])
        time.sleep(max(0, began + 12 - time.monotonic()))
        self.assertEqual(self.asks(*ticket)["reason"], "e2e.unproven")

    def asks(self, *more):
        done = self.server.app(self.dir, "notes", self.ann, "--n", "gba", "--as", "notes",
                               "--socket", self.device.socket, "--json", *more, check=False)
        return json.loads(done.stdout)

    def test_a_bsf_that_knows_nothing(self):
        """What is over or unknown there is refused, and the server's log says whom it asked."""
        self.device.asks("gba-bootstrap")
        self.operator.command("bsf", "release", world.CARD.imsi)
        self.assertEqual(self.asks()["reason"], "e2e.unproven")
        self.server.wait_line("reason=e2e.no-n.* asked=BSF")
        self.assertEqual(self.server.counts()["af_operator_keys_missing_total"], 1)
        time.sleep(1.1) # a session is of the second of its challenge
        self.assertTrue(self.asks("--not", self.device.asks("gba-status")["b_tid"])["n"])


if __name__ == "__main__":
    unittest.main()
