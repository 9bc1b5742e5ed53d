"""A reload of role pos: partners, and neighbours out of files of their own; no SA is lost."""
import json
import signal
import unittest

import mis_home_test
import pos_test
import world
from pos_test import A, B, C


class ReloadTest(pos_test.Pos, mis_home_test.HomeCase):
    neighbours = pos_test.WholeTest.neighbours
    mns = pos_test.WholeTest.mns
    hop = pos_test.WholeTest.hop
    ask = pos_test.WholeTest.ask

    def rows(self, a, b, c):
        """Who is whose partner: letters."""
        homes = [{"realm": world.REALM, "mark_key": self.public}]
        return [self.point(stem, partners, homes=homes, neighbours=f"{stem}.yaml")
                for stem, partners in (("a", a), ("b", b), ("c", c))]

    def write(self, stem, networks):
        """Its neighbours; b of wlan-b, ..."""
        rows = [row for row in self.neighbours(stem) if row["network"][-1] in networks]
        (self.daemon.where / f"{stem}.yaml").write_text(
            "".join(f"- {json.dumps(row)}\n" for row in rows))

    def write_all(self, *partners):
        for stem, networks in zip("abc", partners):
            self.write(stem, networks)

    def begin(self, a, b, c):
        self.aaa = self.home(**{"radius.clients[2].pos": C}).port
        case = self

        class Daemon(pos_test.Daemon):
            def again(self):
                case.daemon = self
                case.write_all(a, b, c)
                super().again()
        self.neighbours("a")
        self.port, self.link = self.planned, {stem: world.free_port(world.socket.SOCK_STREAM)
                                              for stem in "abc"}
        self.start(Daemon(self.rows(a, b, c)))
        self.phone = self.start(pos_test.Phone("a.example", "b.example", "c.example"))
        self.wait_links({(f"pos@{one}.example", f"pos@{other}.example"): True
                         for one, others in (("a", a), ("b", b), ("c", c)) for other in others})
        self.phone.say("attach", A, self.planned["a"])
        self.phone.wait("attached", A)

    def reload(self, *partners):
        if partners:
            rows = "".join(f"  - {json.dumps(row)}\n" for row in self.rows(*partners))
            self.daemon.config.write_text(f"roles: [pos]\npos:\n  points:\n{rows}")
        return self.daemon.command("reload", check=False)

    def test_partners_come_and_go_and_no_sa_ends(self):
        self.begin("b", "a", "")
        before = self.mns()
        self.write_all("bc", "a", "a")
        refused = self.reload("b", "a", "")
        self.assertIn("a.yaml:2: pos.points[0].neighbours[1].pos: expected the id of one of the "
                      "partners", refused.stderr)
        self.assertEqual(self.reload("bc", "a", "a").returncode, 0)
        self.wait_links({(A, B): True, (B, A): True, (A, C): True, (C, A): True})
        self.daemon.wait_line(f"pos-link-up pos={A} partner={C}")
        self.assertEqual(self.daemon.text().count(f"pos-link-up pos={A} partner={B}"), 1)
        self.assertEqual(self.mns(), before)
        self.phone.say("ping")
        self.phone.wait("pong", A)
        self.hop("c", C)
        self.assertEqual(self.mns()[C], ("spos", 1, False))
        self.write_all("b", "a", "")
        self.assertEqual(self.reload("b", "a", "").returncode, 0)
        self.wait_links({(A, B): True, (B, A): True})
        self.phone.say("ping")
        self.phone.wait("pong", C)
        self.assertEqual(self.daemon.text().count(f"pos-link-up pos={A} partner={B}"), 1)
        # C is nobody's partner any more: its MN is handed over to none
        self.phone.say("handover", B, self.planned["b"])
        self.phone.wait("attached", B)
        self.assertEqual(self.mns()[B], ("eap", 0, False))

    def test_a_partner_that_moved_is_called_anew(self):
        self.begin("b", "a", "")
        self.link["b"] = world.free_port(world.socket.SOCK_STREAM)
        rows = self.rows("b", "a", "")
        rows[1]["link_port"] = self.daemon.points[1]["link_port"]
        self.daemon.config.write_text("roles: [pos]\npos:\n  points:\n" + "".join(
            f"  - {json.dumps(row)}\n" for row in rows))
        self.assertEqual(self.reload().returncode, 0)
        self.wait_links({(A, B): False, (B, A): False})

    def test_neighbours_are_read_anew(self):
        self.begin("bc", "a", "a")
        self.write("a", "b")
        self.assertEqual(self.reload().returncode, 0)
        self.phone.say("select", "wlan-c")
        self.phone.wait("stays")
        self.write("a", "bc")
        self.assertEqual(self.reload().returncode, 0)
        self.phone.say("select", "wlan-c")
        self.phone.wait("ready", C)

    def test_a_bad_file_changes_nothing(self):
        self.begin("bc", "a", "a")
        file = self.daemon.where / "b.yaml"
        good = file.read_text()
        for text, line, words in (
                (good + "- {network: x, pos: pos@b.example, address: 127.0.0.1, "
                        "circle: '91 0 1'}\n",
                 good.count("\n") + 1, "pos.points[1].neighbours[1].circle: expected latitude"),
                (good + "- {network: x\n", good.count("\n") + 2, "not valid YAML"),
                ("- {network: x}\n", 1, "expected pos with it, found none"),
                ("network: x\n", 1, "expected a known key"),
                ("only words\n", 1, "expected a section")):
            with self.subTest(words):
                file.write_text(text)
                refused = self.reload("", "", "")
                self.assertNotEqual(refused.returncode, 0)
                self.assertIn(f"{file}:{line}: ", refused.stderr)
                self.assertIn(words, refused.stderr)
        file.unlink()
        refused = self.reload()
        self.assertIn(f"{self.daemon.config}:5: pos.points[1].neighbours: expected a list, or a "
                      f"file with one, found '{file}' (No such file", refused.stderr)
        self.daemon.process.send_signal(signal.SIGHUP)
        self.daemon.wait_line(rf"reload-refused why=.*{self.daemon.config}:5: pos.points.1.")
        self.wait_links({(A, B): True, (B, A): True, (A, C): True, (C, A): True})
        self.phone.say("select", "wlan-c")
        self.phone.wait("ready", C)


if __name__ == "__main__":
    unittest.main()
