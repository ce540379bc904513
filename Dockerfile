# kloom as images: `docker build .` makes the KRM function, `docker build --target cmp .` the sidecar of Argo CD.
#
# Of the base nothing is used but glibc, 2.36 or newer. To pin it, name it with its digest:
#   --build-arg BASE=docker.io/library/debian:12-slim@sha256:...
# With `--build-context programs=FOLDER` the programs are taken from a folder, and nothing is compiled or downloaded:
# so does `make image`, with those that it made and tested. docs/containers.md tells how to run all of it.
ARG BASE=docker.io/library/debian:12-slim
ARG BUILDER=docker.io/library/debian:12

FROM ${BUILDER} AS builder
RUN apt-get update && apt-get install --yes --no-install-recommends \
    ca-certificates gcc git libc6-dev make python3-dev python3-pip python3-venv
WORKDIR /kloom
COPY . .
RUN make executable && .venv/bin/python hack/tools.py ensure kustomize helm

FROM scratch AS programs
COPY --from=builder /kloom/dist/kloom /kloom/.tools/bin/kustomize /kloom/.tools/bin/helm /

FROM ${BASE} AS function
ARG BASE
ARG VERSION=unreleased
ARG REVISION=unknown
ARG SOURCE=https://kloom.dev
LABEL org.opencontainers.image.title="kloom" \
    org.opencontainers.image.description="KRM functions: a few lines per service become Argo CD Applications" \
    org.opencontainers.image.url="https://kloom.dev" \
    org.opencontainers.image.source="${SOURCE}" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.base.name="${BASE}" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}"
COPY --from=programs /kloom /usr/local/bin/kloom
# where mounted files are, by the paths that a config gives them
WORKDIR /kustomization
# nobody, as kustomize runs it anyway; by number, for runAsNonRoot to be checked
USER 65534:65534
ENTRYPOINT ["/usr/local/bin/kloom"]

FROM function AS cmp
LABEL org.opencontainers.image.title="kloom-cmp" \
    org.opencontainers.image.description="Config management plugin of Argo CD: kustomize and helm with kloom installed"
COPY --from=programs /kustomize /helm /usr/local/bin/
USER 0:0
RUN ["/usr/local/bin/kloom", "plugin", "install", "--home", "/usr/local/share/kustomize/plugin"]
USER 65534:65534
# any user may run it, on a root file system that cannot be written; kustomize and helm keep their files in /tmp
ENV KUSTOMIZE_PLUGIN_HOME=/usr/local/share/kustomize/plugin HOME=/tmp
# the command is Argo CD's argocd-cmp-server, from a volume
ENTRYPOINT []

# what `docker build .` makes
FROM function
