"""A raw file, its registry entry, and a local web server that can misbehave."""

import hashlib
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CONTENT = bytes(range(256)) * 2000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
WRONG = CONTENT[:-1] + b"!"
# Keyword arguments of `acquire` for tests without waiting.
FAST = {"attempts": 3, "timeout": 5.0, "backoff": 0.0}


def make_entry(**given):
    """Return the registry entry of a file with the content CONTENT, changed by `given`."""
    defaults = {
        "path": "sub/a.dat",
        "tree": None,
        "urls": [],
        "sum_of": "file",
        "sha256": SHA256,
        "md5": None,
        "git_blob": None,
        "bytes": len(CONTENT),
        "unverified": False,
        "licence": "not stated",
        "citation": "Somebody (2000)",
        "note": "",
    }
    assert set(given) <= set(defaults)
    return defaults | given


class Server:
    """A server on 127.0.0.1 that has CONTENT at `url` and lists its `requests` by their Range.

    body, ranges : what it sends at `url`, and whether it can resume.
    cut_after, status : after how many bytes each response is cut, and the error statuses that it sends first.
    raw : {path: the whole response, as bytes or an iterable of bytes}.
    """

    def __init__(self):
        self.body, self.ranges, self.cut_after, self.status = CONTENT, True, [], []
        self.requests, self.headers, self.raw = [], {}, {}
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                owner.requests.append(self.headers.get("Range"))
                owner.headers = dict(self.headers)
                if self.path in owner.raw:
                    owner._send_raw(self)
                elif owner.status and (status := owner.status.pop(0)):
                    self.send_error(status)
                else:
                    owner._send_body(self, self.headers.get("Range"))

            def log_message(self, *args):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.http.server_port
        self.root = f"http://127.0.0.1:{self.port}"
        self.url = f"{self.root}/a.dat"
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def close(self):
        self.http.shutdown()
        self.thread.join()
        self.http.socket.close()

    def add(self, path, response):
        """Serve `response` at `path`; return its address."""
        self.raw[path] = response
        return self.root + path

    def _send_raw(self, handler):
        response = self.raw[handler.path]
        try:
            for part in [response] if isinstance(response, bytes) else response:
                handler.wfile.write(part)
        except OSError:  # the client hung up
            pass

    def _send_body(self, handler, asked):
        start = int(re.fullmatch(r"bytes=(\d+)-", asked)[1]) if asked and self.ranges else None
        if start is not None and start >= len(self.body):
            handler.send_response(416)
            handler.send_header("Content-Range", f"bytes */{len(self.body)}")
            handler.end_headers()
            return
        if start is None:
            start = 0
            handler.send_response(200)
        else:
            handler.send_response(206)
            handler.send_header("Content-Range", f"bytes {start}-{len(self.body) - 1}/{len(self.body)}")
        handler.send_header("Content-Length", str(len(self.body) - start))
        handler.end_headers()
        handler.wfile.write(self.body[start:][: self.cut_after.pop(0) if self.cut_after else None])
