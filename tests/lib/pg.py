"""A PostgreSQL of one's own: in a temporary directory, on a Unix socket, never as root.

    with Postgres() as pg:
        open_store(pg.url)
        pg.stop(); pg.start()      # to see what its absence does
"""
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path


def programs():
    """Where initdb and postgres are: Debian keeps them beside PATH, by version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"),
                   key=lambda path: int(path.parts[4]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    raise FileNotFoundError("PostgreSQL is not installed: apt-get install postgresql")


class Postgres:
    """PostgreSQL refuses to run as root, so then it runs as postgres or nobody."""

    def __init__(self, database="latchkey"):
        self.bin = programs()
        self.database = database
        self.folder = Path(tempfile.mkdtemp(prefix="lk-pg-", dir="/tmp"))
        self.data = self.folder / "data"
        self.user = None
        if os.geteuid() == 0:
            names = {entry.pw_name for entry in pwd.getpwall()}
            self.user = "postgres" if "postgres" in names else "nobody"
            shutil.chown(self.folder, self.user)
        self.folder.chmod(0o755)
        self.port = 5432    # names the socket file only: TCP is off
        self.url = f"postgresql://latchkey@/{database}?host={self.folder}&port={self.port}"

    def _run(self, program, *arguments, check=True):
        command = [str(self.bin / program), *map(str, arguments)]
        if self.user:
            command = ["runuser", "-u", self.user, "--", *command]
        done = subprocess.run(command, cwd=self.folder, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120,
                              env={**os.environ, "LC_ALL": "C.UTF-8"})
        if check and done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stdout.decode(errors='replace')}")
        return done.stdout.decode(errors="replace")

    def __enter__(self):
        try:
            self._run("initdb", "-D", self.data, "-U", "latchkey", "-A", "trust", "-N",
                      "-E", "UTF8", "--locale=C")
            self.start()
            self._run("createdb", "-h", self.folder, "-U", "latchkey", self.database)
        except BaseException:
            self.__exit__()
            raise
        return self

    def start(self):
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder} " \
                  f"-p {self.port} -c max_connections=40 -c shared_buffers=32MB"
        self._run("pg_ctl", "-D", self.data, "-w", "-t", "60", "-l", self.folder / "log",
                  "-o", options, "start")

    def stop(self, mode="immediate"):
        self._run("pg_ctl", "-D", self.data, "-w", "-m", mode, "stop", check=False)

    def psql(self, text):
        """What one statement answers, unaligned, without headers."""
        return self._run("psql", "-h", self.folder, "-U", "latchkey", "-Atc", text, self.database)

    def __exit__(self, *_):
        if self.data.exists():
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
