"""tests/confirm/server.py: a PostgreSQL server of our own in a temporary directory."""

import glob
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path


def binaries() -> Path:
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres"))
    if not found:
        raise SystemExit("confirm: PostgreSQL is missing: apt-get install postgresql-15")
    return Path(found[-1]).parent


class Server:
    """Reached by its Unix socket alone; gone with the `with` block."""

    def __enter__(self) -> "Server":
        # Of its programs: what is put before our own (a sanitizer's runtime) makes them hang.
        self.environment = {k: v for k, v in os.environ.items() if k != "LD_PRELOAD"}
        self.bin = binaries()
        self.directory = tempfile.mkdtemp(prefix="tupelo-confirm-")
        # initdb refuses to run as root.
        self.user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        if os.getuid() == 0:
            shutil.chown(self.directory, "postgres")
        self.run("initdb", "-D", f"{self.directory}/data", "-E", "UTF8", "--locale=C.UTF-8",
                 "-A", "trust", "-U", "postgres", "--no-sync")
        self.run("pg_ctl", "-D", f"{self.directory}/data", "-w", "-l", f"{self.directory}/log",
                 "-o", f"-k {self.directory} -c listen_addresses= -c fsync=off", "start")
        return self

    def __exit__(self, *_: object) -> None:
        self.run("pg_ctl", "-D", f"{self.directory}/data", "-w", "-m", "immediate", "stop")
        shutil.rmtree(self.directory, ignore_errors=True)

    def run(self, program: str, *arguments: str) -> None:
        command = [str(self.bin / program), *arguments]
        if os.getuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              cwd=self.directory, env=self.environment)
        if done.returncode != 0:
            raise SystemExit(f"confirm: {' '.join(command)}\n{done.stdout}")
