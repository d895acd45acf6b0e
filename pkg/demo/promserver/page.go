package promserver

import (
	"fmt"
	"net/http"
)

// page is for a person who opens the address in a browser: what this is, and a
// way to ask it something.
const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Prometheus, embedded in Accord</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:44em;margin:3em auto;padding:0 1em}input[name=query]{width:70%%;font:inherit}</style>
<h1>Prometheus %s, embedded in Accord</h1>
<p>A real Prometheus: its storage, its PromQL engine and its HTTP API, without scraping and rules.
Use this address as the URL of a Prometheus data source.</p>
<form action="/api/v1/query"><input name="query" value="count by (__name__) ({__name__!=&quot;&quot;})" aria-label="PromQL"> <button>Ask</button></form>
<ul>
<li><a href="/api/v1/label/__name__/values">metric names</a></li>
<li><a href="/api/v1/status/buildinfo">build information</a></li>
<li><a href="/api/v1/status/tsdb/blocks">blocks on disk</a></li>
</ul>
`

func servePage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, page, Version)
}
