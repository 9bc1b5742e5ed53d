"""tshark over a live capture of every kind of packet that the daemon sends or takes.

Its exit status proves nothing, so fields are asked for, and more than zero packets.
"""
import world
from judge_radclient_test import radclient, session

# With the secret tshark checks each answer's authenticator and opens the hidden keys.
STRICT = ["-o", f"radius.shared_secret:{world.SECRET}", "-o", "radius.validate_authenticator:TRUE"]
REQUEST, ACCEPT, REJECT, ACCOUNTING, ACCOUNTED, CHALLENGE, STATUS = 1, 2, 3, 4, 5, 11, 12


class TsharkTest(world.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.file = None

    def capture(self):
        """One daemon, every kind of run; made once."""
        daemon = self.start(world.Latchkeyd(**{"eap.protect_success": "true"}))
        daemon.add(world.CARD)
        ports = [daemon.port, daemon.accounting_port]
        capture = world.Capture(*ports)
        try:
            self.start(capture)
        except AssertionError as reason:
            self.skipTest(f"this machine lets dumpcap see no packets: {reason}")
        wrong = world.Card(world.CARD.imsi, "00" * 16, world.CARD.opc)
        for method in ("aka", "aka-prime"):
            world.eapol_test(self, daemon, world.CARD, method, words=["-r2", "-e"])
            world.eapol_test(self, daemon, world.CARD, method, words=["-r1"],
                             more='phase1="result_ind=1"')
            world.eapol_test(self, daemon, world.CARD, method, world.CARD.usim(sqn=1 << 46))
            world.eapol_test(self, daemon, world.CARD, method, wrong.usim(), words=["-n"])
            world.eapol_test(self, daemon, world.CARD, method,
                             more=f'anonymous_identity="2c3RyYW5nZXI@{world.REALM}"')
        for port in ports:
            radclient(self, daemon, "status", "Message-Authenticator = 0x00\n", port=port)
        for status in ("Start", "Interim-Update", "Stop"):
            radclient(self, daemon, "acct", session(status), port=ports[1])
        return capture.closed(), ports

    def test_every_kind_is_there_and_none_is_broken(self):
        self.skip_unless_root("a capture on loopback")
        file, ports = self.capture()

        def fields(*words):
            return world.tshark(file, *STRICT, *words, ports=ports)

        codes = {int(line) for line in fields("-T", "fields", "-e", "radius.code") if line}
        self.assertEqual(codes, {REQUEST, ACCEPT, REJECT, ACCOUNTING, ACCOUNTED, CHALLENGE, STATUS})
        self.assertGreater(len(fields()), 60)
        self.assertEqual(fields("-Y", world.BROKEN), [])
        self.assertEqual(fields("-Y", "radius.authenticator.invalid == 1"), [])
        answers = f"udp.srcport == {ports[0]} || udp.srcport == {ports[1]}"
        # It does not look at the answers to Status-Server; radclient has.
        checked = fields("-Y", f"({answers}) && radius.authenticator.valid == 1")
        self.assertEqual(len(checked), len(fields("-Y", answers)) - len(ports))

        subtypes = {int(word) for line in fields("-T", "fields", "-e", "eap.aka.subtype")
                    for word in line.replace(",", " ").split()}
        # Challenge, Authentication-Reject, Synchronization-Failure, Identity, Notification,
        # Re-authentication
        self.assertLessEqual({1, 2, 4, 5, 12, 13}, subtypes)

        # A01: Message-Authenticator is the first attribute of every answer on the EAP port.
        firsts = {line.split(",")[0] for line in
                  fields("-Y", f"udp.srcport == {ports[0]}", "-T", "fields", "-e",
                         "radius.avp.type")}
        self.assertEqual(firsts, {"80"})
        # Both halves of the MSK go with each Accept, and with nothing else.
        keys = fields("-Y", "radius.MS_MPPE_Recv_Key && radius.MS_MPPE_Send_Key", "-T", "fields",
                      "-e", "radius.code")
        accepts = fields("-Y", "radius.code == 2 && eap", "-T", "fields", "-e", "radius.code")
        self.assertEqual(keys, accepts)
        self.assertGreaterEqual(len(accepts), 12)


if __name__ == "__main__":
    world.unittest.main()
