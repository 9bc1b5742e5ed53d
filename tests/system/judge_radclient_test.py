"""radclient, FreeRADIUS's client, against latchkeyd: Status-Server, accounting, refusals."""
import subprocess

import world


def radclient(case, server, command, attributes, port=None, secret=None, words=()):
    """(exit status, everything it said)"""
    done = subprocess.run(
        [world.need("radclient"), "-x", "-r", "1", "-t", "2", *words,
         f"127.0.0.1:{port or server.port}", command, secret or server.secret],
        input=attributes, text=True, capture_output=True, timeout=30, cwd=case.dir)
    return done.returncode, done.stdout + done.stderr


def session(status, **more):
    return "\n".join([f"Acct-Status-Type = {status}", 'Acct-Session-Id = "judge-1"',
                      'User-Name = "0001010000000001"', "NAS-IP-Address = 127.0.0.1",
                      *(f"{name.replace('_', '-')} = {value}" for name, value in more.items()), ""])


class RadclientTest(world.Case):
    def setUp(self):
        super().setUp()
        self.daemon = self.start(world.Latchkeyd())
        self.daemon.add(world.CARD)

    def test_status_server(self):
        # spec: RFC 5997 3 - Status-Server is answered, on the accounting port in its own way.
        code, said = radclient(self, self.daemon, "status", "Message-Authenticator = 0x00\n")
        self.assertEqual(code, 0, said)
        self.assertIn("Access-Accept", said)
        code, said = radclient(self, self.daemon, "status", "Message-Authenticator = 0x00\n",
                               port=self.daemon.accounting_port)
        self.assertEqual(code, 0, said)
        self.assertIn("Accounting-Response", said)

    def test_status_server_without_message_authenticator_gets_no_answer(self):
        # spec: RFC 5997 3 - without Message-Authenticator it is dropped.
        code, said = radclient(self, self.daemon, "status", "NAS-Identifier = judge\n")
        self.assertNotEqual(code, 0)
        self.assertNotIn("Received", said)

    def test_accounting_start_interim_stop(self):
        for status in ("Start", "Interim-Update", "Stop"):
            with self.subTest(status):
                code, said = radclient(self, self.daemon, "acct", session(
                    status, Acct_Input_Octets=1000, Acct_Output_Octets=2000, Acct_Session_Time=9),
                    port=self.daemon.accounting_port)
                self.assertEqual(code, 0, said)
                self.assertIn("Accounting-Response", said)

    def test_accounting_under_another_secret_gets_no_answer(self):
        # spec: RFC 2866 3 - a wrong authenticator is dropped silently.
        code, said = radclient(self, self.daemon, "acct", session("Start"), secret="testing124",
                               port=self.daemon.accounting_port)
        self.assertNotEqual(code, 0)
        self.assertNotIn("Received", said)

    def test_access_request_without_message_authenticator_gets_no_answer(self):
        # A01: nothing is answered that a prefix collision could have made.
        code, said = radclient(self, self.daemon, "auth", "User-Name = nobody\n"
                               "User-Password = nothing\n")
        self.assertNotEqual(code, 0)
        self.assertNotIn("Received", said)

    def test_password_login_is_refused(self):
        code, said = radclient(self, self.daemon, "auth", "User-Name = nobody\n"
                               "User-Password = nothing\nMessage-Authenticator = 0x00\n")
        self.assertNotEqual(code, 0)
        self.assertNotIn("Received Access-Accept", said)

    def test_proxy_states_come_back_in_order(self):
        # spec: RFC 2865 5.33 - Proxy-State comes back unchanged and in order.
        states = [f"0x{number:02x}{'ab' * 3}" for number in range(5)]
        code, said = radclient(
            self, self.daemon, "acct", session("Start") +
            "".join(f"Proxy-State = {state}\n" for state in states),
            port=self.daemon.accounting_port)
        self.assertEqual(code, 0, said)
        answer = said[said.index("Received"):]
        back = [line.split("=")[1].strip() for line in answer.splitlines() if "Proxy-State" in line]
        self.assertEqual(back, states)


if __name__ == "__main__":
    world.unittest.main()
