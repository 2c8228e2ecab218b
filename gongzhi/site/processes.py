"""Child processes that never outlive the process which started them."""

import ctypes
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def dies_with_parent(signal_number: int) -> Callable[[], None]:
    """For `preexec_fn`: the kernel sends the child this signal when its parent ends, even by SIGKILL."""
    parent = os.getpid()

    def ask_kernel() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, signal_number)
        if os.getppid() != parent:  # it ended before the request was in place
            os.kill(os.getpid(), signal_number)

    return ask_kernel


def start_child(
    command: Sequence[str | Path],
    *,
    environ: Mapping[str, str] | None = None,
    end_signal: int = signal.SIGTERM,
    user: int | None = None,
    group: int | None = None,
    cwd: Path | None = None,
    output: IO[bytes] | None = None,
) -> subprocess.Popen[bytes]:
    """A child in a process group of its own: Ctrl-C at the terminal reaches it only through us."""
    return subprocess.Popen(  # noqa: S603
        [str(part) for part in command],
        env=environ,
        user=user,
        group=group,
        extra_groups=[] if user is not None else None,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        process_group=0,
        preexec_fn=dies_with_parent(end_signal),  # noqa: PLW1509
    )


def end_group(process: subprocess.Popen[bytes], *, end_signal: int = signal.SIGTERM, patience: float = 15.0) -> None:
    """Asks the child to end; whatever of its group is left after `patience` seconds is killed."""
    if process.poll() is None:
        process.send_signal(end_signal)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            pass
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    process.wait()
