"""Role af: a server of applications, its users, and applications of another hand."""
import os
import secrets
import socket
from pathlib import Path

import e2e
import noise
import world

FQDN, UA = "app.example", bytes.fromhex("ff00e2e001")


def private(path, text):
    """A file that is a secret."""
    path.write_text(text)
    path.chmod(0o600)
    return path


class User:
    def __init__(self, identity, p=True, key=True, n=None):
        self.identity = identity
        self.p = secrets.token_bytes(32) if p else None
        self.secret = secrets.token_bytes(32) if key else None
        self.n = n

    def line(self):
        return " ".join([self.identity, *([f"p={self.p.hex()}"] if self.p else []),
                         *([f"key={noise.public(self.secret).hex()}"] if self.secret else []),
                         *([f"n={self.n}"] if self.n else [])])


class Server(world.Latchkeyd):
    """apps: {name: (what is required, users)}; keys: lines of operator keys."""

    def __init__(self, apps, keys=(), **settings):
        super().__init__(roles="[af]", laboratory="true", **settings)
        self.apps, self.keys = apps, keys

    def start(self, where):
        self.e2e_port = world.free_port(socket.SOCK_STREAM)
        rows = []
        for name, (require, users) in self.apps.items():
            self.write(where, name, users)
            rows.append(f"{{app: {name}, users: {where / name}.users"
                        + (f", require: [{', '.join(require)}]" if require else "") + "}")
        self.settings.update({"af.port": self.e2e_port, "af.apps": f"[{', '.join(rows)}]"})
        if self.keys:
            self.settings["af.operator_keys"] = private(where / "operator.keys",
                                                        "\n".join(self.keys) + "\n")
        super().start(where)
        self.key = bytes.fromhex(self.ask(op="af-apps")["key"])

    @staticmethod
    def write(where, name, users):
        private(Path(where) / f"{name}.users",
                "".join(user.line() + "\n" for user in users) or "# nobody\n")

    def counts(self):
        workers = self.ask(op="status")["workers"]
        return next(w["counts"] for w in workers if w["role"] == "af")

    def words(self):
        return [f"--set={key}={value}" for key, value in self.sets.items()]

    def app(self, where, app, user, *more, p=True, key=True, check=True):
        """latchkey ue e2e as that user."""
        words = ["ue", "e2e", "--server", f"127.0.0.1:{self.e2e_port}", "--app", app,
                 "--server-key", self.key.hex(), "--identity", user.identity, *more]
        if p and user.p:
            words += ["--app-key", "@" + str(private(Path(where) / "p", user.p.hex()))]
        if key and user.secret:
            words += ["--client-key", "@" + str(private(Path(where) / "c", user.secret.hex()))]
        return self.command(*words, check=check)


def shake(port, server_key, app, flags, psk, who, client_secret=None):
    """An application in Python, up to its FINISH: wire and handshake; or wire and what came where
    it was refused."""
    wire = e2e.Wire(socket.create_connection(("127.0.0.1", port), timeout=10))
    keys = {"e": os.urandom(32), **({"c": client_secret} if flags & e2e.CLIENT_KEY else {})}
    handshake = noise.Noise("IKpsk2" if flags & e2e.CLIENT_KEY else "NKpsk2",
                            e2e.prologue(flags, FQDN, app), psk, {"s": server_key}, **keys)
    wire.send(e2e.HELLO, bytes([1, flags]) + e2e.scope(FQDN, app) + handshake.say(who))
    kind, body = wire.frame()
    if kind != e2e.REPLY:
        return wire, (kind, body)
    try:
        handshake.hear(body)
    except ValueError:
        wire.send(e2e.ALERT, bytes([7]))
        return wire, None
    wire.open(*handshake.split())
    wire.say(e2e.FINISH)
    return wire, handshake
