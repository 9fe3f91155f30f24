"""Runs first in every process of the package: undoes what its starter did to the environment.

The starter points the system's loader at the package's libraries. The photo viewer or the file
manager that the window opens would inherit that, and break over libraries which are not its own.
"""

import os

for name in [name for name in os.environ if name.startswith("_PYI_")]:
    del os.environ[name]
for name in ("LD_LIBRARY_PATH", "LIBPATH"):
    original = os.environ.pop(f"{name}_ORIG", None)
    os.environ.pop(name, None)
    if original:
        os.environ[name] = original
