// Package prometheus speaks the HTTP API of Prometheus and its kin (Mimir,
// Thanos, Cortex, VictoriaMetrics): which engine answers, instant and range
// queries, answers decoded as they arrive, limits, and errors a person can act
// on.
//
// It never learns what a query means, never keeps an answer, never logs, and
// never turns something it could not read into a number: an answer is whole or
// an error. Credentials belong to the transport of the http.Client it is
// given; no address is shown with user, password or parameters.
//
// Its rules come from the HTTP API of Prometheus
// (https://prometheus.io/docs/prometheus/latest/querying/api/) and from the
// design page on counting: an engine is probed, never guessed by its version.
package prometheus
