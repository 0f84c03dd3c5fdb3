"""tupelo/command/database_file.py: opening the file that a subcommand was given."""

from __future__ import annotations

import errno
import os

import tupelo

# The files beside app.db that belong to it.
LOGS = ("-wal", "-wal2")


def check_exists(path: str) -> None:
    """OSError unless there is a file: connecting would make one."""
    if not os.path.exists(path):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
    if os.path.isdir(path):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)


def open_existing(path: str) -> tupelo.Connection:
    """A connection that reads the database in a file that is there, whoever writes it."""
    check_exists(path)
    return tupelo.connect(path, read_only=True)


def has_objects(connection: tupelo.Connection) -> bool:
    """Whether anything is defined in it."""
    before, _, after = connection._describe_dump("")
    return bool(before or after)


class Output:
    """A database that is to be filled. If that fails, a file that was not there is removed."""

    def __init__(self, path: str, force: bool) -> None:
        self.path = path
        self.is_new = not os.path.exists(path)
        if os.path.isdir(path):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        self.connection = tupelo.connect(path)
        self._done = False
        if not force and has_objects(self.connection):
            self.connection.rollback()
            self.connection.close()
            raise FileExistsError(
                errno.EEXIST, "the database is not empty; --force adds to what is there", path
            )

    def __enter__(self) -> Output:
        return self

    def commit(self) -> None:
        """Makes it lasting."""
        self.connection.commit()
        self._done = True

    def __exit__(self, *_: object) -> None:
        if not self._done:
            self.connection.rollback()
        self.connection.close()
        if self.is_new and not self._done:
            for suffix in ("", *LOGS):
                if os.path.exists(self.path + suffix):
                    os.remove(self.path + suffix)
