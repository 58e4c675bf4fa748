"""Lets the tests of the model share `futures.py`: pytest's importlib mode puts no folder on the path by itself."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
