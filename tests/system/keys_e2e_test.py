"""latchkey keys e2e against another hand, by the vectors and on random inputs."""
import e2e
import keys_case
from keys_case import OK, USAGE, arguments, call

NAMES = {"fqdn": "app.example", "app": "notes"}
UA = bytes.fromhex("0100000002")


class KeysE2eTest(keys_case.KeysTest):
    def judged(self, p=None, ks_naf=None, k_af=None, **names):
        names = names or NAMES
        source, key = ("ks_naf", ks_naf) if ks_naf else ("k_af", k_af)
        n = e2e.n_of(source, key, ua=UA, **names) if key else None
        want = {"psk": e2e.psk_of(p=p, n=n, **names), **({"n": n} if n else {})}
        given = {"app_key": p, "ks_naf": ks_naf, "k_af": k_af, "ua_id": UA if key else None}
        self.check("e2e", want, **names, **{name: v for name, v in given.items() if v})

    def test_every_combination(self):
        for _ in range(3):
            for p in (None, self.some(32), self.some(64)):
                self.judged(p)
                self.judged(p, ks_naf=self.some(32))
                self.judged(p, k_af=self.some(32))
        self.judged(self.some(32), k_af=self.some(32), fqdn="a" * 253, app="b" * 128)

    def test_what_does_not_go(self):
        key = self.some(32)
        for wrong in ({"ks_naf": key}, {"ua_id": UA}, {"ks_naf": key, "k_af": key, "ua_id": UA},
                      {"app_key": key[1:]}, {"app": ""}):
            self.assertEqual(call(arguments("e2e", {**NAMES, **wrong})).returncode, USAGE)
        self.assertEqual(call(arguments("e2e", NAMES)).returncode, OK)


if __name__ == "__main__":
    keys_case.unittest.main()
