package datasource

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"sync"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/sli"
)

// documents is the folder as it is now.
type documents struct {
	dir     string
	options catalog.Options
	// changed is told of each catalog and of why there is no new one, the same
	// reason in succession once.
	changed func(*catalog.Catalog, error)

	read chan struct{} // closed once the folder was looked at
	once sync.Once

	mu      sync.Mutex
	served  *catalog.Catalog
	hashes  map[string]string
	trouble error // why the folder could not be read when last tried
}

func newDocuments(dir string, options catalog.Options, changed func(*catalog.Catalog, error)) *documents {
	return &documents{dir: dir, options: options, changed: changed, read: make(chan struct{})}
}

// watch keeps the catalog until the context is done.
func (d *documents) watch(ctx context.Context) {
	d.take(catalog.Load(ctx, d.dir, d.options))
	watcher := catalog.Watcher{Failed: func(err error) { d.take(nil, err) }}
	_ = watcher.Watch(ctx, d.dir, d.options, func(c *catalog.Catalog) { d.take(c, nil) }) // ends with the context
}

func (d *documents) take(c *catalog.Catalog, err error) {
	d.mu.Lock()
	known := err != nil && d.trouble != nil && err.Error() == d.trouble.Error() // said before
	d.trouble = err
	if err == nil {
		d.served, d.hashes = c, hashesOf(c)
	}
	d.mu.Unlock()
	if !known {
		d.changed(c, err)
	}
	d.once.Do(func() { close(d.read) })
}

// now is the catalog in force; an error when there never was one.
func (d *documents) now(ctx context.Context) (*catalog.Catalog, error) {
	select {
	case <-d.read:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.served == nil {
		return nil, folderError{d.trouble}
	}
	return d.served, nil
}

// stale is why the catalog in force is not what the folder is now; nil when it
// is.
func (d *documents) stale() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.served == nil {
		return nil
	}
	return d.trouble
}

// definition is one hash of what the agreements say.
func (d *documents) definition(agreements []*agreement.Agreement) string {
	d.mu.Lock()
	hashes := d.hashes
	d.mu.Unlock()
	sum := sha256.New()
	for _, a := range agreements {
		sum.Write([]byte(hashes[hashKey(a)]))
	}
	return shortHash(sum.Sum(nil))
}

func hashesOf(c *catalog.Catalog) map[string]string {
	hashes := make(map[string]string, len(c.Agreements)+len(c.SLOs))
	note := func(a *agreement.Agreement) {
		text, err := json.Marshal(struct {
			*agreement.Agreement
			ZoneName, CalendarZone string
		}{a, a.Zone.String(), zoneOf(a.SupportHours)})
		if err == nil { // plain values: they can always be written
			sum := sha256.Sum256(text)
			hashes[hashKey(a)] = shortHash(sum[:])
		}
	}
	for _, a := range c.Agreements {
		note(a)
	}
	for _, slo := range c.SLOs {
		note(slo.Alone())
	}
	return hashes
}

// hashKey tells an SLO from an agreement of the same name.
func hashKey(a *agreement.Agreement) string { return a.Provider + "/" + a.Name }

func zoneOf(c *agreement.Calendar) string {
	if c == nil {
		return ""
	}
	return c.Zone.String()
}

func shortHash(sum []byte) string { return hex.EncodeToString(sum[:8]) }

// folderError is why there are no documents at all.
type folderError struct{ error }

func (f folderError) Unwrap() error { return f.error }

// checkSLI is the catalog's check of an SLI's queries.
func checkSLI(s agreement.SLI, o *agreement.Objective) (warnings []string, err error) {
	plan, err := sli.NewPlan(s, o.Select, o.GroupBy)
	return plan.Warnings, err
}
