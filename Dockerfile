# One image for web, worker, beat and commands. `compose.yaml` shows how they go together.
FROM python:3.11-slim AS build
WORKDIR /build
# Everything of requirements.txt that the product needs; tests and tools stay out.
COPY requirements.txt config/requirements/base.in ./
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --constraint requirements.txt --requirement base.in

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    STATIC_ROOT=/srv/static \
    UPLOAD_DIR=/srv/uploads \
    BIND=0.0.0.0:8000
RUN useradd --system --uid 10001 --home-dir /srv --shell /usr/sbin/nologin codetrail \
    && install --directory --owner codetrail --mode 0700 /srv/uploads /srv/beat /srv/keys
COPY --from=build /venv /venv
WORKDIR /app
COPY manage.py LICENSE ./
COPY config config
COPY worklists worklists
COPY denials denials
COPY audits audits
COPY training training
COPY seeds seeds
COPY templates templates
# No server is asked here: the addresses only keep the embedded ones from starting.
RUN SECRET_KEY=build-only DATABASE_URL=postgresql://build/build REDIS_URL=redis://build \
    python manage.py collectstatic --noinput
USER codetrail
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["python", "-c", \
    "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/live', timeout=4)"]
CMD ["gunicorn", "-c", "config/gunicorn_settings.py", "config.wsgi:application"]
