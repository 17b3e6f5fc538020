"""Types for values that are exchanged with files or other programs."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

JsonObject: TypeAlias = dict[str, Any]  # a JSON object, as for json.loads and json.dumps
Float32: TypeAlias = NDArray[np.float32]
