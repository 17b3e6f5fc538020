"""Turns off the telemetry of dependencies; imported before any of them (see ``index/__init__.py``).

Dependencies read these variables when they are imported or started, so setting them later has no effect. A value set by
the user is overwritten if it would enable telemetry: this program contacts nobody that it was not configured to
contact.
"""

from __future__ import annotations

import os
import sys

# ONNX Runtime 1.32 writes a device id and an event database and contacts a collector; Gradio checks for its newest
# version and reports each page; Hugging Face libraries report loaded models; Ray reports the cluster that it starts.
ALWAYS_OFF = {
    "ORT_DISABLE_TELEMETRY": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "DO_NOT_TRACK": "1",
}
# FastAPI and MCP can send traces to the user's own collector, which requires OTEL_SDK_DISABLED=false.
OFF_UNLESS_ASKED_FOR = {"OTEL_SDK_DISABLED": "true"}


def silence() -> None:
    """Set the variables, and turn off telemetry in modules that are already imported."""
    os.environ.update(ALWAYS_OFF)
    for name, value in OFF_UNLESS_ASKED_FOR.items():
        os.environ.setdefault(name, value)
    if "onnxruntime" in sys.modules:
        silence_onnxruntime()
    hub = sys.modules.get("huggingface_hub.constants")
    if hub is not None:
        hub.HF_HUB_DISABLE_TELEMETRY = True  # type: ignore[attr-defined]


def silence_onnxruntime() -> None:
    """Turn off ONNX Runtime's own telemetry, for builds that ignore its variable (Windows event tracing)."""
    import onnxruntime

    onnxruntime.disable_telemetry_events()


silence()
