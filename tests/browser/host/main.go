// Command host is what the browser tests run against where there is no Grafana: the
// real executable of the data source over an embedded Prometheus with the example
// company and a folder of documents that the tests may change; and on the loopback
// what Grafana answers a browser, with the host page of the tests in place of its own.
//
// It prints its address, its folder of documents and the uid of its data source
// as a line of JSON, and ends with its standard input.
package main

import (
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
	"github.com/accord-sla/accord/provisioning"
)

func main() {
	page := flag.String("page", "", "`folder` of the host page's bundle")
	dist := flag.String("plugin", "dist", "`folder` of the built plugin")
	icons := flag.String("icons", "", "`folder` of Grafana's icons")
	flag.Parse()
	if err := run(*page, *dist, *icons); err != nil {
		fmt.Fprintln(os.Stderr, "host:", err)
		os.Exit(1)
	}
}

func run(page, dist, icons string) error {
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
	executable := filepath.Join(dist, "datasource", fmt.Sprintf("gpx_accord_%s_%s", runtime.GOOS, runtime.GOARCH))
	process := &process{prometheus: prometheus.url}
	process.begin = func() (program.Started, func() error, error) {
		started, kill, err := program.Run(executable, documents)
		return started, func() error { kill(); return nil }, err
	}
	if err := process.start(); err != nil {
		return fmt.Errorf("start %s, which `go tool mage build` makes: %w", executable, err)
	}
	defer func() { _ = process.stop() }()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer listener.Close()
	handler := (&site{page: page, dist: dist, icons: icons, process: process, prometheus: prometheus}).handler()
	go func() { _ = http.Serve(listener, handler) }()
	started := map[string]string{"url": "http://" + listener.Addr().String(), "documents": documents, "datasource": uid}
	if err := json.NewEncoder(os.Stdout).Encode(started); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}
