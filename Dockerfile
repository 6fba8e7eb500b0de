# The workbook in a container, for people with Docker and no virtual machine.
#
#   docker build -t docker-internals .
#   docker run --rm --privileged -p 127.0.0.1:8080:8080 -v docker-internals:/var/lib/docker-internals docker-internals
#
# `npm run container` builds the same without pulling anything: its base is made of Debian's packages on this machine.
ARG BASE=debian:trixie-slim
FROM ${BASE}
RUN packages='ca-certificates crun e2fsprogs iproute2 kmod mmdebstrap mount nodejs npm procps runc tini util-linux' \
 && if ! dpkg-query -W $packages >/dev/null 2>&1; then \
      apt-get update && apt-get install -y --no-install-recommends $packages && rm -rf /var/lib/apt/lists/*; \
    fi
WORKDIR /opt/docker-internals
COPY . .
RUN node setup/enter.mjs build
ENV PATH=/opt/docker-internals/node_modules/node/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# Sandboxes are made on a file system of their own; the image they share is built at the first start where the base has none.
VOLUME /var/lib/docker-internals /var/cache/docker-internals
EXPOSE 8080
ENTRYPOINT ["setup/container/entry.sh"]
