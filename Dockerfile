# What docker-compose.yaml starts: a Grafana with the plugin and everything
# provisioned, and the Prometheus of the example company.

FROM node:22-slim AS frontend
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY plugin.json rspack.config.mjs README.md CHANGELOG.md LICENSE ./
COPY src src
RUN npm run build

FROM golang:1.26 AS backend
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY pkg pkg
COPY provisioning provisioning
ENV CGO_ENABLED=0
RUN go build -trimpath -tags=arrow_json_stdlib -ldflags="-s -w" -o bin/gpx_accord_linux_$(go env GOARCH) ./pkg/cmd/datasource \
 && go build -trimpath -ldflags="-s -w" -o accord ./pkg/cmd/accord

FROM alpine:3.22 AS prometheus
COPY --from=backend /src/accord /usr/local/bin/accord
USER nobody
HEALTHCHECK --interval=2s --start-period=2m CMD wget -qO- http://127.0.0.1:9090/-/ready
ENTRYPOINT ["accord", "demo", "--listen", "0.0.0.0:9090", "--cache", "/tmp/accord"]

FROM grafana/grafana:12.3.0 AS grafana
COPY provisioning/alerting /etc/grafana/provisioning/alerting
COPY provisioning/dashboards /etc/grafana/provisioning/dashboards
COPY provisioning/datasources /etc/grafana/provisioning/datasources
COPY provisioning/plugins /etc/grafana/provisioning/plugins
COPY provisioning/slas /etc/accord/slas
COPY --from=frontend /src/dist /var/lib/grafana/plugins/accord-sla-app
COPY --from=backend /src/bin /var/lib/grafana/plugins/accord-sla-app/datasource
ENV GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS=accord-sla-app,accord-sla-datasource \
    GF_PLUGINS_PREINSTALL_DISABLED=true \
    GF_PLUGIN_DEFINITIONS_ROOT=/etc/accord/slas \
    GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH=/etc/grafana/provisioning/dashboards/catalog.json
