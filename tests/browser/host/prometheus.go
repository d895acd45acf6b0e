package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/accord-sla/accord/pkg/demo"
	"github.com/accord-sla/accord/pkg/demo/promserver"
)

// prometheus is the embedded server, which can go and come back at its address.
type prometheus struct {
	url, dir string
	mutex    sync.Mutex
	server   *promserver.Server // nil while it is gone
	recorded time.Time          // the last sample of the example company
}

func startPrometheus() (*prometheus, error) {
	now := time.Now()
	dir, err := history(now)
	if err == nil {
		err = writeOdd(dir, now)
	}
	if err != nil {
		return nil, err
	}
	p := &prometheus{dir: dir, url: "http://127.0.0.1:0", recorded: now.Truncate(demo.Scrape)}
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
	for p.server != nil && !p.recorded.Add(demo.Scrape).After(now) {
		next := p.recorded.Add(demo.Scrape)
		ctx := context.Background()
		if err := demo.Record(ctx, p.server.DB.Appender(ctx), next); err != nil {
			return err
		}
		p.recorded = next
	}
	return nil
}

func (p *prometheus) start() error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.server != nil {
		return nil
	}
	server, err := promserver.Start(promserver.Options{Dir: p.dir, Listen: strings.TrimPrefix(p.url, "http://")})
	if err != nil {
		return err
	}
	p.server, p.url = server, server.URL()
	return nil
}

func (p *prometheus) stop() error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.server == nil {
		return nil
	}
	err := p.server.Close()
	p.server = nil
	return err
}

func (p *prometheus) end() {
	_ = p.stop()
	_ = os.RemoveAll(p.dir)
}
