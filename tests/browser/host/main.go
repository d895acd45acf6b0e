// Command host is what the browser tests run against where there is no Grafana: the
// real executable of the data source over an embedded Prometheus with the example
// company and a folder of documents that the tests may change; and on the loopback
// what Grafana answers a browser, with the host page of the tests in place of its own.
// Where a Grafana is installed, it starts that one over the same Prometheus and
// documents instead.
//
// It prints where the pages are, its folder of documents, the uid of its data
// source and where Prometheus is stopped and started as a line of JSON, and
// ends with its standard input.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"

	"github.com/accord-sla/accord/internal/program"
	"github.com/accord-sla/accord/pkg/grafana"
	"github.com/accord-sla/accord/provisioning"
)

func main() {
	page := flag.String("page", "", "`folder` of the host page's bundle")
	dist := flag.String("plugin", "dist", "`folder` of the built plugin")
	icons := flag.String("icons", "", "`folder` of Grafana's icons")
	home := flag.String("grafana", "", "home path of the Grafana to start, a `folder` with bin/grafana")
	flag.Parse()
	if err := run(*page, *dist, *icons, *home); err != nil {
		fmt.Fprintln(os.Stderr, "host:", err)
		os.Exit(1)
	}
}

func run(page, dist, icons, home string) error {
	prometheus, err := startPrometheus()
	if err != nil {
		return err
	}
	defer func() { _ = errors.Join(prometheus.stop(), os.RemoveAll(prometheus.dir)) }()
	if err := os.CopyFS(prometheus.dir, provisioning.SLAs); err != nil {
		return err
	}
	documents := filepath.Join(prometheus.dir, "slas")
	go prometheus.record()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer listener.Close()
	executable := filepath.Join(dist, "datasource", fmt.Sprintf("gpx_accord_%s_%s", runtime.GOOS, runtime.GOARCH))
	process := &process{prometheus: prometheus.url}
	process.begin = func() (program.Started, func() error, error) {
		started, kill, err := program.Run(executable, documents)
		return started, func() error { kill(); return nil }, err
	}
	handler := (&site{page: page, dist: dist, icons: icons, process: process, prometheus: prometheus}).handler()
	go func() { _ = http.Serve(listener, handler) }()
	url := "http://" + listener.Addr().String()
	started := map[string]string{"url": url, "documents": documents, "datasource": uid, "control": url}
	if home == "" {
		if err := process.start(); err != nil {
			return fmt.Errorf("start %s, which `go tool mage build` makes: %w", executable, err)
		}
		defer func() { _ = process.stop() }()
	} else {
		server, err := startGrafana(home, dist, prometheus.dir, prometheus.url)
		if err != nil {
			return err
		}
		defer server.Stop()
		started["url"] = server.URL
	}
	if err := json.NewEncoder(os.Stdout).Encode(started); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// startGrafana starts that Grafana as the demo does; all that it writes is in the
// folder dir, where the documents are.
func startGrafana(home, dist, dir, prometheus string) (*grafana.Server, error) {
	plugin, err := filepath.Abs(dist)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "grafana")
	if err := os.Mkdir(data, 0o755); err != nil {
		return nil, err
	}
	return grafana.Start(context.Background(), grafana.Options{
		Home: home, Plugin: plugin, Dir: data, Provisioning: provisioning.Grafana, Definitions: filepath.Join(dir, "slas"), Prometheus: prometheus,
		OnError: func(line string) { fmt.Fprintln(os.Stderr, "Grafana says:", line) },
	})
}
