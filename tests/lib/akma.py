"""AKMA for tests: an AAnF, and whoever asks it, by curl with certificates; keys by another hand."""
import base64
import json
import socket
import subprocess

import derive
import radsec
import world

UA, OTHER_UA = "0100000007", "0100000002"
REGISTER, RETRIEVE, REMOVE = "register-anchorkey", "retrieve-applicationkey", "remove-context"
AANF, AUSF, AF, OTHER = "aanf.example", "aaa.example", "af.example", "other.example"


def free_port():
    return world.free_port(socket.SOCK_STREAM)


def supi(imsi):
    return "imsi-" + imsi


def a_kid(a_tid, rid="0", mcc="001", mnc="001"):
    """The placeholder of the sheet."""
    tid = base64.urlsafe_b64encode(a_tid).decode().rstrip("=")
    return f"rid{rid}.tid{tid}@akma.5gc.mnc{mnc}.mcc{mcc}.3gppnetwork.org"


def k_af(k_akma, fqdn, ua=UA):
    return derive.kdf(k_akma, 0x82, fqdn.encode() + bytes.fromhex(ua))


class Keys:
    """What comes of one authentication, by hashlib and hmac."""

    def __init__(self, k_ausf, imsi, rid="0"):
        self.k_akma = derive.kdf(k_ausf, 0x80, b"AKMA", imsi.encode())
        self.a_tid = derive.kdf(k_ausf, 0x81, b"A-TID", imsi.encode())
        self.a_kid = a_kid(self.a_tid, rid)

    def k_af(self, fqdn, ua=UA):
        return k_af(self.k_akma, fqdn, ua)


class Aanf:
    """A daemon with role aanf, and curl."""

    def __init__(self, case, roles="[aanf]", aanf=None, more=None, port=None, **settings):
        path = self.certificates_of(case)
        self.certificates = radsec.Certificates(case.dir / "tls")
        self.port = port or free_port()
        section = {"port": self.port, "certificate": str(path("aanf")),
                   "key": str(path("aanf", "key")), "ca": str(path("ca")), "ausfs": [AUSF],
                   "afs": [{"name": AF, "ua_ids": [UA, OTHER_UA], "identity": True},
                           {"name": OTHER, "ua_ids": [UA]}], **(aanf or {})}
        self.file = case.dir / f"aanf{self.port}.yaml"
        self.file.write_text(json.dumps({"aanf": section, **(more or {})}))
        named = (more or {}).get("aaa", {}).get("akma", {}).get("aanf", "")
        daemon = world.Latchkeyd(roles=roles, **{"aaa.akma.aanf": named, **settings})
        again = daemon.again

        def begin():
            daemon.config = self.file
            again()
        daemon.again = begin
        self.daemon = case.start(daemon)

    @staticmethod
    def certificates_of(case):
        """Where they are: path(stem), path(stem, "key")."""
        made = radsec.Certificates(case.dir / "tls")
        if not made.path("ca").exists():
            for ca in ("ca", "rogue"):
                made.ca(ca)
            for stem, name, ca in (("aanf", AANF, "ca"), ("ausf", AUSF, "ca"), ("af", AF, "ca"),
                                   ("other", OTHER, "ca"), ("foreign", AANF, "rogue"),
                                   ("foreign-af", AF, "rogue"), ("foreign-ausf", AUSF, "rogue")):
                made.make(stem, name, ca=ca)
        return made.path

    def post(self, service, question, who):
        """(status, answer); 0: no answer."""
        path = self.certificates.path
        body = question if isinstance(question, str) else json.dumps(question)
        certificate = ["--cert", path(who), "--key", path(who, "key")] if who else []
        done = subprocess.run(
            [world.need("curl"), "-s", "--max-time", "10", "--cacert", path("ca"), *certificate,
             "--resolve", f"{AANF}:{self.port}:127.0.0.1", "-H", "Content-Type: application/json",
             "-w", "\n%{http_code} %{content_type}", "--data-binary", "@-",
             f"https://{AANF}:{self.port}/naanf-akma/v1/{service}"],
            input=body, capture_output=True, text=True, timeout=20)
        text, _, last = done.stdout.rpartition("\n")
        status, _, self.type = last.partition(" ")
        return int(status or 0), json.loads(text) if text.strip().startswith("{") else None

    def register(self, imsi, keys, who="ausf", **more):
        return self.post(REGISTER, {"supi": supi(imsi), "aKId": keys.a_kid,
                                    "kAkma": keys.k_akma.hex(), **more}, who)

    def get(self, name, fqdn=AF, ua=UA, who="af", **more):
        return self.post(RETRIEVE, {"afId": f"{fqdn}/{ua}", "aKId": name, **more}, who)

    def remove(self, imsi, who="ausf"):
        return self.post(REMOVE, {"supi": supi(imsi)}, who)

    def contexts(self):
        return self.daemon.ask(op="aanf-contexts")["contexts"]

    def counts(self):
        workers = self.daemon.ask(op="status")["workers"]
        return next(w["counts"] for w in workers if w["role"] == "aanf")
