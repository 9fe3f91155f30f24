"""A command line that knows three models: does what the files in its directory tell it.

Run as `python models_cli.py DIRECTORY ARGUMENTS`: appends the arguments to `calls`, prints what
`<command>.json` holds, and waits before its answer where that says so, until `go` is there.
"""

from __future__ import annotations

import contextlib
import json
import signal
import sys
import time
from pathlib import Path


def main() -> int:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    directory, arguments = Path(sys.argv[1]), sys.argv[2:]
    command = arguments[arguments.index("models") + 1]
    with (directory / "calls").open("a", encoding="utf-8") as calls:
        calls.write(json.dumps(arguments) + "\n")
    plan = json.loads((directory / f"{command}.json").read_text(encoding="utf-8"))
    for line in plan.get("lines", []):
        print(line, file=sys.stderr, flush=True)
    if plan.get("waits"):
        try:
            while not (directory / "go").exists():
                time.sleep(0.01)
        except KeyboardInterrupt:
            return 130
    if "answer" in plan:
        print(json.dumps(plan["answer"]), flush=True)
    with contextlib.suppress(KeyError):
        print(plan["error"], file=sys.stderr, flush=True)
    return int(plan.get("code", 0))


if __name__ == "__main__":
    sys.exit(main())
