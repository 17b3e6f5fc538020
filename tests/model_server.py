"""A tiny OpenAI-compatible server on this machine, which does what each of its scripted turns says."""

import http.server
import json
import threading
import time
from contextlib import contextmanager, suppress


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.requests.append(body)
            turn = self.server.turns.pop(0) if self.server.turns else None
        with suppress(BrokenPipeError, ConnectionResetError):
            (turn or self.server.usual)(self, body)

    def reply(self, content, status=200, kind="application/json", headers=()):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        pass


def status(code, **headers):
    """A turn that fails."""
    return lambda handler, body: handler.reply(b'{"error": {"message": "no"}}', code, headers=headers.items())


def says(content, kind="application/json"):
    """A turn that says these bytes."""
    return lambda handler, body: handler.reply(content, kind=kind)


def slow(seconds, then):
    """A turn that waits before."""
    return lambda handler, body: (time.sleep(seconds), then(handler, body))


def hangs_up(handler, body):
    """A turn that closes the connection without a word."""
    handler.close_connection = True
    handler.connection.shutdown(2)


def vectors(handler, body):
    """A turn that embeds: the numbers of characters, and 1."""
    data = [{"object": "embedding", "index": i, "embedding": [len(t), 1.0]} for i, t in enumerate(body["input"])]
    said = {"object": "list", "model": "m", "data": data[::-1], "usage": {"prompt_tokens": 0, "total_tokens": 0}}
    handler.reply(json.dumps(said).encode())


def event(text, reason=None):
    """A piece of a streamed reply."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": reason}
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice]}
    return f"data: {json.dumps(chunk)}\n\n".encode()


def streams(*events, ended=b"data: [DONE]\n\n"):
    """A turn that streams these events."""
    return says(b"".join(events) + ended, "text/event-stream")


def cut_off(handler, body):
    """A turn that promises more than it says, and closes the connection."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.wfile.write(event("半"))
    handler.wfile.flush()
    handler.close_connection = True


@contextmanager
def model_server(usual, *turns):
    """Runs the server: first the turns, one a request, then what is usual."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.usual, server.turns = usual, list(turns)
    server.requests, server.lock = [], threading.Lock()
    server.url = f"http://127.0.0.1:{server.server_port}/v1"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
