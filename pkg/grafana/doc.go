// Package grafana runs a Grafana that is installed on this machine with Accord
// in it: on the loopback, provisioned, with all its data in a folder of the
// caller's. It writes nothing into the installation, and sends nothing beyond
// the loopback.
//
// How Grafana is configured and started follows its documentation
// (https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/).
package grafana
