"""Say hello to whoever asks on port 8080."""

from http.server import BaseHTTPRequestHandler, HTTPServer


class Hello(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"Hello from an agent pool\n")


HTTPServer(("", 8080), Hello).serve_forever()
