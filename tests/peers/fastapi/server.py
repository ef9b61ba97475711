"""A backend on FastAPI that echoes, as it is written at first."""
import socket

import uvicorn
from fastapi import FastAPI, Request

app = FastAPI()


@app.post("/{path:path}")
async def echo(path: str, request: Request):
    return await request.json()


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="critical")).run(sockets=[listener])
