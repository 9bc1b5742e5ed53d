"""eapol_test, the RADIUS and EAP client of hostap, against latchkeyd."""
import re
import subprocess

import world

METHODS = ("aka-prime", "aka")
PSEUDONYM = {"aka-prime": "7", "aka": "2"}


class RestartingUsim:
    """A card that takes its time: the daemon is killed and started again before it answers."""

    def __init__(self, usim, daemon):
        self.usim, self.daemon, self.restarts = usim, daemon, 0

    def answer(self, rand, autn):
        self.daemon.process.kill()
        self.daemon.process.wait()
        self.daemon.again()
        self.restarts += 1
        return self.usim.answer(rand, autn)


def user_names(run):
    """Each User-Name that eapol_test sent; it is the identity of EAP-Response/Identity."""
    return re.findall(r"Attribute 1 \(User-Name\).*\n\s+Value: '([^']*)'", run.text())


class EapolTest(world.Case):
    def daemon(self, **settings):
        daemon = self.start(world.Latchkeyd(**settings))
        daemon.add(world.CARD)
        return daemon

    def passed(self, run, keys, asked):
        self.assertTrue(run.success, run.text()[-2500:])
        self.assertEqual((run.keys_ok, run.asked), (keys, asked))

    def test_full_authentication_and_keys(self):
        daemon = self.daemon()
        for method in METHODS:
            with self.subTest(method):
                run = world.eapol_test(self, daemon, world.CARD, method)
                self.passed(run, 1, ["ok"])

    def test_tool_that_readme_names(self):
        """tools/eapol: the same judge, for a user's own card and server."""
        daemon = self.daemon()

        def tool(*words):
            return subprocess.run([world.TOP / "tools" / "eapol", *map(str, words)], text=True,
                                  capture_output=True, timeout=60, stdin=subprocess.DEVNULL)

        words = (world.CARD.imsi, "--opc", world.CARD.opc, "--server", f"127.0.0.1:{daemon.port}")
        good = tool(*words, "--k", world.CARD.k, "--method", "aka", "--", "-r1")
        self.assertEqual(good.returncode, 0, good.stdout + good.stderr)
        self.assertRegex(good.stdout, "challenge 1 accepted\nkeys +2 pairs agree\nSUCCESS\n")
        bad = tool(*words, "--k", "00" * 16)
        self.assertEqual(bad.returncode, 1, bad.stdout + bad.stderr)
        self.assertRegex(bad.stdout, "refused: MAC\n(?s:.*)FAILURE\n")
        self.assertEqual(tool(*words, "--k", "00").returncode, 2)
        off = tool(*words[:3], "--k", world.CARD.k, "--server", "nowhere:1")
        self.assertEqual(off.returncode, 2)

    def test_fast_reauthentication(self):
        daemon = self.daemon()
        for method in METHODS:
            with self.subTest(method):
                run = world.eapol_test(self, daemon, world.CARD, method, words=["-r3"])
                # spec: RFC 4187 5.1 - the card is asked once, the three others are fast.
                self.passed(run, 4, ["ok"])

    def test_pseudonym_of_the_last_run_is_known(self):
        daemon = self.daemon(**{"eap.reauth": "false"})
        for method in METHODS:
            with self.subTest(method):
                usim = world.CARD.usim()
                first = world.eapol_test(self, daemon, world.CARD, method, usim, words=["-S"])
                self.passed(first, 1, ["ok"])
                saved = re.search(r'anonymous_identity="([^"]+)"', first.config_file.read_text())
                self.assertTrue(saved, "eapol_test saved no pseudonym")
                self.assertEqual(saved[1][0], PSEUDONYM[method])
                # A06: a pseudonym holds no IMSI, is another one each time, and is enough.
                self.assertNotIn(world.CARD.imsi, saved[1])
                daemon.stop()
                daemon.again()
                second = world.eapol_test(self, daemon, world.CARD, method, usim, words=["-S"],
                                          more=f'anonymous_identity="{saved[1]}"')
                self.passed(second, 1, ["ok"])
                self.assertNotIn(world.CARD.imsi, "".join(user_names(second)))
                self.assertNotIn(saved[1], second.config_file.read_text())

    def test_pseudonym_that_nobody_knows_costs_one_round_more(self):
        daemon = self.daemon(**{"eap.reauth": "false"})
        for method in METHODS:
            with self.subTest(method):
                stranger = PSEUDONYM[method] + "c3RyYW5nZXI@" + world.REALM
                run = world.eapol_test(self, daemon, world.CARD, method,
                                       more=f'anonymous_identity="{stranger}"')
                self.passed(run, 1, ["ok"])

    def test_resynchronisation(self):
        daemon = self.daemon()
        for number, method in enumerate(METHODS):
            with self.subTest(method):
                ahead = world.CARD.usim(sqn=(number + 1) << 45)
                run = world.eapol_test(self, daemon, world.CARD, method, ahead)
                # spec: RFC 4187 6.3.1 - a synchronisation failure is met by a fresh challenge.
                self.passed(run, 1, ["sync", "ok"])
                again = world.eapol_test(self, daemon, world.CARD, method, ahead)
                self.passed(again, 1, ["ok"])

    def test_wrong_key_fails_and_is_explained(self):
        daemon = self.daemon()
        wrong = world.Card(world.CARD.imsi, "00" * 16, world.CARD.opc)
        for method in METHODS:
            with self.subTest(method):
                run = world.eapol_test(self, daemon, world.CARD, method, wrong.usim(),
                                       words=["-n"])
                self.assertFalse(run.success)
                self.assertEqual(run.asked, ["mac"])
        self.assertIn("eap-aka.", daemon.text())

    def test_protected_success(self):
        daemon = self.daemon(**{"eap.protect_success": "true"})
        for method in METHODS:
            with self.subTest(method):
                run = world.eapol_test(self, daemon, world.CARD, method, words=["-r1"],
                                       more='phase1="result_ind=1"')
                self.passed(run, 2, ["ok"])
                # spec: RFC 4187 6.2 - success is notified under AT_MAC before EAP-Success.
                self.assertEqual(run.count(r"EAP-AKA: subtype Notification"), 2)

    def test_key_name(self):
        daemon = self.daemon()
        for method in METHODS:
            with self.subTest(method):
                run = world.eapol_test(self, daemon, world.CARD, method, words=["-e"])
                self.passed(run, 1, ["ok"])
                # spec: RFC 7268 2.2 - asked for EAP-Key-Name, the server tells the Session-Id.
                self.assertEqual(run.count("EAP Session-Id matches EAP-Key-Name"), 1)

    def test_bidding_down_is_seen_by_a_foreign_peer(self):
        daemon = self.daemon()
        config = world.network_block(world.CARD.identity("aka"), "aka").replace(
            "eap=AKA\n", "eap=AKA' AKA\n")
        run = self.start(world.EapolTest(daemon, world.CARD.usim(), config, ["-n"]))
        # spec: RFC 9048 4 - a peer that prefers EAP-AKA' must not go on with EAP-AKA here.
        self.assertFalse(run.success)
        self.assertGreaterEqual(run.count("EAP-AKA: AT_BIDDING"), 1)

    def test_daemon_restarts_between_challenge_and_response(self):
        daemon = self.daemon()
        for method in METHODS:
            with self.subTest(method):
                usim = RestartingUsim(world.CARD.usim(), daemon)
                run = world.eapol_test(self, daemon, world.CARD, method, usim)
                self.passed(run, 1, ["ok"])
                self.assertEqual(usim.restarts, 1)

    def test_wrong_secret_gets_no_answer(self):
        daemon = self.daemon()
        daemon.secret = "testing124"
        run = world.eapol_test(self, daemon, world.CARD, words=["-n"], seconds=2)
        self.assertFalse(run.success)
        self.assertEqual(run.count("Received [0-9]+ bytes from RADIUS server"), 0)


if __name__ == "__main__":
    world.unittest.main()
