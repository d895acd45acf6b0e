// Package provisioning carries what Grafana is provisioned with and the example
// company's documents, so that the demo runs from the executable alone.
package provisioning

import "embed"

// SLAs is the folder slas: the documents of the example company.
//
//go:embed slas
var SLAs embed.FS

// Grafana is what belongs into Grafana's provisioning folder: data sources,
// the app, dashboards, alert rules with their contact points. The files read
// ACCORD_PROMETHEUS_URL and GF_PATHS_PROVISIONING from the environment.
//
//go:embed alerting dashboards datasources plugins
var Grafana embed.FS
