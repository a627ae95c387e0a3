"""Gunicorn's settings: how many processes and threads answer, and for how long."""

import multiprocessing
import os

bind = os.environ.get("BIND", f"127.0.0.1:{os.environ.get('PORT', '8000')}")
workers = int(os.environ.get("WEB_WORKERS", str(max(2, multiprocessing.cpu_count()))))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "4"))
# An upload of a large remittance takes longer than a page; nothing takes this long.
timeout = 120
graceful_timeout = 20
keepalive = 5
# The most it takes: a long address is refused by `config.errors`, in our words.
limit_request_line = 8_190
# A slow leak in any library ends with its process.
max_requests = 20_000
max_requests_jitter = 2_000
# A worker's sign of life must not wait for a disk.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112, S108
# `config.access` writes the access lines: with request id and without query strings.
accesslog = None
errorlog = "-"
loglevel = os.environ.get("LOG_LEVEL", "INFO").lower()
control_socket_disable = True
