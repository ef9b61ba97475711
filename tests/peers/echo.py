"""A backend on Python's own HTTP server: echoes, takes refusals seriously, and refuses one stream."""
import http.server
import json


class Hooks(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        data = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith("/connect"):
            data["restClientConfig"] = {"publishStream": {"restOnError": "FAIL", "restPolicy": "OVERWRITE", "restOverwrite": "name"}}
        refused = data.get("name") == "forbidden"
        body = b"" if refused else json.dumps(data).encode()
        self.send_response(403 if refused else 200, "No such stream" if refused else "OK")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hooks)
print(server.server_port, flush=True)
server.serve_forever()
