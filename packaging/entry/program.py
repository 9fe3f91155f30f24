"""What the packaged programs run: under the name `photosearch-gui` it is the window."""

import multiprocessing
import sys
from pathlib import Path

if __name__ == "__main__":
    multiprocessing.freeze_support()
    if Path(sys.argv[0]).stem == "photosearch-gui":
        from photosearch.gui.main import main
    else:
        from photosearch.__main__ import main
    sys.exit(main())
