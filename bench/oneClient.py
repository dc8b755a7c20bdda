"""What one client waits for, in milliseconds, as JSON.

oneClient.py request URL RUN COUNT plain|quickack    COUNT times log-batch of one metric on one connection, each
oneClient.py log_metric URL RUN COUNT                COUNT times mlflow.log_metric with MLflow's own client, all together

A server that sends an answer in two pieces waits for the acknowledgement of the first, which Linux delays by about 40 ms; with TCP_QUICKACK it does not.
"""
import json
import socket
import sys
import time
from urllib.parse import urlparse


def request(url, run, count, quickack):
    address = urlparse(url)
    connection = socket.create_connection((address.hostname, address.port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    times = []
    for step in range(count):
        metric = {"key": "loss", "value": step / 7, "timestamp": 1700000000000 + step, "step": step}
        body = json.dumps({"run_id": run, "metrics": [metric]}).encode()
        head = (
            f"POST /api/2.0/mlflow/runs/log-batch HTTP/1.1\r\nHost: {address.netloc}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        started = time.perf_counter()
        connection.sendall(head.encode() + body)
        answer = b""
        while not complete(answer):
            if quickack:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            piece = connection.recv(65536)
            if not piece:
                raise RuntimeError(f"the connection was closed: {answer[:200]}")
            answer += piece
        times.append((time.perf_counter() - started) * 1000)
        if b" 200 " not in answer.split(b"\r\n")[0]:
            raise RuntimeError(answer[:500])
    return times


def complete(answer):
    head, found, body = answer.partition(b"\r\n\r\n")
    if not found:
        return False
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    if b"content-length" in fields:
        return len(body) >= int(fields[b"content-length"])
    return body.endswith(b"0\r\n\r\n")


def log_metric(url, run, count):
    import mlflow

    mlflow.set_tracking_uri(url)
    mlflow.log_metric("loss", 0, step=0, run_id=run)
    started = time.perf_counter()
    for step in range(1, count + 1):
        mlflow.log_metric("loss", step / 7, step=step, run_id=run)
    return [(time.perf_counter() - started) * 1000]


def main():
    what, url, run, count = sys.argv[1:5]
    print(json.dumps(request(url, run, int(count), sys.argv[5] == "quickack") if what == "request" else log_metric(url, run, int(count))))


main()
