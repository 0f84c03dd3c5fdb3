"""Connection.retry: a transaction that is run again when others were in its way."""

import functools
import inspect
import random
import time
from collections.abc import Callable
from typing import Any

from ._tupelo import Connection, Error

_FIRST_PAUSE = 0.001  # seconds, and twice as much each time
_LONGEST_PAUSE = 0.1


def retry(
    connection: Connection,
    function: Callable[..., Any] | None = None,
    /,
    *arguments: Any,
    attempts: int = 20,
    **keywords: Any,
) -> Any:
    """Run `function` as a transaction of `connection`, or make a decorator that does."""
    if not isinstance(attempts, int) or isinstance(attempts, bool):
        raise TypeError(f"attempts must be an int, not {type(attempts).__name__}")
    if attempts < 1:
        raise ValueError("attempts must be at least 1")
    if function is None:
        if arguments or keywords:
            raise TypeError("retry needs a function for the arguments")
        return lambda decorated: _wrap(connection, decorated, attempts)
    if not callable(function):
        raise TypeError(f"retry needs a callable, not {type(function).__name__}")
    if not arguments and not keywords and _needs_arguments(function):
        return _wrap(connection, function, attempts)
    return _run(connection, functools.partial(function, *arguments, **keywords), attempts)


def _needs_arguments(function: Callable[..., Any]) -> bool:
    try:
        inspect.signature(function).bind()
    except TypeError:
        return True
    except ValueError:  # it does not tell
        return False
    return False


def _wrap(
    connection: Connection, function: Callable[..., Any], attempts: int
) -> Callable[..., Any]:
    @functools.wraps(function)
    def run(*arguments: Any, **keywords: Any) -> Any:
        return _run(connection, functools.partial(function, *arguments, **keywords), attempts)

    return run


def _run(connection: Connection, function: Callable[[], Any], attempts: int) -> Any:
    connection._begin_retry()
    for attempt in range(attempts):
        try:
            if connection.autocommit:
                connection.execute("START TRANSACTION")
            result = function()
            connection.commit()
        except BaseException as error:
            if connection.closed:
                raise
            connection.rollback()
            state = (error.sqlstate or "") if isinstance(error, Error) else ""
            # 40000: the connection's own commit hook has refused.
            is_conflict = state.startswith("40") and state != "40000"
            if not is_conflict or attempt == attempts - 1:
                raise
        else:
            return result
        # Random, so that those who met do not meet again.
        time.sleep(random.uniform(0, min(_FIRST_PAUSE * 2**attempt, _LONGEST_PAUSE)))
    raise AssertionError("unreachable")
