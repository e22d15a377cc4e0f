"""LocalStack from its start, in a new interpreter or in one that has it loaded (`ahead`): a program of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))
import ending  # type: ignore[import-not-found]  # noqa: F401
from localstack import config  # type: ignore[import-not-found]
from localstack.runtime.main import main  # type: ignore[import-not-found]
from moto.moto_api._internal import mock_random

# As they are when it is imported with this environment: one that was loaded ahead had no ports yet.
config.LOCALSTACK_HOST, config.GATEWAY_LISTEN = config.populate_edge_configuration(os.environ)
mock_random.seed()  # else all that come of one would make up the same names
main()
