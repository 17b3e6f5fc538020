"""Turns off what dependencies would report about their user; imported before any of them (see ``index/__init__.py``).

They read these variables when they are imported or started, so a variable set later comes too late. A person's own
value is overwritten where it would turn reporting on: this program calls nobody that it was not configured to call.
"""

from __future__ import annotations

import os
import sys

# ONNX Runtime 1.32 writes a device id and a database of events and looks up a collector; Gradio asks for its newest
# version and reports each page; Hugging Face libraries report what is loaded; Ray reports the cluster that it starts.
ALWAYS_OFF = {
    "ORT_DISABLE_TELEMETRY": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "DO_NOT_TRACK": "1",
}
# FastAPI and MCP can send traces to a collector of one's own; whoever runs one says so by OTEL_SDK_DISABLED=false.
OFF_UNLESS_ASKED_FOR = {"OTEL_SDK_DISABLED": "true"}


def silence() -> None:
    """Set the variables, and turn off what was imported before this package."""
    os.environ.update(ALWAYS_OFF)
    for name, value in OFF_UNLESS_ASKED_FOR.items():
        os.environ.setdefault(name, value)
    if "onnxruntime" in sys.modules:
        silence_onnxruntime()
    hub = sys.modules.get("huggingface_hub.constants")
    if hub is not None:
        hub.HF_HUB_DISABLE_TELEMETRY = True  # type: ignore[attr-defined]


def silence_onnxruntime() -> None:
    """Make ONNX Runtime's own call, for builds that do not read its variable (Windows' event tracing)."""
    import onnxruntime

    onnxruntime.disable_telemetry_events()


silence()
