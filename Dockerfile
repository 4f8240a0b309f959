# Targets: production (the default: the API), worker, migrate (database chores), demo (docker-compose.yml).
#
#   docker build -t project-1041 .
#   docker build -t project-1041-worker --target worker .
#   docker build -t project-1041-migrate --target migrate .

FROM node:24-bookworm-slim AS base
WORKDIR /app
# For STORAGE_DIRECTORY: a volume that is mounted here for the first time is given to the same owner.
RUN install -d -o node -g node -m 700 /var/lib/project-1041/files

# Everything of the lockfile. No install script is needed: that of `node` would fetch the Node which
# this image already has, and that of this project generates code from files that are not here yet.
FROM base AS dependencies
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund && rm -rf ~/.npm

FROM dependencies AS sources
COPY prisma.config.ts tsconfig.json tsconfig.build.json nest-cli.json .swcrc ./
COPY prisma prisma
RUN npm run prisma:generate
COPY src src

# Chores by name: docker run --env-file … project-1041-migrate provision migrate
# One that is given words, and a password: docker run -it --env-file … project-1041-migrate tenant SLUG "NAME" E-MAIL
FROM sources AS migrate
COPY docker/migrate.sh docker/
COPY scripts scripts
USER node
ENTRYPOINT ["sh", "docker/migrate.sh"]
CMD ["migrate"]

# Serves a vulnerable application beside the real one: refuses to run in production.
FROM sources AS demo
COPY demo demo
USER node
EXPOSE 3000
CMD ["node", "--disable-warning=ExperimentalWarning", "--import", "@swc-node/register/esm-register", "demo/main.ts"]

FROM sources AS build
RUN npm run build

# @prisma/client names the Prisma CLI and TypeScript as optional peers. Without --legacy-peer-deps npm
# keeps both, and the 250 MB they depend on, because the lockfile has them as dev dependencies.
FROM base AS production-dependencies
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --legacy-peer-deps --ignore-scripts --no-audit --no-fund

FROM base AS application
ENV NODE_ENV=production
COPY package.json ./
COPY --from=production-dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
USER node

# Does the jobs. It has no HTTP server that could be asked whether it is well: it ends when it cannot start.
FROM application AS worker
CMD ["node", "dist/worker.js"]

FROM application AS production
# In a container the loopback interface, which is the default, reaches nobody.
ENV HOST=0.0.0.0 PORT=3000
EXPOSE 3000
# Liveness only: a container is not to be replaced because its database is away. The image has no curl.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/main.js"]
