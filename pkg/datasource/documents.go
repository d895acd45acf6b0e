package datasource

import (
	"crypto/sha256"
	"encoding/hex"
	"sync"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
)

// documents is the folder's catalog as it is now, with a hash of what each
// agreement says.
type documents struct {
	*catalog.Live
	dir string

	mu     sync.Mutex
	hashes map[string]string
}

func newDocuments(dir string, options catalog.Options, changed func(*catalog.Catalog, error)) *documents {
	d := &documents{dir: dir}
	d.Live = catalog.NewLive(dir, options, func(c *catalog.Catalog, err error) {
		if err == nil {
			hashes := hashesOf(c)
			d.mu.Lock()
			d.hashes = hashes
			d.mu.Unlock()
		}
		changed(c, err)
	})
	return d
}

// definition is one hash of what the agreements say.
func (d *documents) definition(agreements []*agreement.Agreement) string {
	d.mu.Lock()
	hashes := d.hashes
	d.mu.Unlock()
	sum := sha256.New()
	for _, a := range agreements {
		sum.Write([]byte(hashes[a.Key()]))
	}
	return shortHash(sum.Sum(nil))
}

func hashesOf(c *catalog.Catalog) map[string]string {
	hashes := make(map[string]string, len(c.Agreements)+len(c.SLOs))
	for _, a := range c.All() {
		sum := sha256.Sum256([]byte(agreement.Canonical(a)))
		hashes[a.Key()] = shortHash(sum[:])
	}
	return hashes
}

func shortHash(sum []byte) string { return hex.EncodeToString(sum[:8]) }
