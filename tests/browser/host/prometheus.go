package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/demo"
	"github.com/accord-sla/accord/pkg/demo/promserver"
)

type prometheus struct {
	part[*promserver.Server]
	url, dir string
	recorded time.Time // the last sample of the example company
}

func startPrometheus() (*prometheus, error) {
	now := time.Now()
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	// Where the command line keeps the history too.
	dir, err := demo.Prepare(context.Background(), filepath.Join(cache, "accord", "demo"), now, demo.Days, nil)
	if err == nil {
		err = writeOdd(dir, now)
	}
	if err != nil {
		return nil, err
	}
	p := &prometheus{dir: dir, url: "http://127.0.0.1:0", recorded: now.Truncate(demo.Scrape)}
	p.begin = func() (*promserver.Server, func() error, error) {
		server, err := promserver.Start(promserver.Options{Dir: dir, Listen: strings.TrimPrefix(p.url, "http://")})
		if err != nil {
			return nil, nil, err
		}
		p.url = server.URL()
		return server, server.Close, nil
	}
	return p, p.start()
}

// record goes on with the history, each minute while the server is there.
func (p *prometheus) record() {
	for range time.Tick(demo.Scrape / 4) {
		if err := p.catchUp(time.Now()); err != nil {
			fmt.Fprintln(os.Stderr, "host: record the example company:", err)
		}
	}
}

// catchUp records what is missing up to now; while the server was gone, too.
func (p *prometheus) catchUp(now time.Time) error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for p.end != nil && !p.recorded.Add(demo.Scrape).After(now) {
		next := p.recorded.Add(demo.Scrape)
		ctx := context.Background()
		if err := demo.Record(ctx, p.running.DB.Appender(ctx), next); err != nil {
			return err
		}
		p.recorded = next
	}
	return nil
}
