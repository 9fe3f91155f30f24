"""What every child process of ours does, whatever it is for."""

from __future__ import annotations

import multiprocessing
import os
import threading


def end_with_parent() -> None:
    """Ends this process once its parent is gone, were it killed with -9 amid the work.

    For children that `multiprocessing` started. Not `PR_SET_PDEATHSIG`: that follows the *thread*
    which started the child.
    """
    threading.Thread(target=_wait_for_parent, name="parent-watch", daemon=True).start()


def _wait_for_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
