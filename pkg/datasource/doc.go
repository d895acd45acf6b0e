// Package datasource answers Grafana's calls on the data source: queries, Save
// & test, and resources. It reads settings and queries, asks package measure,
// and hands the results to package frames; it computes no figure.
//
// One instance is one Prometheus and one folder of documents. Changed settings
// make a new instance, and the old one stops watching its folder. The clock is
// read here, at the door, and nowhere behind it.
//
// An error of a query is of the downstream when Prometheus or a person can mend
// it (the server, the documents, the settings, the query); what is left is the
// plugin's own. Nothing that was not measured is ever a 0, nor missing from an
// alert.
package datasource
