"""Types of values that come from, or go to, a file or another program."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

JsonObject: TypeAlias = dict[str, Any]  # an object of JSON, as json.loads gives it and json.dumps takes it
Float32: TypeAlias = NDArray[np.float32]
