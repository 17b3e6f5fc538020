"""Endpoints for programs: tools, OpenAI's protocol, names and threads, saved searches, exports, metrics."""
